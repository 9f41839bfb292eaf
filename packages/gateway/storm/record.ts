/**
 * gateway storm · record: the merchant's view as the store holds it, put together from committed rows
 * alone, and what is forbidden to a row whatever the channels say.
 */
import type { EntryRow, EventRow, FactRow, MessageRow } from '../src/index.ts';
import { numberOf } from './script.ts';
import type { Written } from './session.ts';

interface AttemptView {
  readonly channel: string;
  readonly attemptId: string;
  readonly fate: string;
}

interface LateView {
  readonly attemptId: string;
  readonly decision: string;
  readonly deadline: string;
  readonly refundId?: string;
  readonly refundAmount?: { readonly amount: number };
  readonly refundsFailed?: number;
}

/** One entry as it was last committed. */
export interface View {
  readonly noun: string;
  readonly id: string;
  readonly state: string;
  readonly version: number;
  /** Minor units; a cancellation names none. */
  readonly amount: number | undefined;
  /** Minor units given back, as the merchant is told. */
  readonly undone: number | undefined;
  readonly attempts: readonly AttemptView[];
  readonly payment: number | undefined;
  /** The id of what it belongs to. */
  readonly parent?: string;
  readonly proof?: string;
  readonly reason?: string;
  readonly late?: LateView;
  readonly surplus: readonly LateView[];
  /** Of an agreement. */
  readonly standing?: string;
}

export interface EventView {
  readonly eventId: string;
  readonly kind: string;
  readonly entry: string;
  taken: boolean;
  status: string;
}

interface MessageView {
  readonly id: string;
  readonly noun: string;
  readonly channel: string;
  readonly amount: number | undefined;
}

/** Events whose handler works in the transaction it is given. */
export const kindsOnce: ReadonlySet<string> = new Set([
  'payment.pending',
  'payment.undone',
  'payment.unknown',
  'refund.succeeded',
  'payout.succeeded',
  'authorization.succeeded',
  'authorization.undone',
  'agreement.succeeded',
]);

/** Only upwards. Written down here by itself: the judge takes no word of the judged. */
const ranks: Readonly<Record<string, number>> = {
  challenged: 0,
  created: 0,
  unknown: 1,
  pending: 2,
  escalated: 3,
  failed: 4,
  'late-success': 5,
  succeeded: 6,
};

const settledStates = new Set(['failed', 'late-success', 'succeeded', 'escalated']);
const isUndecided = (money: LateView | undefined): money is LateView =>
  money?.decision === 'undecided';
export const isSettled = ({ state, late, surplus }: View): boolean =>
  settledStates.has(state) && ![late, ...surplus].some(isUndecided);

/** Whether something should have come to its end by now. What came late at the last moment has some time left. */
export const isOverdue = (view: View, now: number): boolean => {
  const undecided = [view.late, ...view.surplus].filter(isUndecided);
  const isInTime = undecided.some(({ deadline }) => Date.parse(deadline) > now);
  return !isSettled(view) && !isInTime;
};

const wordOf = ({ noun, id }: { readonly noun: string; readonly id: string }) => `${noun} ${id}`;

interface Body {
  readonly amount?: { readonly amount: number };
  readonly attempts: readonly AttemptView[];
  readonly parent?: { readonly id: string };
  readonly proof?: string;
  readonly reason?: string;
  readonly undone?: { readonly amount: { readonly amount: number } };
  readonly late?: LateView;
  readonly surplus?: readonly LateView[];
  readonly told?: { readonly standing?: string };
}

function viewOf({ noun, id, state, version, body }: EntryRow): View {
  const all = JSON.parse(body) as Body;
  const { amount, attempts, parent, proof, reason, undone, late, surplus = [], told } = all;
  const standing = told?.standing;
  return {
    noun,
    id,
    state,
    version,
    amount: amount?.amount,
    undone: undone?.amount.amount,
    attempts,
    surplus,
    payment: numberOf(id) ?? (parent && numberOf(parent.id)),
    ...(parent === undefined ? {} : { parent: parent.id }),
    ...(proof === undefined ? {} : { proof }),
    ...(reason === undefined ? {} : { reason }),
    ...(late === undefined ? {} : { late }),
    ...(standing === undefined ? {} : { standing }),
  };
}

