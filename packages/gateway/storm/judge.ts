/**
 * gateway storm · judge: what must hold, after every change and at the end of time. It reads the books of
 * the channels and rows that were committed, and shares no code with the gateway.
 */
import { type Books, isOpen } from './books.ts';
import { type ChannelName, channelNames } from './deeds.ts';
import { checkConsentEnd, checkConsentMove, isStale } from './judge-consent.ts';
import { checkHoldEnd, checkHoldMove, checkHolds } from './judge-hold.ts';
import { createOutboxJudge } from './judge-outbox.ts';
import { type Bench, checkPayoutEnd, checkPayoutMove, checkPayouts } from './judge-payout.ts';
import { isBehind, isDenied, isRefused, isUnheard, known } from './judge-refusals.ts';
import { createRecord, isOverdue, isSettled, type StoreRecord, type View } from './record.ts';
import type { Script } from './script.ts';

export interface Violation {
  /** In ms since the epoch, virtual. */
  readonly at: number;
  readonly payment: number | undefined;
  readonly what: string;
}

const channelNouns = [
  'payment',
  'refund',
  'cancellation',
  'payout',
  'authorization',
  'agreement',
] as const;
const nothing = { debits: 0, paid: 0, refunds: 0, refunded: 0 };
const isPaidState = (state: string): boolean => state === 'succeeded' || state === 'late-success';
/** Most violations kept of one world: the first ones tell the most. */
const mostViolations = 40;

function summed(books: Books, attempts: View['attempts']): typeof nothing {
  const all = attempts.map(
    ({ channel, attemptId }) => books.truth(channel as ChannelName, attemptId) ?? nothing,
  );
  const sum = (name: keyof typeof nothing) => all.reduce((total, truth) => total + truth[name], 0);
  return {
    debits: sum('debits'),
    paid: sum('paid'),
    refunds: sum('refunds'),
    refunded: sum('refunded'),
  };
}

/** What the merchant's refunds gave back; whatever else went back is a cancellation or reversal. */
const refundsOf = (views: readonly View[]): number =>
  views
    .filter(({ noun, state }) => noun === 'refund' && state === 'succeeded')
    .reduce((sum, { amount = 0 }) => sum + amount, 0);

export interface JudgeOptions {
  readonly books: Books;
  readonly scripts: ReadonlyMap<number, Script>;
  readonly now: () => number;
  /** Told of every change of state, for the log and for what must sometimes happen. */
  readonly moved: (view: View, former: View | undefined) => void;
  readonly fact: (row: { noun: string; id: string; kind: string; body: string }) => void;
  readonly message: (view: { payment: number | undefined; isNew: boolean }) => void;
}

type Blame = (payment: number | undefined, what: string) => void;

/** Nothing is failed as long as somebody could still pay it, or has. */
function checkFailed({ books, blame, view }: Moving, script: Script | undefined): void {
  if (script === undefined || isDenied(script)) return;
  for (const { channel, attemptId } of view.attempts) {
    const truth = books.truth(channel as ChannelName, attemptId);
    if (truth === undefined || (!isOpen(truth) && truth.paid === truth.refunded)) continue;
    const what = `payment ${view.id} is failed (${view.proof}), and is ${truth.state} at ${channel}`;
    blame(view.payment, what);
  }
}

interface Moving {
  readonly books: Books;
  readonly blame: Blame;
  readonly view: View;
}

/** What is known about the paid, the moment the merchant is told. */
function checkMove(moving: Moving, script: Script | undefined): void {
  const { books, blame, view } = moving;
  const { noun, state, payment, id, amount = 0 } = view;
  // It may yet be heard of.
  if (state === 'failed' && isRefused(script, view)) return;
  if (noun === 'payout') checkPayoutMove(view, { books, blame });
  if (noun === 'authorization') checkHoldMove(view, { books, blame });
  if (noun === 'agreement') checkConsentMove(view, { books, blame });
  if (noun === 'payment' && state === 'failed') checkFailed(moving, script);
  if (noun !== 'payment' || !isPaidState(state)) return;
  const { debits, paid } = summed(books, view.attempts);
  if (debits === 0) blame(payment, `payment ${id} is ${state}, and no channel has debited anybody`);
  else if (paid !== amount * debits)
    blame(payment, `payment ${id}: paid ${paid} instead of ${amount}`);
}

