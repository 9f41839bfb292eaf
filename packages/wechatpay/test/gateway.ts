/** Test aid: WeChat Pay's side in a few lines - checks requests, signs what a test lets it answer. */
import {
  createCipheriv,
  createSign,
  createVerify,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { makeCertificate } from '@polyrail/contest';
import {
  type Clock,
  type Context,
  type Incoming,
  PolyrailError,
  secret,
  type Transport,
  type TransportRequest,
} from '@polyrail/core';
import {
  createWechatPay,
  type WechatPayAgreementChannel,
  type WechatPayChannel,
  type WechatPayCodeChannel,
  type WechatPayCodeScoreChannel,
  type WechatPayConfig,
  type WechatPayScoreChannel,
} from '../src/index.ts';

export const now = '2026-11-22T02:49:24.000Z';
export const nowMs = Date.parse(now);
export const clock: Clock = { now: () => nowMs, schedule: () => () => {} };

const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
export const merchant = pair();
export const platform = pair();
export const successor = pair();
export const stranger = pair();
export const mchId = '1900007291';
export const appId = 'wxd678efh567hg6787';
export const merchantSerial = '408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB';
export const apiV3Key = '0123456789abcdef0123456789abcdef';
export const publicKeyId = 'PUB_KEY_ID_0114232134912410000000000000';

export const pem = (key: KeyObject): string =>
  key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }) as string;

export const serials = {
  first: '5157F09EFDC096DE15EBE81A47057A7232F1B8E1',
  second: '6A79D4EC075AD126ED5D20E925507117F5F0C8FA',
} as const;
const dayMs = 86_400_000;
export const certificate = (serial: string, key: KeyObject, days = [-1, 1]): string =>
  makeCertificate({
    subject: 'Tenpay.com sign',
    issuer: 'Tenpay.com Root CA',
    publicKey: key,
    issuerKey: stranger.privateKey,
    serial: BigInt(`0x${serial}`),
    notBefore: nowMs + (days[0] ?? 0) * dayMs,
    notAfter: nowMs + (days[1] ?? 0) * dayMs,
  });

export const base = {
  mchId,
  appId,
  merchantKey: secret(pem(merchant.privateKey)),
  merchantSerial,
  apiV3Key: secret(apiV3Key),
  notifyUrl: 'https://shop.example/wechatpay',
} as const satisfies WechatPayConfig;
export const keyConfig = {
  ...base,
  publicKey: { id: publicKeyId, key: pem(platform.publicKey) },
} as const satisfies WechatPayConfig;

export interface Heard {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly request: TransportRequest;
}

export interface Told {
  readonly status?: number;
  /** An object is written as JSON. */
  readonly body?: object | string | Uint8Array;
  /** `false`: none, as errors mostly come. */
  readonly signed?: boolean;
  readonly key?: KeyObject;
  readonly serial?: string;
  readonly timestamp?: string;
  /** Headers over the signed ones; `undefined` leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}
type Answer = Told | Error;

export const ok = (body: object | string | Uint8Array, more: Told = {}): Told => ({
  body,
  ...more,
});
export const failure = (status: number, code: string, more: object = {}): Told => ({
  status,
  body: { code, message: 'said the channel', ...more },
  signed: false,
});

export const signText = (text: string | Uint8Array, key = platform.privateKey): string =>
  createSign('sha256').update(text).sign(key, 'base64');

const seconds = (epochMs: number): string => String(Math.floor(epochMs / 1000));

/** The headers of a signed message. */
export function sealOf(body: Uint8Array, { key, serial = publicKeyId, timestamp }: Told = {}) {
  const stamp = timestamp ?? seconds(nowMs);
  const text = Buffer.concat([Buffer.from(`${stamp}\nn0nce\n`), body, Buffer.from('\n')]);
  return {
    'wechatpay-timestamp': stamp,
    'wechatpay-nonce': 'n0nce',
    'wechatpay-serial': serial,
    'wechatpay-signature': signText(text, key),
    'wechatpay-signature-type': 'WECHATPAY2-SHA256-RSA2048',
  };
}

/** Verifies a request from its raw parts, as the dossier puts the text together (A2). */
export function isSigned(request: TransportRequest): boolean {
  const { authorization = '' } = request.headers;
  const part = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(authorization)?.[1] ?? '';
  const target = request.url.replace(/^https?:\/\/[^/]+/, '');
  const lines = [request.method, target, part('timestamp'), part('nonce_str'), request.body ?? ''];
  const text = lines.map((line) => `${line}\n`).join('');
  return (
    authorization.startsWith('WECHATPAY2-SHA256-RSA2048 ') &&
    part('mchid') === mchId &&
    part('serial_no') === merchantSerial &&
    createVerify('sha256').update(text).verify(merchant.publicKey, part('signature'), 'base64')
  );
}

function hear(request: TransportRequest): Heard {
  if (!isSigned(request)) throw new Error(`The gateway cannot verify ${request.url}`);
  const target = request.url.replace(/^https?:\/\/[^/]+/, '');
  const fields = request.body === undefined ? {} : JSON.parse(String(request.body));
  return { method: request.method, target, fields, request };
}

function replyTo(told: Told) {
  const { status = 200, body = '', signed = true, headers = {} } = told;
  const bytes =
    body instanceof Uint8Array
      ? body
      : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const all = { ...(signed ? sealOf(bytes, told) : {}), ...headers };
  const present = Object.entries(all).filter(([, value]) => value !== undefined);
  return {
    status,
    headers: Object.fromEntries(present) as Record<string, string>,
    body: (async function* () {
      if (bytes.byteLength > 0) yield bytes;
    })(),
  };
}

type ChannelFor<C> = C extends { codepay: true; payScore: object }
  ? WechatPayCodeScoreChannel
  : C extends { payScore: object }
    ? WechatPayScoreChannel
    : C extends { codepay: true }
      ? WechatPayCodeChannel
      : C extends { papay: object }
        ? WechatPayAgreementChannel
        : WechatPayChannel;

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
      return replyTo(given);
    },
  };
  const channel = <C extends WechatPayConfig = typeof keyConfig>(
    config: C = keyConfig as never,
    context: Context = {},
  ) => createWechatPay(config, { transport, clock, ...context }) as unknown as ChannelFor<C>;
  const targets = () => heard.map(({ method, target }) => `${method} ${target}`);
  return { transport, heard, channel, targets };
}

