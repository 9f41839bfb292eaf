/** unionpay simulator · control: the command that rotates the platform's certificates. */
import type { SimulatedReply, SimulatedRequest } from '@polyrail/simulator';
import type { Room } from './room.ts';

export const rotatePath = '/_sim/rotate';

export const writeJson = (status: number, value: object): SimulatedReply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: `${JSON.stringify(value)}\n`,
});

/** `POST /_sim/rotate`: further certificates sign and encrypt from now on. */
export async function rotate({ method }: SimulatedRequest, room: Room): Promise<SimulatedReply> {
  if (method !== 'POST') return writeJson(405, { error: { message: 'Expected POST.' } });
  await room.platform.rotate();
  const [newest] = room.platform.encryption();
  return writeJson(200, {
    platformCert: room.platform.current().certificatePem,
    encryptCert: newest?.certificatePem,
  });
}
