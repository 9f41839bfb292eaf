/** fuzz · surroundings: fixed keys, a fixed clock and a road that leads nowhere. */
import { createPrivateKey, createPublicKey, createSign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Clock, secret, type Transport } from '@polyrail/core';
import { systemRandom } from '@polyrail/kit/random';
import { settingsOf } from '../src/config.ts';
import { type AlipayConfig, createAlipay } from '../src/index.ts';
import { createRest } from '../src/rest.ts';
import { createRoad } from '../src/road.ts';
import { createSeal } from '../src/seal.ts';

const file = new URL('../test/vectors/alipay.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as {
  vectors: readonly Readonly<Record<string, unknown>>[];
};

/** A value that stands in the known answers: keys there are public test fixtures. */
export const fixture = (id: string, member: string): string => {
  const found = vectors.find((vector) => vector['id'] === id)?.[member];
  if (typeof found !== 'string') throw new Error(`The vectors have no ${member} of ${id}`);
  return found;
};

/** Alipay's key of these messages: the same in every run, so that a seed replays. */
const platformKey = createPrivateKey(fixture('yansongda-request-sign', 'privateKeyPem'));
export const platformPem = createPublicKey(platformKey).export({
  type: 'spki',
  format: 'pem',
}) as string;
export const signed = (text: string | Uint8Array): string =>
  createSign('sha256').update(text).sign(platformKey, 'base64');

export const nowMs = Date.parse('2026-11-22T02:49:24.000Z');
export const clock: Clock = { now: () => nowMs, schedule: () => () => {} };
export const appId = '2021000000000001';
export const sellerId = '2088000000000001';
export const encryptionKey = Buffer.alloc(16, 3);

export const config: AlipayConfig = {
  appId,
  sellerId,
  // Nobody looks at what we sign here.
  merchantKey: () => new Uint8Array([1]),
  platformKey: platformPem,
  encryptionKey: secret(encryptionKey.toString('base64')),
};

const nowhere: Transport = { exchange: () => Promise.reject(new Error('nothing is sent')) };
export const channelOver = (transport: Transport = nowhere) =>
  createAlipay(config, { transport, clock });

/** Both protocols of one merchant, below the verbs. */
export function protocols() {
  const settings = settingsOf({ ...config, protocol: 'v3' });
  const seal = createSeal(settings, { clock, road: createRoad(() => nowhere) });
  return { seal, rest: createRest({ settings, seal, clock, random: systemRandom }) };
}
