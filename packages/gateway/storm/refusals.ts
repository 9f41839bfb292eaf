/** gateway storm · refusals: channels that sign that they refuse an order, and have taken it all the same. */
import { type Channel, type Outcome, PolyrailError } from '@polyrail/core';
import { createSeededRandom } from '@polyrail/simulator';
import { isContrary } from './terms.ts';

/** So many payments of a world of such channels. */
const refusedShare = 0.3;

export const drawRefusal = (seed: number, number: number): boolean =>
  isContrary(number) && createSeededRandom(`${seed}/${number}/refusal`).chance(refusedShare);

type Pay = (
  request: { readonly merchantPaymentId: string },
  options: unknown,
) => Promise<Outcome<'payment'>>;

const isTaken = ({ status }: Outcome<'payment'>): boolean =>
  status === 'succeeded' || status === 'pending';

/** A channel that denies having taken some orders, under its own signature. */
export function refusing(channel: Channel, isMeant: (id: string) => boolean): Channel {
  const pay = channel.pay as unknown as Pay;
  const denied: Pay = async (request, options) => {
    const outcome = await pay(request, options);
    if (!isTaken(outcome) || !isMeant(request.merchantPaymentId)) return outcome;
    throw new PolyrailError('REFUSED', 'The order was refused', { evidence: 'signed' });
  };
  return { ...channel, pay: denied } as unknown as Channel;
}
