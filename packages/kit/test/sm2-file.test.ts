import { secret } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import {
  decryptSm2,
  derSm2Signature,
  encryptSm2,
  plainSm2Signature,
  signSm2,
  verifySm2,
} from '../src/sm2.ts';
import { parseSm2File } from '../src/sm2-file.ts';
import { thrown } from './support/errors.ts';
import { text, vectorsOf } from './support/vectors.ts';

const [container] = vectorsOf('sm2-key-container');
if (container === undefined) throw new Error('no container');
const file = text(container, 'containerBase64');
const passphrase = secret(text(container, 'password'));
const { key, certificate } = parseSm2File(file, passphrase);
const bytes = (base64: string) => Buffer.from(base64, 'base64');

describe('SM2 key files', () => {
  it('open with their passphrase, as bytes, base64 or a secret', () => {
    expect(key.publicKey.point).toBe(container['publicPointHex']);
    expect(certificate.raw.toString('base64')).toBe(container['certificateDerBase64']);
    for (const source of [bytes(file), secret(file), secret(bytes(file)), `${file}\n`]) {
      expect(parseSm2File(source, passphrase).key.publicKey).toEqual(key.publicKey);
    }
    expect(JSON.stringify(key)).not.toContain(text(container, 'privateKeyDHex'));
  });

  it('do not open otherwise', () => {
    const messages = [
      thrown(() => parseSm2File(file, secret('wrong'))),
      thrown(() => parseSm2File(bytes(file).subarray(0, 200), passphrase)),
      thrown(() => parseSm2File('no base64!', passphrase)),
      thrown(() => parseSm2File('A'.repeat(70_000), passphrase)),
    ];
    expect(messages.map(({ code }) => code)).toEqual(Array(4).fill('CONFIG_INVALID'));
    expect(messages[0]?.message).toMatch(/passphrase/);
  });
});

describe('SM2 without ASN.1', () => {
  it.each(vectorsOf('sm2-plain-decrypt').map((one) => [one.id, one] as const))(
    'decrypts: %s',
    (_, one) => {
      const plain = decryptSm2(key, bytes(text(one, 'ciphertextC1C3C2Base64')), 'plain');
      expect(Buffer.from(plain).toString()).toBe(one['plaintext']);
      const own = encryptSm2(key.publicKey, 'x', 'plain');
      expect(own).toHaveLength(65 + 32 + 1);
      expect(Buffer.from(decryptSm2(key, own, 'plain')).toString()).toBe('x');
      expect(thrown(() => decryptSm2(key, own)).code).toBe('REPLY_UNREADABLE');
      expect(thrown(() => decryptSm2(key, own.subarray(1), 'plain')).code).toBe('REPLY_UNREADABLE');
    },
  );

  it.each(vectorsOf('sm2-plain-signature').map((one) => [one.id, one] as const))(
    'verifies: %s',
    (_, one) => {
      const plain = bytes(text(one, 'signatureRawRSBase64'));
      const der = derSm2Signature(plain) as Uint8Array;
      const [data, userId] = [text(one, 'innerSm3Hex'), text(one, 'sm2UserId')];
      expect(verifySm2(key.publicKey, data, der, userId)).toBe(true);
      expect(Buffer.from(plainSm2Signature(der))).toEqual(plain);
    },
  );

  it('writes numbers of any size in one way', () => {
    for (const [r, s] of [
      [1, 0x80],
      [0, 0],
      [0xff, 0x7f],
    ] as const) {
      const plain = Buffer.alloc(64);
      plain[31] = r;
      plain[32] = s;
      plain[63] = s;
      const der = derSm2Signature(plain) as Uint8Array;
      expect(Buffer.from(plainSm2Signature(der))).toEqual(plain);
    }
    expect(derSm2Signature(new Uint8Array(63))).toBeUndefined();
    for (let time = 0; time < 8; time += 1) {
      const der = signSm2(key, 'x', '1');
      expect(Buffer.from(derSm2Signature(plainSm2Signature(der)) as Uint8Array)).toEqual(der);
    }
  });
});
