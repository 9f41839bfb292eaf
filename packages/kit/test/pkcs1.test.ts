import { constants, generateKeyPairSync, publicEncrypt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parsePrivateKey } from '../src/keys.ts';
import { decryptPkcs1, encryptPkcs1 } from '../src/pkcs1.ts';
import { thrown } from './support/errors.ts';
import { text, vectorsOf } from './support/vectors.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const bare = { key: publicKey, padding: constants.RSA_NO_PADDING };

describe('RSA with PKCS#1 v1.5 padding', () => {
  const vectors = vectorsOf('rsa-pkcs1-decrypt').map((vector) => [vector.id, vector] as const);

  it.each(vectors)('opens the published ciphertext: %s', (_, vector) => {
    const key = parsePrivateKey(text(vector, 'privateKey'));
    const plain = decryptPkcs1(key, Buffer.from(text(vector, 'ciphertextBase64'), 'base64'));
    expect(Buffer.from(plain).toString()).toBe(vector['plaintext']);
  });

  it('opens what the runtime makes, and hides alike with the same randomness', () => {
    for (const plain of ['', 'x', '张三', 'x'.repeat(245)]) {
      const own = publicEncrypt(
        { key: publicKey, padding: constants.RSA_PKCS1_PADDING },
        Buffer.from(plain),
      );
      expect(Buffer.from(decryptPkcs1(privateKey, own)).toString()).toBe(plain);
      // Zeros end the padding: a generator that gives some must not shorten it.
      const random = { bytes: (length: number) => new Uint8Array(length) };
      const [one, two] = [1, 2].map(() => encryptPkcs1(publicKey, plain, random));
      expect(one).toEqual(two);
      expect(Buffer.from(decryptPkcs1(privateKey, one as Uint8Array)).toString()).toBe(plain);
    }
    expect(encryptPkcs1(publicKey, 'x')).not.toEqual(encryptPkcs1(publicKey, 'x'));
  });

  it('knows how much fits', () => {
    expect(thrown(() => encryptPkcs1(publicKey, 'x'.repeat(246))).message).toMatch(/245/);
  });

  it('tells in the same words whatever is wrong', () => {
    const block = (...head: number[]) =>
      publicEncrypt(bare, Buffer.concat([Buffer.from(head), Buffer.alloc(256 - head.length, 1)]));
    const wrong = [
      block(0, 1, 9, 9, 9, 9, 9, 9, 9, 9, 0),
      block(0, 2, 9, 9, 9, 9, 9, 9, 9, 0),
      block(0, 2),
      new Uint8Array(255),
      new Uint8Array(0),
    ];
    for (const ciphertext of wrong) {
      const error = thrown(() => decryptPkcs1(privateKey, ciphertext));
      expect([error.code, error.message]).toEqual([
        'REPLY_UNREADABLE',
        'The text cannot be decrypted',
      ]);
    }
    expect(thrown(() => decryptPkcs1(publicKey, wrong[0] as Uint8Array)).code).toBe(
      'CONFIG_INVALID',
    );
  });
});
