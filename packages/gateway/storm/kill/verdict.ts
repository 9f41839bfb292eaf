/**
 * gateway storm kill · verdict: what is left when all processes died many times, judged by the channels' own
 * books, and what the merchant's handlers were told, by the rows they wrote.
 */
import type { OrderBooks } from '../books.ts';
import { channelNames } from '../deeds.ts';
import type { Outbox } from './database.ts';
import type { Listed, Order, Seen } from './victim.ts';
import { atLeastOnce } from './witness.ts';

export interface Evidence extends Listed, Outbox {
  readonly orders: readonly Order[];
  readonly books: OrderBooks;
  /** How often a handler without a transaction was called, by event. */
  readonly heard: ReadonlyMap<string, number>;
}

const ends: ReadonlySet<string> = new Set(['succeeded', 'failed', 'late-success', 'escalated']);
const isPaid = ({ state }: Seen): boolean => state === 'succeeded' || state === 'late-success';
const nothing = { debits: 0, paid: 0, refunded: 0 };

const moneyOf = ({ late, surplus = [] }: Seen) =>
  late === undefined ? surplus : [late, ...surplus];

/** What nobody works on any more: entries, money that came late, events in line. */
export function isOver({ payments, refunds, emitted }: Listed & Outbox): boolean {
  const byId = new Map(refunds.map((refund) => [refund.id, refund]));
  const isSettled = ({ decision, refundId }: ReturnType<typeof moneyOf>[number]): boolean =>
    decision === 'accept' || (decision === 'refund' && byId.has(refundId ?? ''));
  return (
    [...payments, ...refunds].every(({ state }) => ends.has(state)) &&
    payments.every((payment) => moneyOf(payment).every(isSettled)) &&
    emitted.every(({ status }) => status !== 'waiting')
  );
}

/** What the channel's books say of everything that was tried under a payment. */
function truthOf({ books }: Evidence, { id, channel }: Order, payment: Seen | undefined) {
  const ids = new Set([id, ...(payment?.attempts ?? []).map(({ attemptId }) => attemptId)]);
  const sum = { ...nothing };
  for (const one of ids) {
    const truth = books.truth(channel, one) ?? nothing;
    sum.debits += truth.debits;
    sum.paid += truth.paid;
    sum.refunded += truth.refunded;
  }
  return sum;
}

function judgePayment(evidence: Evidence, order: Order, payment: Seen | undefined): string[] {
  const { id, channel, amount } = order;
  const { debits, paid, refunded } = truthOf(evidence, order, payment);
  if (payment === undefined) return [`${id} is lost; debits at ${channel}: ${debits}`];
  const { state } = payment;
  const wrong: string[] = [];
  if (debits > 1) wrong.push(`${id} was debited ${debits} times`);
  if (refunded > paid) wrong.push(`${id}: ${refunded} went back of ${paid}`);
  if (!ends.has(state)) wrong.push(`${id} is still ${state}`);
  if (isPaid(payment) && paid !== amount) {
    wrong.push(`${id} is ${state}, and ${paid} of ${amount} was paid`);
  }
  if (state === 'failed' && paid !== refunded) wrong.push(`${id} is failed, and ${paid} was paid`);
  const mine = evidence.refunds.filter(({ parent }) => parent?.id === id);
  const stuck = mine.filter(({ state: one }) => !ends.has(one));
  for (const refund of stuck) wrong.push(`refund ${refund.id} is still ${refund.state}`);
  // A person was called: what is there and what is here may differ until then.
  if (state === 'escalated' || mine.some((refund) => refund.state === 'escalated')) return wrong;
  const given = mine
    .filter((refund) => refund.state === 'succeeded')
    .reduce((sum, refund) => sum + (refund.amount?.amount ?? 0), 0);
  // Of what failed, reversals give back, and no refund.
  const expected = state === 'failed' ? 0 : refunded;
  if (given !== expected) wrong.push(`${id}: ${given} given back, ${expected} there`);
  const undone = payment.undone?.amount.amount ?? 0;
  if (isPaid(payment) && undone !== refunded) {
    wrong.push(`${id}: the merchant is told of ${undone} given back, ${refunded} there`);
  }
  if (payment.late?.decision === 'refund' && refunded !== paid) {
    wrong.push(`${id} came late, and ${refunded} of ${paid} was given back`);
  }
  return wrong;
}

/** Every order of the channels is known to the merchant, and their money is whole. */
function judgeBooks({ books, orders, payments }: Evidence): string[] {
  const known = new Set([
    ...orders.map(({ id }) => id),
    ...payments.flatMap(({ attempts }) => attempts.map(({ attemptId }) => attemptId)),
  ]);
  return channelNames.flatMap((channel) => {
    const strange = books.orders(channel).filter((id) => !known.has(id));
    const balance = books.balance(channel);
    return [
      ...strange.map((id) => `${id} at ${channel} is nobody's`),
      ...(balance === 0 ? [] : [`${channel} sums to ${balance}`]),
    ];
  });
}

const wordOf = ({ noun, id }: { readonly noun: string; readonly id: string }) => `${noun} ${id}`;

/** Each change that was put in line was told, once through a transaction, and in order. */
function judgeOutbox({ emitted, written, heard }: Evidence): string[] {
  const wrong: string[] = [];
  const times = new Map<string, number>();
  for (const { eventId } of written) times.set(eventId, (times.get(eventId) ?? 0) + 1);
  const turns = new Map(emitted.map(({ eventId }, turn) => [eventId, turn]));
  for (const { eventId, kind, status, ...entry } of emitted) {
    const plain = atLeastOnce.has(kind);
    const count = (plain ? heard : times).get(eventId) ?? 0;
    const what = `${kind} of ${wordOf(entry)}`;
    if (plain ? count < 1 : count !== 1) wrong.push(`${what} was told ${count} times`);
    if (status !== 'delivered') wrong.push(`${what} is ${status}`);
    if (/\.(alarm|unmatched)$/.test(kind)) wrong.push(`${what} was nothing to happen`);
  }
  const latest = new Map<string, number>();
  for (const { eventId, kind, ...entry } of written) {
    const word = wordOf(entry);
    const turn = turns.get(eventId);
    if (turn === undefined) wrong.push(`${kind} of ${word} was told and is not in the store`);
    else if (turn < (latest.get(word) ?? 0)) wrong.push(`${kind} of ${word} was told out of order`);
    latest.set(word, turn ?? 0);
  }
  return wrong;
}

/** Of each entry's last state the merchant was told, exactly once. */
function judgeEnds({ payments, refunds, written }: Evidence): string[] {
  const counts = new Map<string, number>();
  for (const { kind, id } of written) {
    const word = `${kind} ${id}`;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const ofNoun = (noun: string, all: readonly Seen[]) =>
    all.flatMap(({ id, state }) => {
      const count = counts.get(`${noun}.${state} ${id}`) ?? 0;
      return !ends.has(state) || count === 1 ? [] : [`${noun} ${id}: ${state} told ${count} times`];
    });
  return [...ofNoun('payment', payments), ...ofNoun('refund', refunds)];
}

/** Everything that is wrong; empty when nothing was lost and nothing doubled. */
export function judgeKills(evidence: Evidence): string[] {
  const byId = new Map(evidence.payments.map((payment) => [payment.id, payment]));
  return [
    ...evidence.orders.flatMap((order) => judgePayment(evidence, order, byId.get(order.id))),
    ...judgeBooks(evidence),
    ...judgeOutbox(evidence),
    ...judgeEnds(evidence),
  ];
}
