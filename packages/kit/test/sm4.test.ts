import { describe, expect, it } from 'vitest';
import { decryptSm2, encryptSm2, generateSm2KeyPair, parseSm2PrivateKey } from '../src/sm2.ts';
import { decryptSm4Gcm, digestSm3, encryptSm4Gcm } from '../src/sm4.ts';
import { thrown } from './support/errors.ts';
import { text, vectorsOf } from './support/vectors.ts';

const [vector] = vectorsOf('aead-sm4-gcm');
if (vector === undefined) throw new Error('no vector');
const message = {
  key: digestSm3(text(vector, 'apiV3Key')).subarray(0, 16),
  nonce: Buffer.from(text(vector, 'nonce')),
  associated: Buffer.from(text(vector, 'associated_data')),
};
const sealed = Buffer.from(text(vector, 'ciphertext'), 'base64');
const code = (call: () => unknown) => thrown(call).code;

describe('SM4-GCM', () => {
  it('gives and opens the published ciphertext', () => {
    expect(Buffer.from(message.key).toString('hex')).toBe(vector['derivedKeyHex']);
    expect(Buffer.from(decryptSm4Gcm(message, sealed)).toString()).toBe(vector['plaintext']);
    expect(Buffer.from(encryptSm4Gcm(message, String(vector['plaintext'])))).toEqual(sealed);
  });

  it('refuses every bit changed and every byte missing', () => {
    for (let at = 0; at < sealed.byteLength; at += 1) {
      const spoilt = Uint8Array.from(sealed);
      spoilt[at] = (spoilt[at] ?? 0) ^ (1 << (at % 8));
      expect(code(() => decryptSm4Gcm(message, spoilt))).toBe('REPLY_UNREADABLE');
      expect(code(() => decryptSm4Gcm(message, sealed.subarray(0, at)))).toBe('REPLY_UNREADABLE');
    }
  });

  it('refuses nonces, keys and associated data of another kind', () => {
    const nonce = Buffer.from('0123456789abcdef');
    expect(code(() => decryptSm4Gcm({ ...message, nonce }, sealed))).toBe('REPLY_UNREADABLE');
    expect(code(() => encryptSm4Gcm({ ...message, nonce }, ''))).toBe('CONFIG_INVALID');
    const { associated: _, ...bare } = message;
    expect(code(() => decryptSm4Gcm(bare, sealed))).toBe('REPLY_UNREADABLE');
    const long = { ...message, key: new Uint8Array(32) };
    expect(code(() => decryptSm4Gcm(long, sealed))).toBe('CONFIG_INVALID');
  });
});

describe('SM2 encryption', () => {
  it('opens the published ciphertext', () => {
    const [published] = vectorsOf('sm2-decrypt-asn1-c1c3c2');
    if (published === undefined) throw new Error('no vector');
    const key = parseSm2PrivateKey(text(published, 'privateKey'));
    const plain = decryptSm2(key, Buffer.from(text(published, 'ciphertext'), 'base64'));
    expect(Buffer.from(plain).toString()).toBe(published['plaintext']);
  });

  it('gives back what it hid, and nothing of what was changed', () => {
    const key = generateSm2KeyPair();
    const hidden = encryptSm2(key.publicKey, '张三');
    expect(Buffer.from(decryptSm2(key, hidden)).toString()).toBe('张三');
    const spoilt = Uint8Array.from(hidden);
    spoilt[spoilt.length - 1] = (spoilt.at(-1) ?? 0) ^ 1;
    expect(code(() => decryptSm2(key, spoilt))).toBe('REPLY_UNREADABLE');
    expect(code(() => decryptSm2(key, new Uint8Array(10)))).toBe('REPLY_UNREADABLE');
    expect(code(() => encryptSm2(key.publicKey, ''))).toBe('REQUEST_INVALID');
  });
});
