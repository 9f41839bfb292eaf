/**
 * attack · forging: who takes part, and what each can sign, seal and say - written by the dossier's
 * words with nothing of the adapter. All keys are published ones: the same bytes in every run.
 */
import { createCipheriv, createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { makeCertificate } from '@polyrail/contest';

interface Vectors {
  readonly vectors: readonly { readonly id: string; readonly privateKey?: string }[];
}
const vectors = JSON.parse(
  readFileSync(new URL('../test/vectors/wechatpay.json', import.meta.url), 'utf8'),
) as Vectors;

function publishedKey(id: string): string {
  const found = vectors.vectors.find((vector) => vector.id === id)?.privateKey;
  if (found === undefined) throw new Error(`no vector ${id} with a private key`);
  return found;
}

/** Whoever has a key, and a certificate over it. */
export interface Party {
  readonly privateKey: string;
  readonly certificate: string;
  readonly serial: string;
}

function party(id: string, serial: string): Party {
  const privateKey = publishedKey(id);
  const certificate = makeCertificate({
    subject: 'Tenpay.com sign',
    issuer: 'Tenpay.com Root CA',
    publicKey: createPublicKey(privateKey),
    issuerKey: createPrivateKey(privateKey),
    serial: BigInt(`0x${serial}`),
    notBefore: Date.UTC(2020, 0, 1),
    notAfter: Date.UTC(2045, 0, 1),
  });
  return { privateKey, certificate, serial };
}

export const merchant = party('v3-rsa-sign-go', '408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB');
export const platform = party('v3-rsa-sign-java', '5157F09EFDC096DE15EBE81A47057A7232F1B8E1');
export const attacker = party('v3-sign-h5-yansongda', '6A79D4EC075AD126ED5D20E925507117F5F0C8FA');

export const mchId = '1900007291';
export const appId = 'wxd678efh567hg6787';
/** A merchant that the service provider of some attacks acts for. */
export const subMchId = '1900000109';
export const apiV3Key = '0123456789abcdef0123456789abcdef';
export const otherApiV3Key = 'fedcba9876543210fedcba9876543210';

/** A message as it arrives: header names in lower case, the body in raw bytes. */
export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface SealOptions {
  readonly by?: Party;
  /** The serial that is named; default: that of who signs. */
  readonly serial?: string;
  readonly scheme?: string;
  readonly hash?: 'sha256' | 'sha1';
}

/** A body with the signature of its bytes at a moment, in milliseconds since the epoch. */
export function sealed(text: string, atMs: number, options: SealOptions = {}): Message {
  const { by = platform, scheme = 'WECHATPAY2-SHA256-RSA2048', hash = 'sha256' } = options;
  const timestamp = String(Math.floor(atMs / 1000));
  const nonce = 'c5ac7061fccab6bf3e254dcf98995b8c';
  const signature = sign(hash, Buffer.from(`${timestamp}\n${nonce}\n${text}\n`), by.privateKey);
  return {
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'wechatpay-timestamp': timestamp,
      'wechatpay-nonce': nonce,
      'wechatpay-serial': options.serial ?? by.serial,
      'wechatpay-signature': signature.toString('base64'),
      'wechatpay-signature-type': scheme,
    },
    body: Buffer.from(text),
  };
}

/** A body that nobody signed. */
export const unsigned = (text: string): Message => ({
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: Buffer.from(text),
});

export interface Resource {
  readonly algorithm: string;
  readonly ciphertext: string;
  readonly nonce: string;
  readonly associated_data: string;
  readonly original_type: string;
}

export interface CipherOptions {
  readonly kind?: string;
  readonly nonce?: string;
  readonly key?: string;
}

/** AES-256-GCM with the tag behind the ciphertext (A4.3). */
export function encrypted(plain: string, options: CipherOptions = {}): Resource {
  const { kind = 'transaction', nonce = 'pJzPEVj3TKtN', key = apiV3Key } = options;
  const cipher = createCipheriv('aes-256-gcm', key, Buffer.from(nonce));
  cipher.setAAD(Buffer.from(kind));
  const parts = [cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return {
    algorithm: 'AEAD_AES_256_GCM',
    ciphertext: Buffer.concat(parts).toString('base64'),
    nonce,
    associated_data: kind,
    original_type: kind,
  };
}

/** The same resource with the bytes of its ciphertext, tag included, changed. */
export function altered(resource: Resource, change: (bytes: Buffer) => Buffer): Resource {
  const bytes = change(Buffer.from(resource.ciphertext, 'base64'));
  return { ...resource, ciphertext: bytes.toString('base64') };
}

/** Turns known plaintext under a stream cipher into another one: nobody needs the key for that. */
export function rewritten(resource: Resource, known: string, wanted: string): Resource {
  const [from, to] = [Buffer.from(known), Buffer.from(wanted)];
  return altered(resource, (bytes) => {
    const stream = bytes.subarray(0, to.byteLength);
    const made = stream.map((byte, at) => byte ^ (from[at] ?? 0) ^ (to[at] ?? 0));
    return Buffer.concat([made, Buffer.alloc(16)]);
  });
}

export const sha1Of = (text: string): string => createHash('sha1').update(text).digest('hex');
