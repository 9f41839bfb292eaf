/** alipay simulator · doctor client: a room, and a home-made signer that makes mistakes on purpose. */
import { constants, createHash, createSign, privateEncrypt, sign as signBytes } from 'node:crypto';
import { mountInProcess, type World } from '@polyrail/simulator';
import { createAlipaySimulator } from '../src/index.ts';
import type { Room } from '../src/room.ts';
import { createRoom } from '../src/setup.ts';
import { type Fields, startsAt } from './client.ts';

/** A room with two merchants, without a socket; its clock stands still. */
export async function doctorRoom(): Promise<{ room: Room; stop(): Promise<void> }> {
  const options = { shareKeys: true };
  let world: World | undefined;
  const site = await mountInProcess(
    (given) => {
      world = given;
      return createAlipaySimulator(given, options);
    },
    { seed: 7, startAt: startsAt, frozen: true },
  );
  const room = await createRoom(world as World, options);
  (room.merchants as unknown[]).push(await room.platform.admit());
  return { room, stop: () => site.stop() };
}

export const rsaSign = (text: string | Uint8Array, key: string, digest = 'RSA-SHA256'): string =>
  createSign(digest).update(text).sign(key, 'base64');

export const pssSign = (text: string, key: string, saltLength = 32): string =>
  signBytes('sha256', Buffer.from(text), {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength,
  }).toString('base64');

/** What a raw RSA operation makes of a digest. */
export const bareSign = (data: Uint8Array, key: string): string =>
  privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, data).toString('base64');

export const hash = (text: string | Uint8Array, name = 'sha256'): Buffer =>
  createHash(name).update(text).digest();

/** Pairs in the order given, joined as they are. */
export const joined = (pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([name, value]) => `${name}=${value}`).join('&');

/** Sorted pairs of what has a value, without `sign`. */
export const sorted = (fields: Fields, change: (value: string) => string = (v) => v): string =>
  joined(
    Object.keys(fields)
      .filter((name) => name !== 'sign' && fields[name] !== '')
      .sort()
      .map((name) => [name, change(fields[name] ?? '')] as const),
  );