/** Every order of the channels is known to the merchant, and was debited once at most. */
function checkOrders(bench: Bench): void {
  const { books, record, blame } = bench;
  for (const channel of channelNames) {
    checkPayouts(channel, bench);
    checkHolds(channel, bench);
    const balance = books.balance(channel);
    if (balance !== 0) blame(undefined, `the accounts of ${channel} sum to ${balance}`);
    for (const id of books.orders(channel)) {
      const view = record.entries.get(record.attempts.get(`payment ${id}`) ?? '');
      const known = view?.attempts.some((one) => one.channel === channel && one.attemptId === id);
      if (!known) blame(view?.payment, `${channel} has an order ${id} that the merchant forgot`);
      const debits = books.truth(channel, id)?.debits ?? 0;
      if (debits > 1) blame(view?.payment, `order ${id} was debited ${debits} times`);
    }
  }
}

/** Fates of which no money is left at the channel. */
const nothings: ReadonlySet<string> = new Set(['not-sent', 'refused', 'failed']);

/** What was paid beside the attempt that won has gone back, unless its merchant took it or a person was called. */
function checkSurplus({ id, payment, attempts, surplus }: View, { books, record, blame }: Bench) {
  if (record.facts.get(`payment ${id}`)?.has('alarm') === true) return;
  for (const { attemptId, decision, refundId = '' } of surplus) {
    const isOpen = record.find('refund', refundId)?.state === 'escalated';
    if (decision !== 'refund' || isOpen) continue;
    const aside = attempts.filter((one) => one.attemptId === attemptId);
    const { paid, refunded } = summed(books, aside);
    if (paid === refunded) continue;
    blame(payment, `payment ${id}: ${paid} is surplus, of which ${refunded} went back`);
  }
}

/** At the end of time the merchant's view is the book's, or a person was called. */
function checkPayment(script: Script, payment: View, bench: Bench): void {
  const { books, record, blame, now } = bench;
  const { number } = script;
  const { id } = payment;
  const views = record.of(number).filter((view) => view === payment || view.parent === id);
  for (const view of views) {
    if (isOverdue(view, now)) blame(number, `${view.noun} ${view.id} is still ${view.state}`);
  }
  const { state, amount = 0, surplus } = payment;
  const attempts = known(payment, script, record);
  const all = summed(books, attempts);
  const isElsewhereToo = script.noun === 'payment' && isRefused(script, payment);
  if (all.debits > 1 && !isElsewhereToo) {
    blame(number, `payment ${id} was debited ${all.debits} times`);
  }
  if (all.refunded > all.paid) {
    blame(number, `payment ${id}: ${all.refunded} went back of ${all.paid}`);
  }
  const lost = summed(
    books,
    attempts.filter(({ fate }) => nothings.has(fate)),
  );
  if (lost.paid !== lost.refunded) {
    const left = lost.paid - lost.refunded;
    blame(number, `payment ${id} is ${state} (${payment.proof}), and ${left} of it is unknown`);
  }
  checkSurplus(payment, bench);
  // What was paid twice stands by one of its attempts.
  const isAside = (name: string) => surplus.some(({ attemptId }) => attemptId === name);
  const own = attempts.filter(({ attemptId, fate }) => !isAside(attemptId) && !nothings.has(fate));
  const { debits, paid, refunded } = summed(books, own);
  if (debits > 1) blame(number, `payment ${id} was paid ${debits} times, and nothing is surplus`);
  if (isPaidState(state) && paid !== amount) {
    blame(number, `payment ${id} is ${state}: paid ${paid} instead of ${amount}`);
  }
  const open = views.some((view) => view.state === 'escalated');
  if (open || !isPaidState(state)) return;
  const undone = payment.undone ?? 0;
  // A channel that lies about amounts under its own signature is believed, up to the whole.
  const lied = script.faults.some(({ fault }) => fault === 'wrong-amount');
  // Of what it denies, nobody but a person can tell whether it went back.
  const isCalled = record.facts.get(`payment ${id}`)?.has('alarm') === true;
  const isLeft = isCalled && isDenied(script);
  const differs = isBehind(script, views, 'refund') ? undone > refunded : undone !== refunded;
  if (!isLeft && (lied ? undone > amount : differs)) {
    blame(number, `payment ${id}: ${undone} given back here, ${refunded} at the channel`);
  }
  const refunds = refundsOf(views);
  if (refunds > all.refunded) {
    blame(number, `payment ${id}: refunds of ${refunds} here, ${all.refunded} at the channels`);
  }
  const isOwed = payment.late?.decision === 'refund' && refunded !== paid;
  if (state === 'late-success' && isOwed && !isCalled) {
    blame(number, `payment ${id} came late, and was not given back`);
  }
}

