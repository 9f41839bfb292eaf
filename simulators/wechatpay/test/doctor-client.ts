/** Test aid: a room, and a home-made signer that makes mistakes on purpose. */
import { constants, sign as signBytes } from 'node:crypto';
import { mountInProcess, type SimulatedRequest, type World } from '@polyrail/simulator';
import type { Explanation } from '@polyrail/simulator/doctor';
import { createWechatPaySimulator } from '../src/index.ts';
import type { Merchant } from '../src/merchants.ts';
import type { Room } from '../src/room.ts';
import { createRoom } from '../src/setup.ts';
import { startsAt } from './client.ts';

/** A room with two merchants, without a socket; its clock stands still. */
export async function doctorRoom(): Promise<{ room: Room; stop(): Promise<void> }> {
  const options = { shareKeys: true };
  let world: World | undefined;
  const site = await mountInProcess(
    (given) => {
      world = given;
      return createWechatPaySimulator(given, options);
    },
    { seed: 7, startAt: startsAt, frozen: true },
  );
  return { room: await createRoom(world as World, options), stop: () => site.stop() };
}

export const named = ({ verdict, causes }: Explanation) => ({
  verdict,
  causes: causes.map(({ cause }) => cause),
});

export interface Making {
  readonly key?: string;
  readonly digest?: string;
  readonly padding?: number;
  readonly spell?: (bytes: Buffer) => string;
}

export function rsaSign(text: string | Uint8Array, key: string, making: Making = {}): string {
  const { digest = 'sha256', padding = constants.RSA_PKCS1_PADDING } = making;
  const bytes = signBytes(digest, Buffer.from(text), { key, padding });
  return (making.spell ?? ((made) => made.toString('base64')))(bytes);
}

export interface Parts {
  readonly method: string;
  readonly target: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly body: string;
}

/** Five lines. */
export const linesOf = ({ method, target, timestamp, nonce, body }: Parts): string =>
  [method, target, timestamp, nonce, body].map((line) => `${line}\n`).join('');

export const usual: Parts = {
  method: 'POST',
  target: '/v3/pay/transactions/out-trade-no/a%7Cb/close?x=%E4%BD%A0&b=1',
  timestamp: String(startsAt / 1_000),
  nonce: 'N0nce593BEC0C930BF1AFEB40B4A08C8',
  body: '{"mchid":"1", "name":"你好/", "a":1}',
};

export interface Heading {
  readonly scheme?: string;
  readonly serial?: string;
  readonly mchid?: string;
}

/** A request as it arrives, with this signature. */
export function requestOf(
  parts: Parts,
  signature: string,
  { merchant, ...heading }: Heading & { readonly merchant: Merchant },
): SimulatedRequest {
  const { scheme = 'WECHATPAY2-SHA256-RSA2048', mchid = merchant.mchid } = heading;
  const { serial = merchant.signer.serial } = heading;
  const { method, target, timestamp, nonce, body } = parts;
  const [path = '', query = ''] = target.split('?');
  const authorization =
    `${scheme} mchid="${mchid}",nonce_str="${nonce}",signature="${signature}",` +
    `timestamp="${timestamp}",serial_no="${serial}"`;
  return {
    method,
    target,
    path,
    query,
    headers: { authorization, host: '127.0.0.1:8080', 'content-type': 'application/json' },
    body: Buffer.from(body),
    secure: false,
  };
}
