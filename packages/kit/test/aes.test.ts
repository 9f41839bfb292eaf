import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decryptAes, encryptAes } from '../src/aes.ts';
import { thrown } from './support/errors.ts';
import { text, type Vector, vectorsOf } from './support/vectors.ts';

const keyOf = (vector: Vector) => ({
  key: Buffer.from(text(vector, 'keyBase64'), 'base64'),
  iv: Buffer.from(text(vector, 'ivHex'), 'hex'),
});
const cipherOf = (vector: Vector) => Buffer.from(text(vector, 'ciphertextBase64'), 'base64');
const named = (kind: string) => vectorsOf(kind).map((vector) => [vector.id, vector] as const);
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe('AES-CBC', () => {
  it.each(named('aes_cbc'))('gives the published ciphertext: %s', (_, vector) => {
    const plain = String(vector['plaintext']);
    expect(Buffer.from(encryptAes(keyOf(vector), plain))).toEqual(cipherOf(vector));
    expect(Buffer.from(decryptAes(keyOf(vector), cipherOf(vector))).toString()).toBe(plain);
  });

  it.each(named('aes_cbc_decrypt_json'))('opens the published reply: %s', (_, vector) => {
    const opened = Buffer.from(decryptAes(keyOf(vector), cipherOf(vector))).toString();
    expect(JSON.parse(opened)).toEqual(vector['expected']);
  });

  it('opens what it closed, whatever it was', () => {
    const keys = fc.constantFrom(16, 24, 32).chain(bytes);
    fc.assert(
      fc.property(keys, bytes(16), fc.uint8Array({ maxLength: 300 }), (key, iv, plain) => {
        expect(decryptAes({ key, iv }, encryptAes({ key, iv }, plain))).toEqual(plain);
      }),
    );
  });

  it('tells in the same words whatever is wrong with a ciphertext', () => {
    const secrets = { key: new Uint8Array(16), iv: new Uint8Array(16) };
    const whole = encryptAes(secrets, 'a text of more than one block');
    const last = whole.slice();
    last[last.length - 1] = (last[last.length - 1] ?? 0) ^ 1;
    const errors = [whole.slice(1), new Uint8Array(), new Uint8Array(15), last].map((broken) =>
      thrown(() => decryptAes(secrets, broken)),
    );
    expect(new Set(errors.map(({ message }) => message)).size).toBe(1);
    expect(errors[0]?.code).toBe('REPLY_UNREADABLE');
  });

  it('wants keys and vectors of the right length', () => {
    const iv = new Uint8Array(16);
    expect(thrown(() => encryptAes({ key: new Uint8Array(15), iv }, '')).message).toMatch(/15/);
    const short = { key: new Uint8Array(16), iv: new Uint8Array(8) };
    expect(thrown(() => decryptAes(short, new Uint8Array(16))).message).toMatch(/16 bytes/);
  });
});