/** Every event was taken, and every message was looked at. */
function checkQueues(record: StoreRecord, blame: Blame): void {
  for (const { eventId, kind, entry, taken, status } of record.events.values()) {
    const payment = record.entries.get(entry)?.payment;
    if (!taken) blame(payment, `${kind} of ${entry} (${eventId}, ${status}) reached no handler`);
  }
  for (const views of record.messages.values()) {
    for (const { noun, id, amount } of views) {
      const word = record.attempts.get(`${noun} ${id}`) ?? `${noun} ${id}`;
      const entry = record.entries.get(word);
      const kinds = record.facts.get(word);
      const heard = ['notification', 'alarm', 'unmatched'].some((kind) => kinds?.has(kind));
      if (!heard) blame(entry?.payment, `a message about ${word} was stored and never applied`);
      const asked = entry?.amount ?? amount;
      const other = entry !== undefined && amount !== undefined && amount !== asked;
      if (other && !kinds?.has('alarm')) {
        blame(entry.payment, `a message about ${word} told another amount, and nobody was alarmed`);
      }
    }
  }
}

export type Judge = ReturnType<typeof createJudge>;

export function createJudge(options: JudgeOptions) {
  const { books, now } = options;
  const violations: Violation[] = [];
  const blame: Blame = (payment, what) => {
    if (violations.length >= mostViolations) return;
    if (violations.some((one) => one.what === what)) return;
    violations.push({ at: now(), payment, what });
  };
  const unsettled = new Set<string>();
  /** What its merchant answered a challenge of with `pass`. */
  const passed = new Set<number>();
  const record = createRecord({
    violation: blame,
    moved(view, former) {
      const word = `${view.noun} ${view.id}`;
      if (isSettled(view)) unsettled.delete(word);
      else unsettled.add(word);
      if (view.state === former?.state && view.standing === former?.standing) return;
      checkMove({ books, blame, view }, options.scripts.get(view.payment ?? -1));
      if (view.state !== former?.state) options.moved(view, former);
    },
    fact: options.fact,
    message(row, isNew) {
      const said = record.messages.get(`${row.channel} ${row.messageId}`) ?? [];
      const word = record.attempts.get(`${said[0]?.noun} ${said[0]?.id}`) ?? '';
      options.message({ payment: record.entries.get(word)?.payment, isNew });
    },
  });
  return {
    record,
    violations,
    blame,
    unsettled,
    ...createOutboxJudge(record, blame),
    /** A byte is about to leave for a payment. */
    sent(payment: number | undefined): void {
      if (payment === undefined) return;
      const { assessment = 'pass' } = options.scripts.get(payment) ?? {};
      if (assessment !== 'pass' && !passed.has(payment)) {
        blame(payment, `a byte left of what its merchant answered with ${assessment}`);
      }
      const stored = record.of(payment).some(({ attempts }) => attempts.length > 0);
      if (!stored) blame(payment, 'a byte left before its attempt was stored');
    },
    /** Whether the gateway has yet to hear that an agreement has ended: it asks every hour. */
    isStale: (script: Script): boolean => isStale(script, { books, record }),
    /** Whether what a channel refused and took all the same is yet to be asked about there. */
    isUnheard: (): boolean =>
      [...record.entries.values()].some((view) =>
        isUnheard(view, { books, script: options.scripts.get(view.payment ?? -1) }),
      ),
    /** Its merchant is about to let it pass. */
    passes: (payment: number): void => void passed.add(payment),
    /** A channel lied about an amount under its own signature, and was answered that all is well. */
    lied(channel: ChannelName, id: string): void {
      const word = [...channelNouns]
        .map((noun) => record.attempts.get(`${noun} ${id}`))
        .find(Boolean);
      const isCalled = record.facts.get(word ?? '')?.has('alarm') === true;
      if (word === undefined || isCalled) return;
      const payment = record.entries.get(word)?.payment;
      blame(payment, `${channel} told another amount of ${word}, and nobody was alarmed`);
    },
    /** A message of a channel was answered. */
    answered(told: { payment: number | undefined; accepted: boolean; stored: boolean }): void {
      if (told.accepted && !told.stored) {
        blame(told.payment, 'a message was acknowledged that no disk holds');
      }
    },
    end(scripts: readonly Script[], once: ReadonlyMap<string, number>): void {
      const bench = { books, record, blame, now: now() };
      checkOrders(bench);
      for (const script of scripts) {
        if (script.noun === 'payout') checkPayoutEnd(script, bench);
        if (script.noun === 'authorization') checkHoldEnd(script, bench);
        if (script.noun === 'agreement') checkConsentEnd(script, bench);
        // Its payment, or what was captured of its hold or charged by its agreement.
        const payments = record.of(script.number).filter(({ noun }) => noun === 'payment');
        for (const payment of payments) checkPayment(script, payment, bench);
      }
      checkQueues(record, blame);
      for (const [eventId, count] of once) {
        const entry = record.events.get(eventId)?.entry ?? '';
        const payment = record.entries.get(entry)?.payment;
        if (count !== 1) blame(payment, `${eventId} of ${entry} worked ${count} times, not once`);
      }
    },
  };
}
