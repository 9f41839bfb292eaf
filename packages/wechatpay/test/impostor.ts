/** Test aid: poses as WeChat Pay, with a key and a certificate of his own. */
import { createCipheriv, randomBytes, sign } from 'node:crypto';
import type { Impostor } from '@polyrail/conformance';
import { makeCertificate, strangersKeys } from '@polyrail/contest';
import type { Incoming } from '@polyrail/core';

/** Forty digits, as platform certificates have them. */
const serialOf = (number: number): string => `5${String(number).padStart(39, '0')}`;

interface Message {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

function sealed({ headers, body }: Message, number: number): Record<string, string> {
  const { 'wechatpay-timestamp': timestamp, 'wechatpay-nonce': nonce } = headers;
  const text = Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), body, Buffer.from('\n')]);
  return {
    'wechatpay-serial': serialOf(number),
    'wechatpay-signature': sign('sha256', text, strangersKeys().privateKey).toString('base64'),
  };
}

const dayMs = 86_400_000;

/** Named like a platform certificate, and encrypted by a key that he hopes is the merchant's. */
function entryOf(number: number, nowMs: number): object {
  const pem = makeCertificate({
    subject: 'Tenpay.com sign',
    issuer: 'Tenpay.com Root CA',
    publicKey: strangersKeys().publicKey,
    issuerKey: strangersKeys().privateKey,
    serial: BigInt(`0x${serialOf(number)}`),
    notBefore: nowMs - dayMs,
    notAfter: nowMs + 365 * dayMs,
  });
  const [key, nonce] = [randomBytes(32), 'impostornonc'];
  const cipher = createCipheriv('aes-256-gcm', key, Buffer.from(nonce));
  cipher.setAAD(Buffer.from('certificate'));
  const hidden = [cipher.update(pem, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return {
    serial_no: serialOf(number),
    effective_time: new Date(nowMs - dayMs).toISOString(),
    expire_time: new Date(nowMs + 365 * dayMs).toISOString(),
    encrypt_certificate: {
      algorithm: 'AEAD_AES_256_GCM',
      nonce,
      associated_data: 'certificate',
      ciphertext: Buffer.concat(hidden).toString('base64'),
    },
  };
}

export const impostor: Impostor = {
  push: (message: Incoming, number) => ({
    ...message,
    headers: { ...message.headers, ...sealed(message, number) },
  }),
  reply: (honest, _request, number) => ({
    ...honest,
    headers: { ...honest.headers, ...sealed(honest, number) },
  }),
  answer({ url }, { status, headers }) {
    if (!url.includes('/v3/certificates')) return undefined;
    const nowMs = Number(headers['wechatpay-timestamp']) * 1000;
    const body = new TextEncoder().encode(JSON.stringify({ data: [entryOf(1, nowMs)] }));
    return { status, headers: { ...headers, ...sealed({ headers, body }, 1) }, body };
  },
};
