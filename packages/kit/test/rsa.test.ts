import { createSign, generateKeyPairSync } from 'node:crypto';
import { secret } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import { parsePrivateKey, parsePublicKey } from '../src/keys.ts';
import { type RsaHash, signRsa, verifyRsa } from '../src/rsa.ts';
import { signerOf } from '../src/signer.ts';
import { rejection, thrown } from './support/errors.ts';
import { text, type Vector, vectorsOf } from './support/vectors.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const data = new TextEncoder().encode('a=1&b=中文');
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const hashOf = (vector: Vector): RsaHash =>
  text(vector, 'alg') === 'RSA-SHA1' ? 'sha1' : 'sha256';
const named = (kind: string) => vectorsOf(kind).map((vector) => [vector.id, vector] as const);

describe('a signature', () => {
  it.each(named('request_sign'))('is the published one: %s', async (_, vector) => {
    const key = parsePrivateKey(text(vector, 'privateKeyPem'));
    const signature = await signRsa(hashOf(vector), key, text(vector, 'canonical'));
    expect(base64(signature)).toBe(text(vector, 'expected'));
  });

  it.each(named('rsa_sign'))('is the published one: %s', async (_, vector) => {
    const key = parsePrivateKey(text(vector, 'privateKeyPem'));
    const signature = await signRsa(hashOf(vector), key, text(vector, 'message'));
    expect(base64(signature)).toBe(text(vector, 'signature'));
  });

  it.each(named('rsa_verify'))('is judged as published: %s', (_, vector) => {
    const key = parsePublicKey(text(vector, 'publicKeyPem'));
    const signature = Buffer.from(text(vector, 'signature'), 'base64');
    const holds = verifyRsa(hashOf(vector), key, text(vector, 'message'), signature);
    expect(holds).toBe(vector['expected']);
  });

  it.each(['sha256', 'sha1'] as const)('with %s is the runtime’s own', async (hash) => {
    const own = createSign(hash).update(data).sign(privateKey);
    expect(base64(await signRsa(hash, privateKey, data))).toBe(base64(own));
    expect(verifyRsa(hash, publicKey, data, own)).toBe(true);
  });

  it('is made off the event loop, which goes on turning', async () => {
    let turns = 0;
    let signing = true;
    const turn = () => {
      turns += 1;
      if (signing) setImmediate(turn);
    };
    setImmediate(turn);
    await Promise.all(Array.from({ length: 32 }, () => signRsa('sha256', privateKey, data)));
    signing = false;
    expect(turns).toBeGreaterThan(2);
  });

  it('holds for no other bytes, hash or key, and malformed ones never throw', async () => {
    const signature = await signRsa('sha256', privateKey, data);
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
    expect(verifyRsa('sha256', publicKey, 'a=1', signature)).toBe(false);
    expect(verifyRsa('sha1', publicKey, data, signature)).toBe(false);
    expect(verifyRsa('sha256', stranger, data, signature)).toBe(false);
    expect(verifyRsa('sha256', curve.publicKey, data, signature)).toBe(false);
    for (const broken of [new Uint8Array(), signature.slice(1), new Uint8Array(1000)]) {
      expect(verifyRsa('sha256', publicKey, data, broken)).toBe(false);
    }
  });

  it('needs a private RSA key that is long enough', async () => {
    for (const key of [publicKey, curve.privateKey]) {
      expect((await rejection(signRsa('sha256', key, data))).code).toBe('CONFIG_INVALID');
    }
    const short = generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey;
    const told = await rejection(signRsa('sha256', short, data)).catch(() => undefined);
    if (told !== undefined) expect(told.message).toMatch(/too short/);
  });
});

describe('a signer', () => {
  it('is a key, or a function that asks somebody who has it', async () => {
    const here = signerOf(secret(pem), 'sha256');
    const seen: Uint8Array[] = [];
    const elsewhere = signerOf(async (asked) => {
      seen.push(asked);
      return signRsa('sha256', privateKey, asked);
    }, 'sha256');
    expect(base64(await here(data))).toBe(base64(await elsewhere(data)));
    expect(seen).toEqual([data]);
  });

  it('passes on what the function throws, and refuses what is no signature', async () => {
    const down = new Error('the HSM is down');
    const failing = signerOf(() => Promise.reject(down), 'sha256');
    await expect(failing(data)).rejects.toBe(down);
    for (const given of ['text', new Uint8Array(), undefined]) {
      const error = await rejection(signerOf(() => given as never, 'sha256')(data));
      expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    }
    expect(thrown(() => signerOf(pem as never, 'sha256')).message).toMatch(/Secret or a function/);
    const bad = await rejection(signerOf(secret('no key'), 'sha256')(data));
    expect(bad.code).toBe('CONFIG_INVALID');
  });
});
