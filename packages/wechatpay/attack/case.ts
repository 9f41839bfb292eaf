/** attack · case: what an attack consists of, and the honest messages that lies are made from. */
import type { Attack, Site, Told } from '@polyrail/contest';
import {
  apiV3Key,
  appId,
  type CipherOptions,
  encrypted,
  type Message,
  mchId,
  platform,
  type Resource,
  type SealOptions,
  sealed,
  subMchId,
} from './forging.ts';

/** What a contestant is put before. */
export interface Presented {
  /** What the merchant does: hears of something, or asks. */
  readonly does: 'receive' | 'query' | 'close' | 'statement';
  readonly messages?: readonly Message[];
  readonly site: Site;
  /** Whether the platform's certificate was there before, or is downloaded. */
  readonly certificates: 'known' | 'downloaded';
  /** Acting for another merchant. */
  readonly provider?: true;
}

export type Case = Attack<Presented>;

export const peers = 'peers.md §1c';
export const wanted = (number: number): string => `peers.md §2.${number}`;
export const dossier = (place: string): string => `dossier ${place}`;

export const orderId = 'order_1';
export const otherId = 'order_2';
export const minuteMs = 60_000;

export const transaction = {
  appid: appId,
  mchid: mchId,
  out_trade_no: orderId,
  transaction_id: '4200001234202611220000000001',
  trade_type: 'NATIVE',
  trade_state: 'SUCCESS',
  trade_state_desc: '支付成功',
  bank_type: 'OTHERS',
  success_time: '2026-11-22T10:49:23+08:00',
  payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
  amount: { total: 100, payer_total: 100, currency: 'CNY', payer_currency: 'CNY' },
} as const;
const { appid: _appid, mchid: _mchid, ...terms } = transaction;
export const partnered = { sp_appid: appId, sp_mchid: mchId, sub_mchid: subMchId, ...terms };
export const plain = JSON.stringify(transaction);

export const envelope = (resource: object, event = 'TRANSACTION.SUCCESS'): string =>
  JSON.stringify({
    id: '7f8fcdb2-573a-547a-901e-4c34f9761293',
    create_time: '2026-11-22T10:49:24+08:00',
    resource_type: 'encrypt-resource',
    event_type: event,
    summary: '支付成功',
    resource,
  });

export const listOf = (
  entries: readonly (readonly [serial: string, resource: Resource])[],
): string =>
  JSON.stringify({
    data: entries.map(([serial_no, encrypt_certificate]) => ({
      serial_no,
      effective_time: '2020-01-01T08:00:00+08:00',
      expire_time: '2045-01-01T08:00:00+08:00',
      encrypt_certificate,
    })),
  });
export const certificate = (text: string, key = apiV3Key) =>
  encrypted(text, { kind: 'certificate', nonce: '61f9c719728a', key });
const genuineList = listOf([[platform.serial, certificate(platform.certificate)]]);

/** A site that gives the genuine list of certificates, and one answer to everything else. */
export function siteAt(nowMs: number, answer?: Told): Site {
  const list = sealed(genuineList, nowMs);
  return (asked) => (asked.includes('/v3/certificates') ? list : answer);
}

export const tampered = (text: string): string => text.replace('"total":100', '"total":900');

export interface PushPlan {
  readonly told?: object;
  readonly resource?: CipherOptions;
  readonly change?: (resource: Resource) => object;
  readonly seal?: SealOptions;
  readonly skewMs?: number;
  readonly after?: (message: Message) => Message;
}

export function pushOf(nowMs: number, plan: PushPlan): Message {
  const resource = encrypted(JSON.stringify(plan.told ?? transaction), plan.resource);
  const text = envelope(plan.change?.(resource) ?? resource);
  const message = sealed(text, nowMs + (plan.skewMs ?? 0), plan.seal);
  return plan.after?.(message) ?? message;
}

export type Notes = Pick<Case, 'id' | 'lie' | 'source'>;

export function pushed(nowMs: number, notes: Notes, plan: PushPlan): Case {
  const common = { does: 'receive', site: siteAt(nowMs), certificates: 'known' } as const;
  return {
    ...notes,
    attack: { ...common, messages: [pushOf(nowMs, plan)] },
    twin: { ...common, messages: [pushOf(nowMs, {})] },
  };
}

/** As WeChat Pay signs wrongly on purpose. */
export const probed = ({ headers, body }: Message): Message => {
  const signature = `WECHATPAY/SIGNTEST/${headers['wechatpay-signature']}`;
  return { headers: { ...headers, 'wechatpay-signature': signature }, body };
};

export const withText =
  (change: (text: string) => string) =>
  ({ headers, body }: Message): Message => ({
    headers,
    body: Buffer.from(change(Buffer.from(body).toString('utf8'))),
  });
