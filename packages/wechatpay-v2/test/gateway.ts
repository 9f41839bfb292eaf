/**
 * Test aid: WeChat Pay's side of v2 in a few lines - checks requests, signs what a test lets it
 * answer.
 */
import { createCipheriv, createHash } from 'node:crypto';
import {
  type Clock,
  type Context,
  type Incoming,
  PolyrailError,
  secret,
  type Transport,
  type TransportRequest,
} from '@polyrail/core';
import { XMLParser } from 'fast-xml-parser';
import {
  apiKey,
  appId,
  type Fields,
  mchId,
  type SignType,
  signOf,
  xmlOf,
} from '../attack/forging.ts';
import {
  createWechatPayV2,
  createWechatPayV2Payouts,
  type WechatPayV2Config,
} from '../src/index.ts';

export const now = '2026-11-22T02:49:24.000Z';
export const nowMs = Date.parse(now);
export const clock: Clock = { now: () => nowMs, schedule: () => () => {} };

// What each side can sign and write, by the dossier's words (B2) and not the adapter's.
export { apiKey, appId, type Fields, mchId, type SignType, signOf, xmlOf };

export const base = {
  mchId,
  appId,
  apiKey: secret(apiKey),
  notifyUrl: 'https://shop.example/wechatpay',
  baseUrl: 'https://pay.example',
} as const satisfies WechatPayV2Config;
/** The transport of a test shows no certificate: only that one is configured counts. */
export const certified = {
  ...base,
  clientCertificate: { pfx: secret('a file'), passphrase: secret('its passphrase') },
} as const;
export const full = { ...certified, papay: { planId: 12_535 } } as const;

export interface Heard {
  readonly path: string;
  readonly fields: Fields;
  readonly request: TransportRequest;
}

export interface Told {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Fields are written as XML, and signed unless told otherwise. */
  readonly fields?: Fields;
  readonly body?: string | Uint8Array;
  readonly signed?: boolean;
  readonly signType?: SignType;
  readonly key?: string;
}
type Answer = Told | Error;

const head = { return_code: 'SUCCESS', return_msg: 'OK' } as const;
const party = { appid: appId, mch_id: mchId, nonce_str: 'xp3w6bYHu2VfFu2N' } as const;
export const ok = (fields: Fields = {}, more: Told = {}): Told => ({
  fields: { ...head, ...party, result_code: 'SUCCESS', ...fields },
  ...more,
});
export const failure = (code: string, words = 'said the channel', fields: Fields = {}): Told => ({
  fields: {
    ...head,
    ...party,
    result_code: 'FAIL',
    err_code: code,
    err_code_des: words,
    ...fields,
  },
});
/** What fails before the business: never signed. */
export const rejection = (words: string): Told => ({
  fields: { return_code: 'FAIL', return_msg: words },
  signed: false,
});

const parser = new XMLParser({ parseTagValue: false, trimValues: false });
const unsignedPaths = /^\/(?:mmpaymkttransfers|pay\/download)/;
const md5Paths = /^\/(?:mmpaymkttransfers|papay)\//;

function hear(request: TransportRequest): Heard {
  const { xml } = parser.parse(String(request.body)) as { xml: Fields };
  const path = request.url.replace(/^https?:\/\/[^/]+/, '');
  const signType = (xml['sign_type'] ?? 'MD5') as SignType;
  if (xml['sign'] !== signOf(xml, signType)) throw new Error(`The gateway cannot verify ${path}`);
  if (md5Paths.test(path) && signType !== 'MD5') throw new Error(`${path} knows MD5 only`);
  return { path, fields: xml, request };
}

function bytesOf(told: Told, heard: Heard): Uint8Array {
  const { fields, body = '', signed = !unsignedPaths.test(heard.path), key } = told;
  if (fields === undefined) return typeof body === 'string' ? Buffer.from(body) : body;
  const signType = told.signType ?? ((heard.fields['sign_type'] ?? 'MD5') as SignType);
  const sign = signed ? { sign: signOf(fields, signType, key) } : {};
  return Buffer.from(xmlOf({ ...fields, ...sign }));
}

/** Answers each request with what `answer` gives for it. */
export function gateway(answer: (heard: Heard, count: number) => Answer) {
  const heard: Heard[] = [];
  const transport: Transport = {
    async exchange(request, options) {
      const entry = hear(request);
      heard.push(entry);
      const given = answer(entry, heard.length);
      if (given instanceof PolyrailError && given.code === 'NOT_SENT') throw given;
      options?.onFirstByte?.();
      if (given instanceof Error) throw given;
      const bytes = bytesOf(given, entry);
      return {
        status: given.status ?? 200,
        headers: { 'content-type': 'text/plain', ...given.headers },
        body: (async function* () {
          yield bytes;
        })(),
      };
    },
  };
  const channel = <C extends WechatPayV2Config = typeof full>(
    config: C = full as never,
    context: Context = {},
  ) => createWechatPayV2(config as unknown as typeof full, { transport, clock, ...context });
  const paths = () => heard.map(({ path }) => path);
  const payouts = () => createWechatPayV2Payouts(certified, { transport, clock });
  return { transport, heard, channel, payouts, paths };
}

export const cny = (amount: number) => ({ amount, currency: 'CNY' });
export const order = {
  merchantPaymentId: 'order_1',
  amount: cny(900),
  description: 'A cup of tea 茶',
} as const;
export const payment = {
  noun: 'payment',
  merchantId: 'order_1',
  amount: cny(900),
  startedAt: now,
} as const;
export const paid = {
  openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  is_subscribe: 'N',
  trade_type: 'NATIVE',
  bank_type: 'OTHERS',
  total_fee: '900',
  fee_type: 'CNY',
  cash_fee: '800',
  transaction_id: '4200001234202611220000000001',
  out_trade_no: 'order_1',
  attach: '',
  time_end: '20261122104923',
} as const;
export const state = (name: string, fields: Fields = {}): Told =>
  ok({ ...paid, trade_state: name, trade_state_desc: 'said the channel', ...fields });

/** What an async call throws, or a failure of the test. */
export async function thrown(work: Promise<unknown> | (() => unknown)): Promise<PolyrailError> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    return error as PolyrailError;
  }
  throw new Error('Nothing was thrown');
}

export const silence = () => new PolyrailError('UNAVAILABLE', 'silence', { doubt: 'no-reply' });

export const incoming = (body: string | Uint8Array): Incoming => ({
  headers: { 'content-type': 'text/xml' },
  body: Buffer.from(body),
});

/** A notification of a payment as WeChat Pay pushes it; `more` after the sign was made. */
export function push(fields: Fields = {}, signType: SignType = 'HMAC-SHA256', more: Fields = {}) {
  const whole = { ...head, ...party, result_code: 'SUCCESS', ...paid, ...fields };
  return incoming(xmlOf({ ...whole, sign: signOf(whole, signType), ...more }));
}

/** AES-256-ECB under the digest of the API key, by the dossier's words (B8). */
export function sealRefund(plain: string, key = apiKey): string {
  const digest = createHash('md5').update(key).digest('hex');
  const cipher = createCipheriv('aes-256-ecb', digest, null);
  return Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]).toString('base64');
}
