/**
 * attack · forging: what each side of API v2 can sign, hide and say - written by the dossier's words
 * with nothing of the adapter. The same bytes in every run.
 */
import { createCipheriv, createHash, createHmac } from 'node:crypto';

export const mchId = '1900007291';
export const appId = 'wxd678efh567hg6787';
export const apiKey = '0123456789abcdef0123456789ABCDEF';
export const otherApiKey = 'fedcba9876543210fedcba9876543210';

export type Fields = Readonly<Record<string, string>>;
export type SignType = 'MD5' | 'HMAC-SHA256';

/** Every field with a value but `sign`, sorted, the key behind them (B2). */
export function signOf(fields: Fields, signType: SignType = 'HMAC-SHA256', key = apiKey): string {
  const text = Object.keys(fields)
    .filter((name) => name !== 'sign' && fields[name] !== '')
    .sort()
    .map((name) => `${name}=${fields[name]}&`)
    .join('')
    .concat(`key=${key}`);
  const digest = signType === 'MD5' ? createHash('md5') : createHmac('sha256', key);
  return digest.update(text, 'utf8').digest('hex').toUpperCase();
}

export const xmlOf = (fields: Fields, root = 'xml'): string =>
  `<${root}>${Object.entries(fields)
    .map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`)
    .join('')}</${root}>`;

export interface SignOptions {
  /** Told in the message, too, unless it is not `named`. */
  readonly signType?: SignType;
  readonly named?: boolean;
  readonly key?: string;
}

/** Fields as XML with their sign. */
export function signed(fields: Fields, options: SignOptions = {}): string {
  const { signType = 'HMAC-SHA256', named = true, key } = options;
  const whole = named ? { ...fields, sign_type: signType } : fields;
  return xmlOf({ ...whole, sign: signOf(whole, signType, key) });
}

/** AES-256-ECB under the digest of the API key (B8). */
export function hidden(plain: string, key = apiKey): Buffer {
  const digest = createHash('md5').update(key).digest('hex');
  const cipher = createCipheriv('aes-256-ecb', digest, null);
  return Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
}

const blockBytes = 16;

/** The blocks of one ciphertext, with those of another where a text stands in its plaintext. */
export function spliced(into: string, from: string, text: string): Buffer {
  const [kept, taken] = [hidden(into), hidden(from)];
  const at = Buffer.from(from).indexOf(text);
  const first = Math.floor(at / blockBytes) * blockBytes;
  const end = Math.ceil((at + Buffer.byteLength(text)) / blockBytes) * blockBytes;
  return Buffer.concat([kept.subarray(0, first), taken.subarray(first, end), kept.subarray(end)]);
}

/** A moment as the protocol writes it: the wall clock of Beijing. */
export const wireTime = (epochMs: number): string =>
  new Date(epochMs + 8 * 3_600_000).toISOString().replaceAll(/[-T:]/g, '').slice(0, 14);
