/** Test aid: WeChat Pay's API written by hand, so that the simulator is held against no SDK. */
import {
  createDecipheriv,
  createSign,
  createVerify,
  randomBytes,
  X509Certificate,
} from 'node:crypto';
import {
  startWechatPay,
  type WechatPayCredentials,
  type WechatPaySite,
  type WechatPayStartOptions,
} from '../src/index.ts';

export type Fields = Readonly<Record<string, string>>;
// biome-ignore lint/suspicious/noExplicitAny: members differ per operation
export type Json = Record<string, any>;

export const startsAt = Date.parse('2026-11-24T07:08:09.000Z');

/** A simulator in this process whose clock stands still. */
export const start = (options: WechatPayStartOptions = {}): Promise<WechatPaySite> =>
  startWechatPay({
    mount: 'in-process',
    shareKeys: true,
    seed: 7,
    startAt: startsAt,
    frozen: true,
    ...options,
  });

export interface Answer {
  readonly status: number;
  readonly headers: Fields;
  readonly bytes: Buffer;
  readonly text: string;
  readonly json: Json;
}

export interface Sent {
  readonly method?: string;
  /** Path and query. */
  readonly target: string;
  readonly headers?: Fields;
  readonly body?: string | Uint8Array;
}

/** One exchange without any signature of its own. */
export async function send(
  site: WechatPaySite,
  { method, target, headers, body }: Sent,
): Promise<Answer> {
  const reply = await site.transport.exchange({
    method: (method ?? (body === undefined ? 'GET' : 'POST')) as 'GET',
    url: `${site.url}${target}`,
    headers: { accept: 'application/json', 'user-agent': 'test', ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const text = bytes.toString('utf8');
  const json = text.startsWith('{') ? JSON.parse(text) : {};
  return { status: reply.status, headers: reply.headers, bytes, text, json };
}

export interface Signing {
  readonly credentials?: WechatPayCredentials;
  /** Seconds. */
  readonly timestamp?: number;
  readonly nonce?: string;
  readonly serial?: string;
  readonly mchid?: string;
  /** Signed instead of what is sent. */
  readonly signedBody?: string;
  readonly signedTarget?: string;
}

/** The `Authorization` header of a request. */
export function authorization(site: WechatPaySite, sent: Sent, signing: Signing = {}): string {
  const { credentials = site.credentials } = signing;
  const { mchid = credentials.mchId, serial = credentials.merchantCertSerial } = signing;
  const timestamp = signing.timestamp ?? Math.floor(site.clock.now() / 1000);
  const nonce = signing.nonce ?? randomBytes(16).toString('hex');
  const method = sent.method ?? (sent.body === undefined ? 'GET' : 'POST');
  const body = signing.signedBody ?? Buffer.from(sent.body ?? '').toString('utf8');
  const text = `${method}\n${signing.signedTarget ?? sent.target}\n${timestamp}\n${nonce}\n${body}\n`;
  const signature = createSign('RSA-SHA256')
    .update(text)
    .sign(credentials.merchantPrivateKey, 'base64');
  return (
    `WECHATPAY2-SHA256-RSA2048 mchid="${mchid}",nonce_str="${nonce}",signature="${signature}",` +
    `timestamp="${timestamp}",serial_no="${serial}"`
  );
}

export const signedSend = (
  site: WechatPaySite,
  sent: Sent,
  signing: Signing = {},
): Promise<Answer> =>
  send(site, {
    ...sent,
    headers: {
      ...(sent.body === undefined ? {} : { 'content-type': 'application/json' }),
      authorization: authorization(site, sent, signing),
      ...sent.headers,
    },
  });

/** Whether five headers seal `body`, by the key the serial names. */
export function verifies(
  headers: Fields,
  body: string | Uint8Array,
  credentials: WechatPayCredentials,
): boolean {
  const keys: Fields = {
    [credentials.platformCertSerial]: credentials.platformCert,
    [credentials.platformPublicKeyId]: credentials.platformPublicKey,
  };
  const key = keys[headers['wechatpay-serial'] ?? ''];
  if (key === undefined) return false;
  if (headers['wechatpay-signature-type'] !== 'WECHATPAY2-SHA256-RSA2048') return false;
  const text = `${headers['wechatpay-timestamp']}\n${headers['wechatpay-nonce']}\n${Buffer.from(body).toString('utf8')}\n`;
  return createVerify('RSA-SHA256')
    .update(text)
    .verify(key, headers['wechatpay-signature'] ?? '', 'base64');
}

export interface CallOptions {
  readonly credentials?: WechatPayCredentials;
  readonly headers?: Fields;
}

/** One v3 call; the answer's signature is checked where it is a 2xx. */
export async function call(
  site: WechatPaySite,
  what: string,
  body?: unknown,
  { credentials = site.credentials, headers = {} }: CallOptions = {},
): Promise<Answer> {
  const [method = 'GET', target = '/'] = what.split(' ');
  const sent = {
    method,
    target,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  const answer = await signedSend(site, sent, { credentials });
  if (answer.status < 300 && !verifies(answer.headers, answer.bytes, credentials)) {
    throw new Error(`unverified: ${answer.status} ${answer.text}`);
  }
  return answer;
}

export const notifyUrl = 'https://shop.example/notify';

/** Terms of an order. */
export const terms = (
  { appId, mchId }: WechatPayCredentials,
  outTradeNo: string,
  more: object = {},
): Json => ({
  appid: appId,
  mchid: mchId,
  description: '测试 goods/1',
  out_trade_no: outTradeNo,
  notify_url: notifyUrl,
  amount: { total: 100, currency: 'CNY' },
  ...more,
});

export const native = (site: WechatPaySite, outTradeNo: string, more: object = {}) =>
  call(site, 'POST /v3/pay/transactions/native', terms(site.credentials, outTradeNo, more));

/** A native order that its payer has paid. */
export async function paid(site: WechatPaySite, outTradeNo: string, total = 100): Promise<Answer> {
  const made = await native(site, outTradeNo, { amount: { total, currency: 'CNY' } });
  await site.payer.approve(outTradeNo);
  return made;
}

export const query = (site: WechatPaySite, outTradeNo: string) =>
  call(site, `GET /v3/pay/transactions/out-trade-no/${outTradeNo}?mchid=${site.credentials.mchId}`);

export const refund = (
  site: WechatPaySite,
  outTradeNo: string,
  outRefundNo: string,
  more: Json = {},
) => {
  const { refund: wanted = 30, total = 100, ...rest } = more;
  return call(site, 'POST /v3/refund/domestic/refunds', {
    out_trade_no: outTradeNo,
    out_refund_no: outRefundNo,
    notify_url: notifyUrl,
    amount: { refund: wanted, total, currency: 'CNY' },
    ...rest,
  });
};

/** Opens what a callback or a certificate list holds. */
export function gcmOpen(resource: Json, key: string): string {
  const { ciphertext, nonce, associated_data: aad = '' } = resource;
  const bytes = Buffer.from(ciphertext, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  decipher.setAAD(Buffer.from(aad));
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString(
    'utf8',
  );
}

export interface Told {
  readonly headers: Fields;
  readonly text: string;
  readonly envelope: Json;
  readonly news: Json;
  readonly at: number;
}

/** Collects v3 callbacks; `answers` decides what the merchant says. */
export function collect(
  site: WechatPaySite,
  answers: () => number = () => 204,
  credentials = site.credentials,
): Told[] {
  const told: Told[] = [];
  site.listen(async ({ headers, body }) => {
    const text = Buffer.from(body).toString('utf8');
    const envelope = text.startsWith('{') ? JSON.parse(text) : {};
    let news = {};
    try {
      news = JSON.parse(gcmOpen(envelope.resource, credentials.apiV3Key));
    } catch {
      // A forger has the key of v3 as well here; what cannot be opened stays empty.
    }
    const plain = headers as Fields;
    told.push({ headers: plain, text, envelope, news, at: site.clock.now() });
    return { status: answers(), headers: {}, body: new Uint8Array() };
  });
  return told;
}

export const serialOf = (pem: string): string => new X509Certificate(pem).serialNumber;
