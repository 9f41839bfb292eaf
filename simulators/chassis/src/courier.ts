/** simulator · courier: one attempt to bring a message to a merchant, its faults and its record. */
import { type Incoming, instantOf, type Outgoing } from '@polyrail/core';
import type { VirtualClock } from './clock.ts';
import { decodeBody } from './decode.ts';
import type { FaultBook, FaultRule } from './faults.ts';
import type { Journal } from './journal.ts';
import { post } from './post.ts';
import { type Later, later } from './wall.ts';

export interface Sealed {
  readonly body: Uint8Array | string;
  readonly headers: Readonly<Record<string, string>>;
}

/** One event to be pushed until the merchant accepts it or the ladder ends. */
export interface Push extends Sealed {
  /** Where to; what is not http or https is noted and given up. */
  readonly url: string;
  readonly operation: string;
  /** The merchant's order id. */
  readonly id?: string;
  /** Gaps between deliveries: one delivery more than there are gaps. */
  readonly ladderMs: readonly number[];
  /** How long the answer may take, wall time unless the clock is alone. Default 10 000. */
  readonly patienceMs?: number;
  accepts(reply: { readonly status: number; readonly body: Uint8Array }): boolean;
  /** Body and headers of a repetition, where they differ; the first repetition is attempt 2. */
  rebuild?(attempt: number): Sealed | Promise<Sealed>;
  /** What a forger would send instead, for `forged-notification`. */
  forge?(): Sealed | Promise<Sealed>;
}

/** A merchant's endpoint in the same process. Throwing counts as no answer. */
export type Listener = (message: Incoming) => Promise<Outgoing> | Outgoing;

export interface CourierOptions {
  readonly clock: VirtualClock;
  readonly faults: FaultBook;
  readonly journal: Journal;
  readonly listener: () => Listener | undefined;
}

interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
}

const encoder = new TextEncoder();
const bytesOf = (body: Uint8Array | string): Uint8Array =>
  typeof body === 'string' ? encoder.encode(body) : body;
export const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Looks up faults for one attempt and remembers which struck. */
export function faultsOf(book: FaultBook, push: Push) {
  const struck: string[] = [];
  const subject = { operation: push.operation, ...(push.id === undefined ? {} : { id: push.id }) };
  return {
    struck,
    take(name: string): FaultRule | undefined {
      const rule = book.take(name, subject);
      if (rule !== undefined) struck.push(name);
      return rule;
    },
  };
}

/** Patience of people at the wall clock, or of virtual time where nobody lives by it. */
function patience(ms: number, clock: VirtualClock): Later {
  if (!clock.alone) return later(ms);
  const { promise, resolve } = Promise.withResolvers<void>();
  return { done: promise, cancel: clock.schedule(ms, resolve) };
}

/** Settles as `answer`, or rejects once patience ends. */
async function inTime<T>(
  answer: T | Promise<T>,
  patienceMs: number | undefined,
  clock: VirtualClock,
): Promise<T> {
  if (patienceMs === undefined) return answer;
  const over = patience(patienceMs, clock);
  const late = over.done.then((): never => {
    throw new Error(`no answer within ${patienceMs} ms`);
  });
  // Cancelling settles it, too: nobody listens any more by then.
  late.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    over.cancel();
  }
}

export function createCourier({ clock, faults, journal, listener }: CourierOptions) {
  const record = (push: Push, details: object, begun = performance.now()): void => {
    const { operation, id } = push;
    const what = { direction: 'notification', operation, ...(id === undefined ? {} : { id }) };
    const durationMs = Math.round(performance.now() - begun);
    const at = instantOf(clock.now());
    const entry = { at, ...what, faults: [], durationMs, ...details };
    journal.add(entry as Parameters<Journal['add']>[0]);
  };

  const carry = async (push: Push, sealed: Sealed): Promise<Answer> => {
    const body = bytesOf(sealed.body);
    const handler = listener();
    const { patienceMs } = push;
    if (handler === undefined) {
      const patience = patienceMs === undefined ? {} : { timeoutMs: patienceMs };
      return post(push.url, { headers: sealed.headers, body, ...patience });
    }
    const headers = Object.fromEntries(
      Object.entries(sealed.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const { pathname, search } = new URL(push.url);
    // A copy each time: a listener that scribbles on it spoils no repetition.
    const message = { method: 'POST', url: pathname + search, headers, body: body.slice() };
    return inTime(handler(message), patienceMs, clock);
  };

  /** A message made anew, perhaps on a thread: time stands still meanwhile. */
  const made = (making: Sealed | Promise<Sealed>): Promise<Sealed> => {
    const work = Promise.resolve(making);
    clock.hold(work);
    return work;
  };

  /** One message on its way; `undefined` when no answer came back. */
  const bring = async (
    push: Push,
    sealed: Sealed,
    struck: readonly string[],
  ): Promise<Answer | undefined> => {
    const begun = performance.now();
    const request = { url: push.url, ...decodeBody(sealed.headers, bytesOf(sealed.body)) };
    try {
      const { status, body } = await carry(push, sealed);
      record(push, { request, reply: decodeBody({}, body), status, faults: struck }, begun);
      return { status, body };
    } catch (error) {
      record(push, { request, faults: struck, note: `No answer: ${wordsOf(error)}` }, begun);
      return undefined;
    }
  };

  /** True once the merchant accepted. `attempt` counts from 1. */
  const deliver = async (
    push: Push,
    attempt: number,
    already: readonly string[],
  ): Promise<boolean> => {
    const { struck, take } = faultsOf(faults, push);
    struck.push(...already);
    // What comes late is dated and signed when it leaves, like a repetition.
    const again = attempt > 1 || already.includes('late-notification');
    const sealed = again && push.rebuild ? await made(push.rebuild(attempt)) : push;
    if (take('forged-notification')) {
      const forged = push.forge && (await made(push.forge()));
      // Its answer counts for nothing: nobody of the channel sent it.
      if (forged !== undefined) await bring(push, forged, ['forged-notification']);
    }
    if (take('lost-notification')) {
      record(push, { faults: struck, note: `Delivery ${attempt} was lost.` });
      return false;
    }
    const copies = Number(take('duplicate-notification')?.['copies'] ?? 1);
    const extra = struck.includes('duplicate-notification') ? copies : 0;
    const answer = await bring(push, sealed, struck);
    for (let copy = 0; copy < extra; copy += 1) await bring(push, sealed, struck);
    return answer !== undefined && push.accepts(answer);
  };
  return { record, deliver };
}
