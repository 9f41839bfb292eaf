import { generateKeyPairSync } from 'node:crypto';
import { secret } from '@polyrail/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  generateSm2KeyPair,
  parseSm2PrivateKey,
  parseSm2PublicKey,
  signSm2,
  sm2PrivateKeyPem,
  sm2PublicKeyPem,
  verifySm2,
} from '../src/sm2.ts';
import { thrown } from './support/errors.ts';
import { text, vectorsOf } from './support/vectors.ts';

const [vector] = vectorsOf('sm2_verify') as [ReturnType<typeof vectorsOf>[number]];
const publicPem = text(vector, 'publicKeyPem');
const privatePem = text(vector, 'privateKeyPem');
const signature = Buffer.from(text(vector, 'signature'), 'base64');

function refused(parse: () => unknown, message: RegExp): void {
  const error = thrown(parse);
  expect(error.code).toBe('CONFIG_INVALID');
  expect(error.message).toMatch(message);
}

describe('sm2', () => {
  it('verifies what the Java SDK signed, and nothing near it', () => {
    const key = parseSm2PublicKey(publicPem);
    expect(verifySm2(key, 'test', signature)).toBe(true);
    expect(verifySm2(key, 'Test', signature)).toBe(false);
    expect(verifySm2(key, 'test', signature, '1234567812345679')).toBe(false);
    expect(verifySm2(generateSm2KeyPair().publicKey, 'test', signature)).toBe(false);
    const flipped = Buffer.from(signature);
    flipped[40] = (flipped[40] ?? 0) ^ 1;
    expect(verifySm2(key, 'test', flipped)).toBe(false);
  });

  it('signs what it verifies, in DER, with the user id that is asked for', () => {
    const key = parseSm2PrivateKey(secret(privatePem));
    expect(key.publicKey.point).toBe(parseSm2PublicKey(publicPem).point);
    for (const userId of [undefined, '1234567812345678', 'U012345678901234']) {
      const made = signSm2(key, '中文 and é', userId);
      expect(made[0]).toBe(0x30);
      expect(verifySm2(key.publicKey, Buffer.from('中文 and é'), made, userId)).toBe(true);
      expect(verifySm2(key.publicKey, '中文 and é', made, 'another')).toBe(false);
    }
  });

  it('reads keys as the runtime writes them, as base64 and as bare hex', () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'SM2' });
    const pkcs8 = pair.privateKey.export({ format: 'der', type: 'pkcs8' });
    const sec1 = pair.privateKey.export({ format: 'pem', type: 'sec1' });
    const spki = pair.publicKey.export({ format: 'der', type: 'spki' });
    const key = parseSm2PublicKey(spki);
    expect(parseSm2PrivateKey(pkcs8.toString('base64')).publicKey).toEqual(key);
    expect(parseSm2PrivateKey(sec1.toString()).publicKey).toEqual(key);
    expect(parseSm2PublicKey(key.point)).toEqual(key);
    expect(parseSm2PublicKey(key.point.slice(2))).toEqual(key);
    const scalar = Buffer.alloc(32, 7);
    expect(parseSm2PrivateKey(scalar.toString('hex')).publicKey).toEqual(
      generateSm2KeyPair(scalar).publicKey,
    );
  });

  it('writes PEM that reads back, byte for byte the form of the vector', () => {
    const key = parseSm2PrivateKey(privatePem);
    expect(sm2PublicKeyPem(key.publicKey)).toBe(publicPem);
    const again = parseSm2PrivateKey(sm2PrivateKeyPem(key));
    expect(again.publicKey).toEqual(key.publicKey);
    expect(verifySm2(key.publicKey, 'x', signSm2(again, 'x'))).toBe(true);
  });

  it('takes the key out of a certificate', () => {
    const [certificate] = vectorsOf('cert_public_key').filter(({ id }) => id.endsWith('sm2'));
    const pem = text(certificate as ReturnType<typeof vectorsOf>[number], 'certPem');
    expect(parseSm2PublicKey(pem).point).toMatch(/^04[0-9a-f]{128}$/);
  });

  it('says what is wrong with a key, without showing it', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const rsaPrivate = rsa.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    const rsaPublic = rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString();
    const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const otherCurve = p256.publicKey.export({ format: 'pem', type: 'spki' }).toString();
    refused(() => parseSm2PrivateKey(rsaPrivate), /no SM2 private key/);
    refused(() => parseSm2PublicKey(rsaPublic), /no SM2 public key/);
    refused(() => parseSm2PublicKey(otherCurve), /no SM2 public key/);
    refused(() => parseSm2PublicKey(`04${'11'.repeat(64)}`), /not lie on/);
    refused(() => parseSm2PrivateKey('f'.repeat(64)), /no private key/);
    refused(() => generateSm2KeyPair(new Uint8Array(31)), /32 random/);
  });

  it('shows nothing of a private key', () => {
    const scalar = Buffer.alloc(32, 7).toString('hex');
    expect(JSON.stringify(parseSm2PrivateKey(scalar))).not.toContain(scalar);
    const copy = { ...parseSm2PrivateKey(scalar) };
    refused(() => signSm2(copy, 'x'), /of this module/);
  });

  it('knows one spelling of a signature: no bit of it may change, nothing may follow', () => {
    const key = generateSm2KeyPair(Buffer.alloc(32, 5));
    const signature = signSm2(key, 'text');
    expect(verifySm2(key.publicKey, 'text', signature)).toBe(true);
    for (let bit = 0; bit < signature.byteLength * 8; bit += 1) {
      const altered = Uint8Array.from(signature);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(verifySm2(key.publicKey, 'text', altered), `bit ${bit}`).toBe(false);
    }
    const longer = Buffer.concat([signature, Buffer.alloc(1)]);
    expect(verifySm2(key.publicKey, 'text', longer)).toBe(false);
  });

  it('never throws on a signature, whatever its bytes are', () => {
    const key = parseSm2PublicKey(publicPem);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 90 }), (bytes) => {
        expect(verifySm2(key, 'test', bytes)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });
});
