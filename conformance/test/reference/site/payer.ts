/** reference site · payer: the thumb that pays, consents, declines, or walks away; the payee's bank. */
import { type Payer, problem } from '@polyrail/simulator';
import { agreementTruth, end, refuseConsent, sign } from './agreement.ts';
import { grant, holdTruth } from './authorization.ts';
import type { Order } from './book.ts';
import { flush } from './notification.ts';
import { pay } from './payment.ts';
import { arrive, payoutTruth, sendBack } from './payout.ts';
import type { Agreement, Hold, Payout } from './records.ts';
import type { Room } from './room.ts';

function requireState(found: { readonly state: string }, ...states: readonly string[]): void {
  if (states.includes(found.state)) return;
  throw problem({ message: `It is ${found.state} already.`, status: 409 });
}

/** What somebody can do about one thing at acme. */
interface Deeds {
  approve(amount: unknown): void;
  decline(): void;
  abandon(): void;
  truth(): unknown;
}

function ofOrder(order: Order, room: Room): Deeds {
  return {
    approve(amount) {
      if (amount !== undefined && Number(amount) !== order.terms.amount) {
        const message = 'A payer pays what was asked.';
        throw problem({ field: 'amount', message, status: 409 });
      }
      // Pressing twice pays once.
      if (order.state === 'PAID') return;
      requireState(order, 'OPEN');
      pay(order, room);
    },
    decline() {
      requireState(order, 'OPEN');
      order.state = 'DECLINED';
    },
    abandon: () => requireState(order, 'OPEN'),
    truth: () => room.book.truth(order),
  };
}

const ofHold = (hold: Hold, room: Room): Deeds => ({
  approve() {
    if (hold.state === 'HELD') return;
    requireState(hold, 'OPEN');
    grant(hold, room);
  },
  decline() {
    requireState(hold, 'OPEN');
    hold.state = 'DECLINED';
  },
  abandon: () => requireState(hold, 'OPEN'),
  truth: () => holdTruth(hold, room),
});

const ofAgreement = (agreement: Agreement, room: Room): Deeds => ({
  approve() {
    if (agreement.state === 'ACTIVE') return;
    if (agreement.code !== undefined) {
      throw problem({ message: 'The payer consents by the code alone.', status: 409 });
    }
    requireState(agreement, 'OPEN');
    sign(agreement, room);
  },
  decline() {
    requireState(agreement, 'OPEN', 'ACTIVE');
    if (agreement.state === 'ACTIVE') end(agreement, room);
    else refuseConsent(agreement, room);
  },
  abandon: () => requireState(agreement, 'OPEN'),
  truth: () => agreementTruth(agreement, room),
});

const ofPayout = (payout: Payout, room: Room): Deeds => ({
  approve() {
    if (payout.state === 'ARRIVED') return;
    requireState(payout, 'PENDING');
    arrive(payout, room);
  },
  decline() {
    requireState(payout, 'PENDING', 'ARRIVED');
    sendBack(payout, room);
  },
  abandon: () => requireState(payout, 'PENDING'),
  truth: () => payoutTruth(payout, room),
});

/** What has that id: the first merchant's, or that of `merchantId`, or an order of anybody's. */
function deedsOf(room: Room, id: string, merchantId: unknown): Deeds {
  const { book, holds, agreements, payouts, merchants } = room;
  const wanted = String(merchantId ?? merchants.first.merchantId);
  const order = book.find(wanted, id);
  if (order !== undefined) return ofOrder(order, room);
  const hold = holds.find(wanted, id);
  if (hold !== undefined) return ofHold(hold, room);
  const agreement = agreements.find(wanted, id);
  if (agreement !== undefined) return ofAgreement(agreement, room);
  const payout = payouts.find(wanted, id);
  if (payout !== undefined) return ofPayout(payout, room);
  const [any] = book.all().filter(({ terms }) => terms.paymentId === id);
  if (merchantId === undefined && any !== undefined) return ofOrder(any, room);
  throw problem({ field: 'id', message: `Nothing ${JSON.stringify(id)} is here.`, status: 404 });
}

export const createPayer = (room: Room): Payer => ({
  async approve(id, { merchantId, amount } = {}) {
    const deeds = deedsOf(room, id, merchantId);
    deeds.approve(amount);
    flush(room);
    return deeds.truth();
  },
  async decline(id, { merchantId } = {}) {
    const deeds = deedsOf(room, id, merchantId);
    deeds.decline();
    flush(room);
    return deeds.truth();
  },
  async abandon(id) {
    const deeds = deedsOf(room, id, undefined);
    deeds.abandon();
    return deeds.truth();
  },
});
