/** reference site · payout: money to a payee - at once, or later, or back again. */
import { formatMoney, instantOf } from '@polyrail/core';
import { payeeAccount } from './book.ts';
import { amountOf, type Fields, idOf, textOf } from './fields.ts';
import { flush, notify } from './notification.ts';
import type { Payout, PayoutTerms } from './records.ts';
import { refuse } from './refusal.ts';
import type { Call, Operation, Room } from './room.ts';

/** A bank takes its time. */
const bankMs = 2 * 3_600_000;

/** Where merchants hear of payouts is agreed with acme once for all. */
const payoutsUrl = 'http://merchant.invalid/acme/payouts';

/** A payout as replies and notifications tell it: nothing of the payee. */
export const describePayout = ({ terms, acmeId, state, ...times }: Payout): Fields => ({
  payoutId: terms.payoutId,
  acmeId,
  state,
  amount: formatMoney(terms),
  currency: terms.currency,
  ...(times.arrivedAtMs === undefined ? {} : { arrivedAt: instantOf(times.arrivedAtMs) }),
  ...(times.returnedAtMs === undefined ? {} : { returnedAt: instantOf(times.returnedAtMs) }),
});

const transitOf = ({ merchantId, terms }: Payout): string =>
  `transit:${merchantId}-${terms.payoutId}`;

const memoOf = ({ merchantId, terms }: Payout, what: string): string =>
  `${what} ${merchantId} ${terms.payoutId}`;

function record(payout: Payout, kind: 'payout' | 'payout-return', { book }: Room): void {
  const { merchantId, terms, acmeId } = payout;
  const { payoutId: id, amount, currency } = terms;
  const direction = kind === 'payout' ? 'out' : 'in';
  book.record({ merchantId, kind, paymentId: '', id, acmeId, direction, amount, currency });
}

function change(payout: Payout, state: Payout['state'], room: Room): void {
  payout.state = state;
  const { merchantId, terms } = payout;
  const about = { payout: describePayout(payout) };
  notify({ merchantId, id: terms.payoutId, url: payoutsUrl, about }, room);
}

/** The payee has the money. */
export function arrive(payout: Payout, room: Room): void {
  const { amount, currency } = payout.terms;
  const [from, to] = [transitOf(payout), payeeAccount(currency)];
  room.book.transfer({ from, to, amount, currency, memo: memoOf(payout, 'arrival') });
  payout.arrivedAtMs = room.world.clock.now();
  change(payout, 'ARRIVED', room);
}

/** The payee's bank does not take the money, or sends it back: the merchant has it again. */
export function sendBack(payout: Payout, room: Room): void {
  const { merchantId, terms, state } = payout;
  const { amount, currency } = terms;
  const arrived = state === 'ARRIVED';
  const from = arrived ? payeeAccount(currency) : transitOf(payout);
  const to = room.book.accountOf(merchantId, currency);
  room.book.transfer({ from, to, amount, currency, memo: memoOf(payout, 'payout back') });
  record(payout, 'payout-return', room);
  if (arrived) payout.returnedAtMs = room.world.clock.now();
  change(payout, arrived ? 'RETURNED' : 'FAILED', room);
}

function termsOf(fields: Fields): PayoutTerms {
  const payee = textOf(fields, 'payee', /^(wallet|bank)$/) as PayoutTerms['payee'];
  const isNamed = payee === 'bank' || fields['payeeName'] !== undefined;
  return {
    payoutId: idOf(fields, 'payoutId'),
    ...amountOf(fields),
    purpose: textOf(fields, 'purpose'),
    payee,
    accountNo: textOf(fields, 'accountNo', /^.{1,64}$/su),
    payeeName: isNamed ? textOf(fields, 'payeeName', /^.{1,64}$/su) : undefined,
  };
}

function begin(merchantId: string, terms: PayoutTerms, room: Room): Payout {
  const { book, payouts, world } = room;
  const { amount, currency, payoutId } = terms;
  if (book.balanceOf(merchantId, currency) < amount) {
    throw refuse('INSUFFICIENT_FUNDS', 'The account holds less than this');
  }
  const acmeId = book.acmeId('O');
  const payout: Payout = { merchantId, terms, acmeId, state: 'PENDING' };
  const from = book.accountOf(merchantId, currency);
  const to = transitOf(payout);
  book.transfer({ from, to, amount, currency, memo: memoOf(payout, 'payout') });
  record(payout, 'payout', room);
  payouts.put(merchantId, payoutId, payout);
  if (terms.payee === 'wallet') arrive(payout, room);
  else {
    world.clock.schedule(bankMs, () => {
      if (payout.state !== 'PENDING') return;
      arrive(payout, room);
      flush(room);
    });
  }
  return payout;
}

const create: Operation = ({ merchant, fields }, room) => {
  const terms = termsOf(fields);
  const known = room.payouts.find(merchant.merchantId, terms.payoutId);
  if (known === undefined) return describePayout(begin(merchant.merchantId, terms, room));
  if (JSON.stringify(known.terms) === JSON.stringify(terms)) return describePayout(known);
  throw refuse('ID_REUSED', 'This payoutId belongs to a payout of other content');
};

const query: Operation = ({ merchant, fields, exchange }: Call, { payouts }: Room) => {
  const payout = payouts.find(merchant.merchantId, idOf(fields, 'payoutId'));
  if (payout === undefined || exchange.fault('not-found-lag')) {
    throw refuse('NOT_FOUND', 'No payout has this payoutId');
  }
  return describePayout(payout);
};

export const payoutOperations: Readonly<Record<string, Operation>> = {
  'payouts.create': create,
  'payouts.query': query,
};

/** Counted in the ledger itself. */
export function payoutTruth(payout: Payout, { book }: Room) {
  book.check();
  const { amount } = payout.terms;
  const transfers = book.countOf(memoOf(payout, 'arrival'));
  const returned = payout.state === 'RETURNED' ? amount : 0;
  return { state: payout.state, transfers, paid: transfers * amount, returned };
}
