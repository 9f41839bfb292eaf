import { createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decryptGcm, encryptGcm } from '../src/gcm.ts';
import { thrown } from './support/errors.ts';
import { text, type Vector, vectorsOf } from './support/vectors.ts';

const kinds = ['aead-aes-256-gcm', 'aead-aes-128-gcm', 'platform-certificate-decrypt'];
const vectors = kinds.flatMap((kind) => vectorsOf(kind));
const messageOf = (vector: Vector) => ({
  key: Buffer.from(text(vector, 'key')),
  nonce: Buffer.from(text(vector, 'nonce')),
  associated: Buffer.from(String(vector['associated_data'])),
});
const cipherOf = (vector: Vector) => Buffer.from(text(vector, 'ciphertext'), 'base64');
const isUsual = (vector: Vector): boolean => text(vector, 'nonce').length === 12;
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe('AES-GCM', () => {
  it('takes a key as an object, and refuses one of another length as it does bytes', () => {
    const message = { key: new Uint8Array(32).fill(7), nonce: new Uint8Array(12) };
    const sealed = encryptGcm(message, 'tea');
    const own = { ...message, key: createSecretKey(message.key) };
    expect(Buffer.from(decryptGcm(own, sealed)).toString()).toBe('tea');
    expect(encryptGcm(own, 'tea')).toEqual(sealed);
    const short = { ...message, key: createSecretKey(new Uint8Array(24)) };
    expect(thrown(() => decryptGcm(short, sealed)).message).toMatch(/24/);
  });

  it.each(vectors.filter(isUsual).map((vector) => [vector.id, vector] as const))(
    'gives and opens the published ciphertext: %s',
    (_, vector) => {
      const plain = Buffer.from(String(vector['plaintext']));
      expect(Buffer.from(decryptGcm(messageOf(vector), cipherOf(vector)))).toEqual(plain);
      expect(Buffer.from(encryptGcm(messageOf(vector), plain))).toEqual(cipherOf(vector));
    },
  );

  it('refuses nonces that are not twelve bytes, even those with a published answer', () => {
    const odd = vectors.filter((vector) => !isUsual(vector));
    expect(odd).toHaveLength(2);
    for (const vector of odd) {
      const error = thrown(() => decryptGcm(messageOf(vector), cipherOf(vector)));
      expect(error.code).toBe('REPLY_UNREADABLE');
      expect(thrown(() => encryptGcm(messageOf(vector), '')).code).toBe('CONFIG_INVALID');
    }
  });

  it('opens what it closed, and nothing with a bit changed or a byte missing', () => {
    const keys = fc.constantFrom(16, 32).chain(bytes);
    const parts = [keys, bytes(12), fc.uint8Array({ maxLength: 100 }), fc.nat()] as const;
    fc.assert(
      fc.property(...parts, (key, nonce, plain, at) => {
        const message = { key, nonce, associated: plain.subarray(0, 5) };
        const sealed = encryptGcm(message, plain);
        expect(decryptGcm(message, sealed)).toEqual(plain);
        const spoilt = sealed.slice();
        const index = at % sealed.byteLength;
        spoilt[index] = (spoilt[index] ?? 0) ^ (1 << (at % 8));
        const cut = sealed.subarray(0, index);
        for (const broken of [spoilt, cut]) {
          expect(thrown(() => decryptGcm(message, broken)).code).toBe('REPLY_UNREADABLE');
        }
        const other = { ...message, associated: new Uint8Array([1, 2, 3, 4, 5, 6]) };
        expect(thrown(() => decryptGcm(other, sealed)).code).toBe('REPLY_UNREADABLE');
      }),
    );
  });

  it('demands the whole tag: none of the shorter ones that the runtime would take', () => {
    const message = { key: new Uint8Array(32), nonce: new Uint8Array(12) };
    const sealed = encryptGcm(message, '');
    for (const length of [0, 4, 8, 12, 15]) {
      const error = thrown(() => decryptGcm(message, sealed.subarray(0, length)));
      expect(error.code).toBe('REPLY_UNREADABLE');
    }
  });

  it('wants a key of the right length', () => {
    const message = { key: new Uint8Array(24), nonce: new Uint8Array(12) };
    expect(thrown(() => encryptGcm(message, '')).message).toMatch(/24/);
    expect(thrown(() => decryptGcm(message, new Uint8Array(16))).code).toBe('CONFIG_INVALID');
  });
});
