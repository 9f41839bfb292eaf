/** wechatpay · order: a payment in the channel's words - address, fields - by scene. */
import { epochMsOf } from '@polyrail/core';
import type { Operation } from './codes.ts';
import { notifyFault, type Settings } from './config.ts';
import { extraFields, identityFields, sceneFields, type WechatPayScene, wrong } from './extra.ts';
import { paymentHandle } from './handle.ts';
import { ordersPath, partyFields, payerFields } from './partner.ts';
import type { PayRequest } from './shape.ts';
import { wireTime } from './time.ts';
import type { Exchange, Veil } from './wire.ts';

type Ordered = Exclude<WechatPayScene, 'agreement'>;

const products: {
  readonly [S in Ordered]: { readonly path: string; readonly operation: Operation };
} = {
  qr: { path: 'native', operation: 'transactions.native' },
  'in-wallet': { path: 'jsapi', operation: 'transactions.jsapi' },
  app: { path: 'app', operation: 'transactions.app' },
  h5: { path: 'h5', operation: 'transactions.h5' },
  barcode: { path: 'codepay', operation: 'transactions.codepay' },
};

/** Quirk: payments by code and deductions have no deadline of their own (A5.2, A11.3). */
export function requireNoDeadline(scene: WechatPayScene, expiresAt: string | undefined): void {
  if (expiresAt !== undefined) throw wrong('expiresAt', `is not taken in scene ${scene}`);
}

/** Where an order is notified: WeChat Pay takes none without an address. */
export function notifyUrlOf(given: string | undefined, settings: Settings): string {
  const url = given ?? settings.notifyUrl;
  if (url === undefined) throw wrong('notifyUrl', 'is required here or in the configuration');
  const fault = notifyFault(url);
  if (fault !== undefined) throw wrong('notifyUrl', fault);
  return url;
}

const timeOf = (instant: string | undefined): string | undefined => {
  const epochMs = instant === undefined ? undefined : epochMsOf(instant);
  return epochMs === undefined ? undefined : wireTime(epochMs);
};

function payerOf(request: PayRequest, settings: Settings, veil: Veil | undefined) {
  if (request.scene === 'barcode') return { auth_code: request.authCode };
  const identity = veil && identityFields(request.extra?.identity, veil.hide);
  if (request.scene === 'in-wallet') return { ...payerFields(request.payerId, settings), identity };
  return identity && { identity };
}

/**
 * A payment as WeChat Pay is asked for it. `veil` hides the payer's identity, where one is given. Pure
 * but for that.
 */
export function toPay(
  request: Exclude<PayRequest, { readonly scene: 'agreement' }>,
  settings: Settings,
  veil?: Veil,
): Exchange {
  const { scene, extra = {}, amount, attachment } = request;
  const { path, operation } = products[scene];
  const byCode = scene === 'barcode';
  if (byCode) requireNoDeadline(scene, request.expiresAt);
  return {
    operation,
    method: 'POST',
    target: `${ordersPath(settings)}/${path}`,
    fields: {
      ...partyFields(settings),
      description: request.description,
      out_trade_no: request.merchantPaymentId,
      time_expire: timeOf(request.expiresAt),
      attach: attachment,
      // Quirk: a payment by code is not notified (A5.2).
      notify_url: byCode ? undefined : notifyUrlOf(request.notifyUrl, settings),
      ...extraFields(extra, scene),
      amount: { total: amount.amount, currency: 'CNY' },
      payer: payerOf(request, settings, veil),
      scene_info: sceneFields(extra, scene, request.payer),
    },
    serial: veil?.serial,
    handle: paymentHandle(scene),
  };
}
