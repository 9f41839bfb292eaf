/** unionpay simulator · phone: what the SDK in a payer's phone hands the merchant's app. */
import type { Exchange, SimulatedReply, SimulatedRequest } from '@polyrail/simulator';
import { writeJson } from './control.ts';
import { concernOfTicket } from './payer.ts';
import type { Room } from './room.ts';
import { rsaSeal } from './seal.ts';

export const appPath = '/_sim/app';

const results = { approve: 'success', decline: 'fail' } as const;

/**
 * `tn` and `decision`. Quirk: it is signed as version 5.0.0 signs, to this day, and is no proof of
 * a payment.
 */
export async function phone(
  { method, query, body }: SimulatedRequest,
  exchange: Exchange,
  room: Room,
): Promise<SimulatedReply> {
  const sent = new URLSearchParams(Buffer.from(body).toString('utf8'));
  const asked = new URLSearchParams(query);
  const said = (name: string) => sent.get(name) ?? asked.get(name) ?? '';
  exchange.describe({ operation: 'app', request: { method, tn: said('tn') } });
  const concern = concernOfTicket(said('tn'), room);
  if (method !== 'POST') return writeJson(405, { error: { message: 'Expected POST.' } });
  if (concern === undefined) {
    return writeJson(404, { error: { field: 'tn', message: 'No order has this number.' } });
  }
  exchange.describe({ id: concern.id });
  const decision = said('decision');
  if (decision === 'approve' && concern.isOpen()) concern.approve();
  if (decision === 'decline' && concern.isOpen()) concern.decline();
  const failed = decision === 'approve' && !concern.isAgreed();
  const result = decision === 'approve' || decision === 'decline' ? results[decision] : 'cancel';
  const { certId, privateKey } = room.platform.current();
  const data = `pay_result=${failed ? 'fail' : result}&tn=${said('tn')}&cert_id=${certId}`;
  return writeJson(200, { sign: rsaSeal('sha1', privateKey, Buffer.from(data)), data });
}
