/** Test aid: a gateway of a few lines that signs what a test lets it answer, and checks requests. */
import { createSign, createVerify, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { makeCertificate } from '@polyrail/contest';
import {
  type Clock,
  type Incoming,
  PolyrailError,
  secret,
  type Transport,
  type TransportRequest,
} from '@polyrail/core';
import { type AlipayConfig, createAlipay } from '../src/index.ts';

export const now = '2026-11-22T02:49:24.000Z';
export const nowMs = Date.parse(now);
export const clock: Clock = { now: () => nowMs, schedule: () => () => {} };

const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
export const merchant = pair();
export const platform = pair();
export const stranger = pair();
export const appId = '2021000000000001';
export const sellerId = '2088000000000001';

export const pem = (key: KeyObject): string =>
  key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }) as string;

export const keyConfig: AlipayConfig = {
  appId,
  sellerId,
  merchantKey: secret(pem(merchant.privateKey)),
  platformKey: pem(platform.publicKey),
};

const root = pair();
const dates = { notBefore: nowMs - 86_400_000, notAfter: nowMs + 86_400_000 };
const authority = { issuer: 'Root', issuerKey: root.privateKey, ...dates };
export const certificate = (subject: string, key: KeyObject, overrides: object = {}): string =>
  makeCertificate({ ...authority, subject, publicKey: key, serial: 7n, ...overrides });
export const rootPem = certificate('Root', root.publicKey, { authority: true, serial: 1n });
export const certificates = {
  merchant: certificate('Merchant', merchant.publicKey, { serial: 2n }),
  platform: certificate('Platform', platform.publicKey, { serial: 3n }),
  root: rootPem,
};
export const certificateConfig: AlipayConfig = {
  appId,
  merchantKey: keyConfig.merchantKey,
  certificates,
};

export interface Heard {
  readonly method: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly content: Readonly<Record<string, unknown>>;
  readonly request: TransportRequest;
}

const unescapedSlash = /\//g;
export const signText = (text: string | Uint8Array, key = platform.privateKey, hash = 'sha256') =>
  createSign(hash).update(text).sign(key, 'base64');

/** A reply as the gateway writes it: compact, slashes escaped, the signature last. */
export function replyTo(method: string, node: object, extra: { serial?: string } = {}): string {
  const text = JSON.stringify(node).replaceAll(unescapedSlash, '\\/');
  const serial = extra.serial === undefined ? '' : `,"alipay_cert_sn":"${extra.serial}"`;
  const name = `${method.replaceAll('.', '_')}_response`;
  return `{"${name}":${text}${serial},"sign":"${signText(text)}"}`;
}

export const success = (node: object): object => ({ code: '10000', msg: 'Success', ...node });
export const failure = (subCode: string, code = '40004'): object => ({
  code,
  msg: 'Business Failed',
  sub_code: subCode,
  sub_msg: 'said the channel',
});

function hear(request: TransportRequest): Heard {
  const parameters: Record<string, string> = {};
  const [, query = ''] = request.url.split('?');
  for (const part of [query, String(request.body ?? '')]) {
    for (const [name, value] of new URLSearchParams(part)) {
      if (name in parameters) throw new Error(`${name} was sent twice`);
      parameters[name] = value;
    }
  }
  const { sign = '', ...rest } = parameters;
  const text = Object.entries(rest)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const hash = parameters.sign_type === 'RSA' ? 'sha1' : 'sha256';
  // SM2 signatures are checked by the tests about them.
  const isSigned = () => createVerify(hash).update(text).verify(merchant.publicKey, sign, 'base64');
  if (parameters.sign_type !== 'SM2' && !isSigned()) {
    throw new Error(`The gateway cannot verify ${text}`);
  }
  const isEncrypted = parameters.encrypt_type !== undefined;
  const content = isEncrypted ? {} : JSON.parse(parameters.biz_content ?? '{}');
  return { method: parameters.method ?? '', parameters, content, request };
}

type Answer = object | string | { raw: string | Uint8Array; status?: number } | Error;

/** Answers each request with what `answer` gives for it: a node, which is signed, or raw bytes. */
export function gateway(answer: (heard: Heard) => Answer) {
  const heard: Heard[] = [];
  const downloads: string[] = [];
  const transport: Transport = {
    async exchange(request, options) {
      if (request.method === 'GET') downloads.push(request.url);
      const entry =
        request.method === 'GET'
          ? { method: 'GET', parameters: {}, content: {}, request }
          : hear(request);
      heard.push(entry);
      const given = answer(entry);
      if (given instanceof PolyrailError && given.code === 'NOT_SENT') throw given;
      options?.onFirstByte?.();
      if (given instanceof Error) throw given;
      const told =
        typeof given === 'string'
          ? { raw: given }
          : 'raw' in given
            ? (given as { raw: string | Uint8Array; status?: number })
            : { raw: replyTo(entry.method, given) };
      const bytes = typeof told.raw === 'string' ? Buffer.from(told.raw) : told.raw;
      return {
        status: told.status ?? 200,
        headers: { 'content-type': 'text/html;charset=utf-8' },
        body: (async function* () {
          yield bytes;
        })(),
      };
    },
  };
  const channel = (config: AlipayConfig = keyConfig) => createAlipay(config, { transport, clock });
  return { transport, heard, downloads, channel };
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
export const trade = { out_trade_no: 'order_1', trade_no: '2026112222001400000000000001' };

/** What an async call throws, or a failure of the test. */
export async function thrown(work: Promise<unknown> | (() => unknown)): Promise<PolyrailError> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    return error as PolyrailError;
  }
  throw new Error('Nothing was thrown');
}

export const notificationFields = {
  app_id: appId,
  auth_app_id: appId,
  buyer_id: '2088000000000009',
  charset: 'utf-8',
  gmt_create: '2026-11-22 10:49:00',
  gmt_payment: '2026-11-22 10:49:20',
  notify_id: '2026112200222104920000000000000001',
  notify_time: '2026-11-22 10:49:21',
  notify_type: 'trade_status_sync',
  out_trade_no: 'order_1',
  receipt_amount: '9.00',
  seller_id: sellerId,
  subject: 'A cup of tea 茶 50% & more',
  total_amount: '9.00',
  trade_no: trade.trade_no,
  trade_status: 'TRADE_SUCCESS',
  version: '1.0',
} as const;

export interface PushOptions {
  readonly key?: KeyObject;
  readonly signType?: 'RSA2' | 'RSA';
  readonly hash?: string;
  /** Applied to the body after it was signed. */
  readonly tamper?: (body: string) => string;
  readonly encode?: (text: string) => Uint8Array;
}

const percent = (bytes: Uint8Array): string =>
  [...bytes]
    .map((byte) =>
      /[A-Za-z0-9_.-]/.test(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');

/** A notification as Alipay pushes it. */
export function push(
  changes: Readonly<Record<string, string | undefined>> = {},
  options: PushOptions = {},
): Incoming {
  const { signType = 'RSA2', encode = (text: string) => Buffer.from(text) } = options;
  const fields = Object.entries({ ...notificationFields, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const text = fields
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const hash = options.hash ?? (signType === 'RSA' ? 'sha1' : 'sha256');
  const sign = signText(encode(text), options.key, hash);
  const body = [...fields, ['sign_type', signType], ['sign', sign]]
    .map(([name, value]) => `${percent(encode(name!))}=${percent(encode(value!))}`)
    .join('&');
  return { headers: {}, body: Buffer.from(options.tamper?.(body) ?? body) };
}
