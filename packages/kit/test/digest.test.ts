/** MD5, HMAC-SHA256 and AES-256-ECB by published answers. */
import { createCipheriv } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hmacSha256Hex, md5Hex, sameHex } from '../src/digest.ts';
import { decryptEcb } from '../src/ecb.ts';
import { thrown } from './support/errors.ts';
import { text, vectorsOf } from './support/vectors.ts';

const signed = vectorsOf('v2-sign').map((vector) => [vector.id, vector] as const);

describe('digests', () => {
  it.each(signed)('gives the published digest of %s', (_, vector) => {
    const digest =
      vector['sign_type'] === 'MD5'
        ? md5Hex(text(vector, 'stringSignTemp'))
        : hmacSha256Hex(text(vector, 'key'), text(vector, 'stringSignTemp'));
    expect(digest.toUpperCase()).toBe(vector['expected']);
    expect(sameHex(digest, text(vector, 'expected'))).toBe(true);
  });

  it.each(vectorsOf('v2-md5-raw').map((vector) => [vector.id, vector] as const))(
    'gives the published digest of %s',
    (_, vector) => expect(md5Hex(text(vector, 'input'))).toBe(vector['expected']),
  );

  it('differ by a digit, and by a missing one', () => {
    expect(sameHex('ab', 'AB')).toBe(true);
    expect(sameHex('ab', 'ac')).toBe(false);
    expect(sameHex('ab', 'a')).toBe(false);
    expect(sameHex('', 'ab')).toBe(false);
  });
});

describe('AES-256-ECB', () => {
  const [vector] = vectorsOf('aes-256-ecb-pkcs7');
  const key = Buffer.from(text(vector as never, 'key'));
  const sealed = Buffer.from(text(vector as never, 'ciphertext'), 'base64');

  it('opens the published ciphertext', () => {
    expect(Buffer.from(decryptEcb(key, sealed)).toString()).toBe(vector?.['plaintext']);
  });

  it('opens several blocks as they were closed', () => {
    const cipher = createCipheriv('aes-256-ecb', key, null);
    const plain = 'four blocks of text, and a little more than that';
    const closed = Buffer.concat([cipher.update(plain), cipher.final()]);
    expect(Buffer.from(decryptEcb(key, closed)).toString()).toBe(plain);
  });

  it('refuses another key, a cut text and a key of another length', () => {
    const other = Buffer.alloc(32, 1);
    expect(thrown(() => decryptEcb(other, sealed)).code).toBe('REPLY_UNREADABLE');
    expect(thrown(() => decryptEcb(key, sealed.subarray(1))).code).toBe('REPLY_UNREADABLE');
    expect(thrown(() => decryptEcb(key, new Uint8Array())).code).toBe('REPLY_UNREADABLE');
    expect(thrown(() => decryptEcb(key.subarray(1), sealed)).code).toBe('CONFIG_INVALID');
  });
});
