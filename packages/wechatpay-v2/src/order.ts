/** wechatpay-v2 · order: a payment in the channel's words, by scene (B4.1, B4.2, B10). */
import { epochMsOf, type Instant, PolyrailError } from '@polyrail/core';
import { notifyFault, type Settings } from './config.ts';
import {
  extraFields,
  fenText,
  type WechatPayV2PayExtra,
  type WechatPayV2Scene,
  wrong,
} from './extra.ts';
import { paymentHandle } from './handle.ts';
import type { Fields } from './seal.ts';
import type { PayRequest } from './shape.ts';
import { wireTime } from './time.ts';
import { type Exchange, party } from './wire.ts';

const tradeTypes: { readonly [S in Exclude<WechatPayV2Scene, 'barcode' | 'agreement'>]: string } = {
  qr: 'NATIVE',
  'in-wallet': 'JSAPI',
  app: 'APP',
  h5: 'MWEB',
};

/** Where something is notified: WeChat Pay takes no order without an address. */
export function notifyUrlOf(
  given: string | undefined,
  settings: Settings,
  field = 'notifyUrl',
): string {
  const url = given ?? settings.notifyUrl;
  if (url === undefined) throw wrong(field, 'is required here or in the configuration');
  const fault = notifyFault(url);
  if (fault !== undefined) throw wrong(field, fault);
  return url;
}

export function planOf({ papay }: Settings): string {
  if (papay !== undefined) return String(papay.planId);
  throw new PolyrailError('UNSUPPORTED', 'Agreements need config.papay', { field: 'config.papay' });
}

/** The merchant's number of a signing: the moment it began, the same for a repetition. */
export const serialOf = (startedAt: Instant): string => String(epochMsOf(startedAt) ?? 0);

function contractFields(
  signUp: NonNullable<WechatPayV2PayExtra['signUp']>,
  settings: Settings,
  startedAt: Instant,
): Fields {
  return {
    contract_mchid: settings.mchId,
    contract_appid: settings.appId,
    plan_id: planOf(settings),
    contract_code: signUp.merchantAgreementId,
    request_serial: serialOf(startedAt),
    contract_display_account: signUp.displayAccount,
    contract_notify_url: notifyUrlOf(signUp.notifyUrl, settings, 'extra.signUp.notifyUrl'),
  };
}

/** What all payments say. */
function commonFields(request: PayRequest, settings: Settings): Fields {
  const { extra = {}, scene, payer = {} } = request;
  return {
    ...party(settings),
    device_info: payer.deviceId,
    body: request.description,
    attach: request.attachment,
    out_trade_no: request.merchantPaymentId,
    fee_type: 'CNY',
    total_fee: fenText(request.amount),
    spbill_create_ip: payer.ip ?? settings.hostIp,
    ...extraFields(extra, scene),
  };
}

function expiryOf({ expiresAt }: PayRequest): string | undefined {
  const expiry = expiresAt === undefined ? undefined : epochMsOf(expiresAt);
  return expiry === undefined ? undefined : wireTime(expiry);
}

function orderFields(
  request: Exclude<PayRequest, { readonly scene: 'barcode' | 'agreement' }>,
  settings: Settings,
): Fields {
  const { scene, extra = {} } = request;
  if (scene === 'h5' && request.payer?.ip === undefined) {
    throw wrong('payer.ip', 'is required in scene h5');
  }
  if (scene === 'h5' && extra.sceneInfo === undefined) {
    throw wrong('extra.sceneInfo', 'is required in scene h5: JSON of the page, as documented');
  }
  return {
    time_expire: expiryOf(request),
    notify_url: notifyUrlOf(request.notifyUrl, settings),
    trade_type: tradeTypes[scene],
    product_id: scene === 'qr' ? (extra.productId ?? request.merchantPaymentId) : undefined,
    openid: scene === 'in-wallet' ? request.payerId : undefined,
    scene_info: extra.sceneInfo,
  };
}

/** Pure: a payment as WeChat Pay is asked for it; `contract` is its number of the agreement. */
export function toPay(
  request: PayRequest,
  settings: Settings,
  { startedAt, contract }: { readonly startedAt: Instant; readonly contract?: string | undefined },
): Exchange {
  const common = commonFields(request, settings);
  const handle = paymentHandle(request.scene);
  switch (request.scene) {
    case 'barcode':
      // Quirk: a payment by code has no notification of its own (B4.2).
      return {
        operation: 'micropay',
        fields: {
          ...common,
          auth_code: request.authCode,
          time_expire: expiryOf(request),
          scene_info: request.extra?.sceneInfo,
        },
        handle,
      };
    case 'agreement':
      if (request.expiresAt !== undefined) {
        throw wrong('expiresAt', 'is not taken in scene agreement: a deduction has no deadline');
      }
      return {
        operation: 'papay.apply',
        fields: {
          ...common,
          notify_url: notifyUrlOf(request.notifyUrl, settings),
          trade_type: 'PAP',
          contract_id: contract,
        },
        handle,
      };
    default: {
      const { signUp } = request.extra ?? {};
      const fields = { ...common, ...orderFields(request, settings) };
      if (signUp === undefined) return { operation: 'unifiedorder', fields, handle };
      const signing = contractFields(signUp, settings, startedAt);
      return { operation: 'papay.contractorder', fields: { ...fields, ...signing }, handle };
    }
  }
}
