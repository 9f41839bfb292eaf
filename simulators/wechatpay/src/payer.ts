/** wechatpay simulator · payer: the thumb that pays, signs, receives, declines, or leaves. */
import { createThumb, type Payer } from '@polyrail/simulator';
import { agreementConcern } from './agreements.ts';
import type { Concern } from './concern.ts';
import { everyMerchant, type Merchant } from './merchants.ts';
import { orderConcern } from './order-concern.ts';
import { payoutConcern } from './payouts.ts';
import type { Room } from './room.ts';
import { scoreConcern } from './v3-score.ts';

/** The named merchant, or every one; the first merchant first. */
export const merchantsFor = (room: Room, mchId?: unknown): readonly Merchant[] =>
  everyMerchant(room.merchants).filter((one) => mchId === undefined || one.mchid === mchId);

/** Whatever a merchant has under that number. */
function concernsOf(merchant: Merchant, id: string, room: Room): readonly Concern[] {
  const order = room.book.find(merchant, id);
  const agreement = room.agreements.find(merchant, id) ?? room.agreements.findId(merchant, id);
  const score = room.scores.find(merchant, id);
  const payout = room.payouts.find(merchant, id) ?? room.payouts.findNumber(merchant, id);
  return [
    ...(order === undefined ? [] : [orderConcern(order, room)]),
    ...(score === undefined ? [] : [scoreConcern(score, room)]),
    ...(agreement === undefined ? [] : [agreementConcern(agreement, room)]),
    ...(payout === undefined ? [] : [payoutConcern(payout, room)]),
  ];
}

export const concernsFor = (room: Room, id: string, mchId?: unknown): readonly Concern[] =>
  merchantsFor(room, mchId).flatMap((merchant) => concernsOf(merchant, id, room));

/** What a code, a prepay id or a link to a page names. */
export function concernOfTicket(ticket: string, room: Room): Concern | undefined {
  const order = room.book.findTicket(ticket);
  if (order !== undefined) return orderConcern(order, room);
  const agreement = room.agreements.findTicket(ticket);
  if (agreement !== undefined) return agreementConcern(agreement, room);
  const score = room.scores.findPackage(ticket);
  if (score !== undefined) return scoreConcern(score, room);
  const payout = room.payouts.findPackage(ticket);
  return payout && payoutConcern(payout, room);
}

export const createPayer = (room: Room): Payer =>
  createThumb({
    find: (id, { mchId }) => concernsFor(room, id, mchId),
    rule: 'the number of an order, an agreement, a transfer or a pay-score order made here',
  });