/** AES-256-GCM with the tag behind the ciphertext, written here by the dossier's words (A4.3). */
export function sealResource(plain: string, kind: string, nonce = 'pJzPEVj3TKtN', key = apiV3Key) {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(kind));
  const parts = [cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return {
    original_type: kind,
    algorithm: 'AEAD_AES_256_GCM',
    ciphertext: Buffer.concat(parts).toString('base64'),
    associated_data: kind,
    nonce,
  };
}

/** The list of platform certificates, as it is downloaded. */
export const certificateList = (
  entries: readonly (readonly [serial: string, pem: string])[],
  key = apiV3Key,
) => ({
  data: entries.map(([serial, text]) => ({
    serial_no: serial,
    effective_time: '2018-06-08T10:34:56+08:00',
    expire_time: '2018-12-08T10:34:56+08:00',
    encrypt_certificate: sealResource(text, 'certificate', '61f9c719728a', key),
  })),
});

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
export const transaction = {
  appid: appId,
  mchid: mchId,
  out_trade_no: 'order_1',
  transaction_id: '4200001234202611220000000001',
  trade_type: 'NATIVE',
  trade_state: 'SUCCESS',
  trade_state_desc: '支付成功',
  bank_type: 'OTHERS',
  success_time: '2026-11-22T10:49:23+08:00',
  payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
  amount: { total: 900, payer_total: 800, currency: 'CNY', payer_currency: 'CNY' },
} as const;

/** What an async call throws, or a failure of the test. */
export async function thrown(work: Promise<unknown> | (() => unknown)): Promise<PolyrailError> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    return error as PolyrailError;
  }
  throw new Error('Nothing was thrown');
}

export interface PushOptions extends Told {
  readonly event?: string;
  readonly kind?: string;
  readonly nonce?: string;
  readonly resourceKey?: string;
  /** Applied to the resource after it was encrypted. */
  readonly tamper?: (resource: Record<string, string>) => object;
}

/** A notification as WeChat Pay pushes it. */
export function push(plain: object, options: PushOptions = {}): Incoming {
  const { event = 'TRANSACTION.SUCCESS', kind = 'transaction', nonce, resourceKey } = options;
  const resource = sealResource(JSON.stringify(plain), kind, nonce, resourceKey);
  const body = Buffer.from(
    JSON.stringify({
      id: '7f8fcdb2-573a-547a-901e-4c34f9761293',
      create_time: '2026-11-22T10:49:24+08:00',
      resource_type: 'encrypt-resource',
      event_type: event,
      summary: '支付成功',
      resource: options.tamper?.(resource) ?? resource,
    }),
  );
  return { headers: { ...sealOf(body, options), ...options.headers }, body };
}
