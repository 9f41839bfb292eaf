/** alipay simulator · v3 client: a merchant's side of the REST protocol, for these tests alone. */
import { createCipheriv, createDecipheriv, createSign, createVerify } from 'node:crypto';
import type { AlipaySite } from '../src/index.ts';
import { type Answer, type Node, startsAt } from './client.ts';

type Headers = Record<string, string>;

export interface V3Parts {
  readonly verb?: string;
  /** Path and query as they go on the wire. */
  readonly target: string;
  readonly body?: string;
  /** The pairs before `,sign=`, in this order. */
  readonly pairs?: readonly (readonly [string, string])[];
  readonly headers?: Headers;
  readonly privateKey?: string;
  /** What is signed instead of the body. */
  readonly signedBody?: string;
  /** Sent beside the others, the token among them without being signed. */
  readonly unsigned?: Headers;
  /** What becomes of the header once it is made. */
  readonly alter?: (authorization: string) => string;
}

export const usualPairs = (site: AlipaySite): [string, string][] => [
  ['app_id', site.credentials.appId],
  ['nonce', 'c9a2f7be-30d6-4ad5-a4ec-2e7f6b5a4f11'],
  ['timestamp', String(startsAt)],
];

/** Signs and sends one request; what a test does not say is as it should be. */
export async function sendV3(site: AlipaySite, parts: V3Parts): Promise<Answer> {
  const { verb = 'POST', target, body = '', headers = {} } = parts;
  const pairs = parts.pairs ?? usualPairs(site);
  const auth = pairs.map(([name, value]) => `${name}=${value}`).join(',');
  const token = headers['alipay-app-auth-token'];
  const lines = [auth, verb, target, parts.signedBody ?? body, ...(token ? [token] : [])];
  const text = lines.map((line) => `${line}\n`).join('');
  const key = parts.privateKey ?? site.credentials.merchantPrivateKey;
  const sign = createSign('RSA-SHA256').update(text).sign(key, 'base64');
  const made = `ALIPAY-SHA256withRSA ${auth},sign=${sign}`;
  const authorization = parts.alter === undefined ? made : parts.alter(made);
  const reply = await site.transport.exchange({
    method: verb as 'POST',
    url: `${site.url}${target}`,
    headers: {
      ...(body === '' ? {} : { 'content-type': 'application/json' }),
      ...(authorization === '' ? {} : { authorization }),
      ...headers,
      ...parts.unsigned,
    },
    ...(body === '' ? {} : { body }),
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return { status: reply.status, headers: reply.headers, bytes, text: bytes.toString('utf8') };
}

export function v3Verifies({ headers, text }: Answer, publicKey: string): boolean {
  const signed = `${headers['alipay-timestamp']}\n${headers['alipay-nonce']}\n${text}\n`;
  const sign = headers['alipay-signature'] ?? '';
  return createVerify('RSA-SHA256').update(signed).verify(publicKey, sign, 'base64');
}

/** One POST in key mode: verified, parsed, with its status. */
export async function callV3(
  site: AlipaySite,
  path: string,
  biz: unknown,
  headers: Headers = {},
): Promise<Node & { status: number }> {
  const body = JSON.stringify(biz);
  const answer = await sendV3(site, { target: `/v3/alipay/${path}`, body, headers });
  if (!v3Verifies(answer, site.credentials.platformPublicKey)) {
    throw new Error(`unverified: ${answer.status} ${answer.text}`);
  }
  return { ...JSON.parse(answer.text), status: answer.status };
}

const iv = Buffer.alloc(16);

export function aesEncrypt(key: string, text: string): string {
  const cipher = createCipheriv('aes-128-cbc', Buffer.from(key, 'base64'), iv);
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]).toString('base64');
}

export function aesDecrypt(key: string, text: string): string {
  const decipher = createDecipheriv('aes-128-cbc', Buffer.from(key, 'base64'), iv);
  return Buffer.concat([decipher.update(text, 'base64'), decipher.final()]).toString('utf8');
}
