/** wechatpay simulator · payer: the thumb that pays, signs, receives, declines, or leaves. */
import { type Payer, problem } from '@polyrail/simulator';
import { agreementConcern } from './agreements.ts';
import { type Concern, stuck } from './concern.ts';
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

function requireConcern(room: Room, id: string, mchId?: unknown): Concern {
  const all = concernsFor(room, id, mchId);
  const concern = all.find((one) => one.isOpen()) ?? all[0];
  if (concern !== undefined) return concern;
  const rule = 'the number of an order, an agreement, a transfer or a pay-score order made here';
  const message = `Nothing has the number ${JSON.stringify(id)}.`;
  throw problem({ field: 'id', rule, message, status: 404 });
}

/** Fen as a number, or yuan as a text with a point. */
function checkAmount({ amount: asked }: Concern, amount: unknown): void {
  if (amount === undefined || amount === '' || asked === undefined) return;
  const text = String(amount);
  const fen = text.includes('.') ? Math.round(Number(text) * 100) : Number(text);
  if (fen === asked) return;
  const rule = `${asked} fen, or nothing: a payer pays what was asked`;
  const message = 'The amount is not that of the order.';
  throw problem({ field: 'amount', rule, message, status: 409 });
}

export function createPayer(room: Room): Payer {
  return {
    async approve(id, options = {}) {
      const concern = requireConcern(room, id, options['mchId']);
      checkAmount(concern, options['amount']);
      // Pressing twice pays once.
      if (!concern.isAgreed()) concern.approve();
      return concern.truth();
    },
    async decline(id, options = {}) {
      const concern = requireConcern(room, id, options['mchId']);
      concern.decline();
      return concern.truth();
    },
    async abandon(id) {
      const concern = requireConcern(room, id);
      if (!concern.isOpen()) throw stuck(concern, 'abandoned');
      return concern.truth();
    },
  };
}
