import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto';
import forge from 'node-forge';
import { expect, test } from 'vitest';
import {
  createMint,
  issueCertificate,
  type KeyOptions,
  type KeyPairPem,
  mintAuthority,
  type World,
} from '../src/index.ts';

const at = Date.UTC(2026, 10, 22, 1, 2, 3);
const world = { clock: { now: () => at }, wallNow: () => at } as unknown as World;
const mintOf = (options: KeyOptions = {}) => createMint(world, options);

const privateKeyOf = ({ privateKeyPem }: { privateKeyPem: string }): KeyObject =>
  createPrivateKey(privateKeyPem);

/** Whether a library that knows keys of two primes signs with it. */
function isUsual({ privateKeyPem, publicKeyPem }: KeyPairPem): boolean {
  const hash = forge.md.sha256.create().update('a=1');
  const signature = forge.pki.privateKeyFromPem(privateKeyPem).sign(hash);
  const publicKey = createPublicKey(publicKeyPem);
  return verify('sha256', Buffer.from('a=1'), publicKey, Buffer.from(signature, 'binary'));
}

test('a key that stays in the simulator is RSA-2048 to everybody who verifies or encrypts', async () => {
  const keys = await mintOf().ownKey();
  const publicKey = createPublicKey(keys.publicKeyPem);
  expect(publicKey.asymmetricKeyType).toBe('rsa');
  expect(publicKey.asymmetricKeyDetails).toEqual({ modulusLength: 2048, publicExponent: 65537n });
  const text = Buffer.from('a=1&b=2');
  for (const digest of ['sha256', 'sha1']) {
    const signature = sign(digest, text, privateKeyOf(keys));
    expect(signature).toHaveLength(256);
    expect(verify(digest, text, publicKey, signature)).toBe(true);
    const { n, e } = forge.pki.publicKeyFromPem(keys.publicKeyPem);
    const hash = forge.md[digest as 'sha256'].create().update(text.toString('binary'));
    const bytes = signature.toString('binary');
    // Another implementation, which knows nothing of the primes.
    expect(forge.pki.setRsaPublicKey(n, e).verify(hash.digest().bytes(), bytes)).toBe(true);
  }
  const hidden = publicEncrypt(publicKey, text);
  expect(privateDecrypt(privateKeyOf(keys), hidden)).toEqual(text);
});

test('it signs certificates whose chain verifies', async () => {
  const { ownKey, validity } = mintOf();
  const [rootKeys, keys] = await Promise.all([ownKey(), ownKey()]);
  const subject = { commonName: 'Root' };
  const root = await mintAuthority({ subject, ...validity, keys: rootKeys });
  const leaf = await issueCertificate(root, { subject: { commonName: 'Leaf' }, ...validity, keys });
  const [top, end] = [root, leaf].map(({ certificatePem }) => new X509Certificate(certificatePem));
  expect(end!.checkIssued(top!) && end!.verify(top!.publicKey)).toBe(true);
  expect(end!.checkPrivateKey(privateKeyOf(leaf))).toBe(true);
});

test('merchants are handed keys that every library reads, unless four primes are asked for', async () => {
  expect(isUsual(await mintOf().merchantKey())).toBe(true);
  expect(mintOf().handsOutUsualKeys).toBe(true);
  const quickly = mintOf({ merchantKeyPrimes: 4 });
  expect(quickly.handsOutUsualKeys).toBe(false);
  const quick = await quickly.merchantKey();
  expect(isUsual(quick)).toBe(false);
  const text = Buffer.from('a=1');
  const signature = sign('sha256', text, privateKeyOf(quick));
  expect(verify('sha256', text, createPublicKey(quick.publicKeyPem), signature)).toBe(true);
});

test('sharing simulators draw the same keys in the same order, and issue alike once', async () => {
  const [one, other] = [mintOf({ shareKeys: true }), mintOf({ shareKeys: true })];
  const [first, second] = [await one.ownKey(), await one.ownKey()];
  expect(first).not.toEqual(second);
  expect([await other.ownKey(), await other.ownKey()]).toEqual([first, second]);
  expect(await other.merchantKey()).toEqual(await one.merchantKey());
  const issues: string[] = [];
  const issue = (name: string) => () => issues.push(name);
  await one.once(['subject'], issue('one'));
  await other.once(['subject'], issue('other'));
  expect(issues).toEqual(['one']);
});

test('others share nothing', async () => {
  const [one, other] = [mintOf(), mintOf()];
  expect(await one.ownKey()).not.toEqual(await other.ownKey());
  const issues: string[] = [];
  for (const mint of [one, other]) await mint.once(['subject'], () => issues.push('issued'));
  expect(issues).toHaveLength(2);
});

test('certificates are valid by the wall clock and by the virtual one', () => {
  const dayMs = 86_400_000;
  const virtual = at - 400 * dayMs;
  const apart = { clock: { now: () => virtual }, wallNow: () => at } as unknown as World;
  const { now, days } = createMint(apart, {}).validity;
  expect(now).toBeLessThanOrEqual(virtual);
  expect(now + days * dayMs).toBeGreaterThan(at + 365 * dayMs);
});
