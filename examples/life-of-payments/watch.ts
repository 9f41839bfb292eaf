/** examples · watch: one verb, timed, told and booked. */
import { type Closure, type Fact, isPolyrailError } from '@polyrail/core';
import { type Books, yuan } from './books.ts';
import type { Line, Narrator } from './narrator.ts';

type About = Pick<Line, 'scene' | 'id'> & {
  readonly verb: string;
  /** The payment that is spoken of, where the id is another's. */
  readonly paymentId?: string;
};

/** Runs one verb; what it throws is told and thrown on. */
export type Watch = <R extends Fact | Closure>(about: About, run: () => Promise<R>) => Promise<R>;

interface WatchParts {
  readonly books: Books;
  readonly narrator: Narrator;
  /** Awaited after every verb, so that what it made the channel push is told right behind it. */
  afterVerb(): Promise<void>;
}

const actionWords = {
  qr: 'show a QR code',
  form: 'post the payer’s browser there',
  redirect: 'send the payer’s browser there',
  sdk: 'hand over to the wallet',
  otp: 'ask for a code',
} as const;

/** The one thing worth saying about a result. */
function noteOf(told: Fact | Closure): string {
  switch (told.status) {
    case 'unknown':
      return `doubt: ${told.doubt}`;
    case 'failed':
      return `${told.reason}, retry: ${told.retry}`;
    case 'pending':
      if (told.nextAction === undefined) return `waiting for the ${told.waitingFor}`;
      return actionWords[told.nextAction.kind];
    default:
  }
  if (told.noun === 'cancellation') return `effect: ${told.effect}`;
  if (told.noun === 'closure') return 'no money can come any more';
  if (told.noun === 'refund') return `${yuan(told.amount)} back`;
  if (told.noun === 'agreement') return `${told.standing}`;
  if (told.noun === 'authorization') return `${yuan(told.remaining ?? told.amount)} held`;
  if (told.noun === 'payout') {
    return told.returned ? `sent back: ${told.returned.reason}` : `${yuan(told.amount)} there`;
  }
  const { amount, undone } = told;
  return undone ? `${yuan(amount)} paid, ${yuan(undone.amount)} back` : `${yuan(amount)} paid`;
}

export const createWatch =
  ({ books, narrator, afterVerb }: WatchParts): Watch =>
  async ({ paymentId, ...about }, run) => {
    const line = { actor: 'call', ...about } as const;
    const begun = performance.now();
    try {
      const result = await run();
      const ms = performance.now() - begun;
      books.apply(result, paymentId);
      narrator.line({ ...line, status: result.status, ms, note: noteOf(result) });
      await afterVerb();
      return result;
    } catch (error) {
      const ms = performance.now() - begun;
      const [note, words] = isPolyrailError(error) ? [error.code, error.message] : ['', error];
      narrator.line({ ...line, status: 'thrown', ms, note });
      narrator.aside(String(words));
      throw error;
    }
  };
