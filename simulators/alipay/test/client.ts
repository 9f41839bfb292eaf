/** alipay simulator · client: a merchant's side written for these tests alone, from the dossier. */
import { createSign, createVerify } from 'node:crypto';
import {
  type AlipayCredentials,
  type AlipaySite,
  type AlipayStartOptions,
  startAlipay,
} from '../src/index.ts';

export type Fields = Record<string, string>;
/** Parsed loosely: tests look at what they expect. */
// biome-ignore lint/suspicious/noExplicitAny: members differ per method
export type Node = Record<string, any>;

export const startsAt = Date.parse('2026-11-24T07:08:09.000Z');

/** A simulator in this process whose clock stands still. */
export const start = (options: AlipayStartOptions = {}): Promise<AlipaySite> =>
  startAlipay({
    mount: 'in-process',
    shareKeys: true,
    seed: 7,
    startAt: startsAt,
    frozen: true,
    ...options,
  });

const digests: Fields = { RSA2: 'RSA-SHA256', RSA: 'RSA-SHA1' };

export function canonical(fields: Fields, without: readonly string[]): string {
  const names = Object.keys(fields).filter(
    (name) => !without.includes(name) && fields[name] !== '',
  );
  return names
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&');
}

export function signed(fields: Fields, privateKey: string, bytesOf = Buffer.from): Fields {
  const text = bytesOf(canonical(fields, ['sign']) as never);
  const digest = digests[fields['sign_type'] ?? ''] ?? 'RSA-SHA256';
  return { ...fields, sign: createSign(digest).update(text).sign(privateKey, 'base64') };
}

export const common = (method: string, credentials: AlipayCredentials, biz: unknown): Fields => ({
  app_id: credentials.appId,
  method,
  format: 'JSON',
  charset: 'utf-8',
  sign_type: 'RSA2',
  timestamp: '2026-11-24 15:08:09',
  version: '1.0',
  biz_content: typeof biz === 'string' ? biz : JSON.stringify(biz),
});

export const form = (fields: Fields): string => new URLSearchParams(fields).toString();

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  readonly text: string;
}

export async function send(
  site: AlipaySite,
  request: {
    url?: string;
    method?: 'GET' | 'POST';
    body?: string | Uint8Array;
    headers?: Fields;
  },
): Promise<Answer> {
  const { url = '/gateway.do', method = 'POST', body, headers = {} } = request;
  const reply = await site.transport.exchange({
    method,
    url: url.startsWith('http') ? url : `${site.url}${url}`,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return { status: reply.status, headers: reply.headers, bytes, text: bytes.toString('utf8') };
}

/** The raw text of the first top-level member: what the signature is about. */
export function rawNode(text: string): string {
  const from = text.indexOf(':') + 1;
  const rest = text.slice(from);
  const end = rest.search(/(,"alipay_cert_sn":"[0-9a-f]{32}")?(,"sign":"[^"]*")?\}$/);
  return rest.slice(0, end);
}

export function verifiedBy(text: string, publicKey: string, digest = 'RSA-SHA256'): boolean {
  const sign = /"sign":"([^"]+)"\}$/.exec(text)?.[1] ?? '';
  return createVerify(digest).update(rawNode(text)).verify(publicKey, sign, 'base64');
}

export interface CallOptions {
  readonly credentials?: AlipayCredentials;
  readonly extra?: Fields;
}

/** One call in key mode; checks the answer's signature and returns its node. */
export async function call(
  site: AlipaySite,
  method: string,
  biz: unknown,
  { credentials = site.credentials, extra = {} }: CallOptions = {},
): Promise<Node> {
  const fields = { ...common(`alipay.${method}`, credentials, biz), ...extra };
  const answer = await send(site, { body: form(signed(fields, credentials.merchantPrivateKey)) });
  if (!verifiedBy(answer.text, credentials.platformPublicKey)) {
    throw new Error(`unverified: ${answer.text}`);
  }
  return JSON.parse(rawNode(answer.text));
}

let codes = 0;
export const barcode = (): string => `28${String(++codes).padStart(16, '0')}`;

/** Terms of a payment. */
export const terms = (outTradeNo: string, total = '1.00', more: object = {}): Fields => ({
  out_trade_no: outTradeNo,
  total_amount: total,
  subject: '测试 goods',
  ...(more as Fields),
});

/** A barcode payment. */
export const pay = (site: AlipaySite, id: string, total = '1.00', options: CallOptions = {}) =>
  call(
    site,
    'trade.pay',
    { ...terms(id, total), scene: 'bar_code', auth_code: barcode() },
    options,
  );

export interface Told {
  readonly fields: Fields;
  readonly at: number;
  readonly raw: string;
}

/** Collects notifications; `answers` decides what the merchant says. */
export function collect(site: AlipaySite, answers: () => string = () => 'success'): Told[] {
  const told: Told[] = [];
  site.listen(async ({ body }) => {
    const raw = Buffer.from(body).toString('latin1');
    const fields = Object.fromEntries(new URLSearchParams(Buffer.from(body).toString('utf8')));
    told.push({ fields, at: site.clock.now(), raw });
    return { status: 200, headers: {}, body: Buffer.from(answers()) };
  });
  return told;
}

export const notificationVerifies = (fields: Fields, publicKey: string): boolean =>
  createVerify(digests[fields['sign_type'] ?? ''] ?? 'RSA-SHA256')
    .update(canonical(fields, ['sign', 'sign_type']))
    .verify(publicKey, fields['sign'] ?? '', 'base64');