export interface RecordTold {
  violation(payment: number | undefined, what: string): void;
  /** An entry was committed in another state than before. */
  moved(view: View, former: View | undefined): void;
  fact(row: FactRow): void;
  message(row: MessageRow, isNew: boolean): void;
}

export type StoreRecord = ReturnType<typeof createRecord>;

export function createRecord(told: RecordTold) {
  const entries = new Map<string, View>();
  const byPayment = new Map<number, Set<string>>();
  const events = new Map<string, EventView>();
  const queues = new Map<string, EventView[]>();
  const messages = new Map<string, MessageView[]>();
  const facts = new Map<string, Set<string>>();
  /** `channel attemptId` to the entry it belongs to. */
  const attempts = new Map<string, string>();

  const entry = (row: EntryRow): void => {
    const view = viewOf(row);
    const word = wordOf(view);
    const former = entries.get(word);
    const { payment } = view;
    if (former !== undefined && view.version !== former.version + 1) {
      const versions = `version ${view.version} after ${former.version}`;
      told.violation(payment, `${word}: a change was written over another one (${versions})`);
    }
    const fell = (ranks[view.state] ?? -1) < (ranks[former?.state ?? 'created'] ?? 0);
    if (fell) told.violation(payment, `${word} went back from ${former?.state} to ${view.state}`);
    if (former?.standing === 'ended' && view.standing !== 'ended') {
      told.violation(payment, `${word} ended, and is ${view.standing} again`);
    }
    for (const { channel, attemptId, fate } of former?.attempts ?? []) {
      if (view.attempts.some((one) => one.channel === channel && one.attemptId === attemptId))
        continue;
      // Another channel may be sent the same id in its place.
      if (fate === 'not-sent') continue;
      told.violation(payment, `${word} forgot its attempt ${attemptId}`);
    }
    entries.set(word, view);
    for (const one of view.attempts) attempts.set(`${view.noun} ${one.attemptId}`, word);
    if (payment !== undefined) {
      const those = byPayment.get(payment) ?? new Set();
      byPayment.set(payment, those.add(word));
    }
    told.moved(view, former);
  };

  const event = (row: EventRow, isNew: boolean): void => {
    const known = events.get(row.eventId);
    if (!isNew) {
      if (known !== undefined) known.status = row.status;
      return;
    }
    const word = wordOf(row);
    const view = { eventId: row.eventId, kind: row.kind, entry: word, taken: false };
    const kept: EventView = { ...view, status: row.status };
    events.set(row.eventId, kept);
    queues.set(word, [...(queues.get(word) ?? []), kept]);
  };

  const message = (row: MessageRow, isNew: boolean): void => {
    const { facts: said } = JSON.parse(row.body) as {
      facts: { noun: string; ref: { merchantId: string }; amount?: { amount: number } }[];
    };
    const views = said.map(({ noun, ref, amount }) => ({
      noun,
      id: ref.merchantId,
      channel: row.channel,
      amount: amount?.amount,
    }));
    messages.set(`${row.channel} ${row.messageId}`, views);
    told.message(row, isNew);
  };

  const fact = (row: FactRow): void => {
    const word = wordOf(row);
    facts.set(word, (facts.get(word) ?? new Set()).add(row.kind));
    told.fact(row);
  };

  return {
    entries,
    events,
    queues,
    messages,
    facts,
    attempts,
    of: (payment: number): readonly View[] =>
      [...(byPayment.get(payment) ?? [])].map((word) => entries.get(word) as View),
    find: (noun: string, id: string) => entries.get(wordOf({ noun, id })),
    committed(written: readonly Written[]): void {
      for (const one of written) {
        if (one.kind === 'entry') entry(one.row);
        else if (one.kind === 'event') event(one.row, one.isNew);
        else if (one.kind === 'message') message(one.row, one.isNew);
        else fact(one.row);
      }
    },
  };
}
