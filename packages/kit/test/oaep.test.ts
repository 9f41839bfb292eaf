import { generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parsePrivateKey } from '../src/keys.ts';
import { decryptOaep, encryptOaep } from '../src/oaep.ts';
import { thrown } from './support/errors.ts';
import { text, vectorsOf } from './support/vectors.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

describe('RSA-OAEP', () => {
  const vectors = vectorsOf('rsa-oaep-sha1-decrypt').map((vector) => [vector.id, vector] as const);

  it.each(vectors)('opens the published ciphertext: %s', (_, vector) => {
    const key = parsePrivateKey(text(vector, 'privateKey'));
    const plain = decryptOaep(key, Buffer.from(text(vector, 'ciphertext'), 'base64'));
    expect(Buffer.from(plain).toString()).toBe(vector['plaintext']);
  });

  it('hides a name, differently each time, and gives it back', () => {
    const [one, two] = [encryptOaep(publicKey, '张三'), encryptOaep(publicKey, '张三')];
    expect(one).not.toEqual(two);
    expect(Buffer.from(decryptOaep(privateKey, one)).toString()).toBe('张三');
  });

  it('hides alike with the same randomness, as the runtime reads it', () => {
    const random = { bytes: (length: number) => new Uint8Array(length).fill(5) };
    for (const plain of ['', 'x', '张三', 'x'.repeat(214)]) {
      const [one, two] = [1, 2].map(() => encryptOaep(publicKey, plain, random));
      expect(one).toEqual(two);
      const key = { key: privateKey, oaepHash: 'sha1' };
      expect(privateDecrypt(key, one as Uint8Array).toString()).toBe(plain);
    }
  });

  it('knows how much fits', () => {
    expect(encryptOaep(publicKey, 'x'.repeat(214))).toHaveLength(256);
    expect(thrown(() => encryptOaep(publicKey, 'x'.repeat(215))).message).toMatch(/214/);
  });

  it('tells in the same words whatever is wrong with a ciphertext', () => {
    const whole = encryptOaep(publicKey, 'x');
    const errors = [whole.slice(1), new Uint8Array(), whole.map((byte) => byte ^ 1)].map((broken) =>
      thrown(() => decryptOaep(privateKey, broken)),
    );
    expect(new Set(errors.map(({ message }) => message)).size).toBe(1);
    expect(errors[0]?.code).toBe('REPLY_UNREADABLE');
  });

  it('takes RSA keys only', () => {
    const pair = generateKeyPairSync('ed25519');
    expect(thrown(() => encryptOaep(pair.publicKey, 'x')).code).toBe('CONFIG_INVALID');
    expect(thrown(() => decryptOaep(pair.privateKey, new Uint8Array(256))).code).toBe(
      'CONFIG_INVALID',
    );
    expect(thrown(() => decryptOaep(publicKey, new Uint8Array(256))).code).toBe('CONFIG_INVALID');
  });
});
