/** simulator · notifier: pushes to merchants along a channel's retry ladder, on the virtual clock. */
import { type Incoming, instantOf, type Outgoing } from '@polyrail/core';
import type { VirtualClock } from './clock.ts';
import { decodeBody } from './decode.ts';
import type { FaultBook, FaultRule } from './faults.ts';
import type { Journal } from './journal.ts';
import { post } from './post.ts';
import { turns } from './wall.ts';

export interface Sealed {
  readonly body: Uint8Array | string;
  readonly headers: Readonly<Record<string, string>>;
}

/** One event to be pushed until the merchant accepts it or the ladder ends. */
export interface Push extends Sealed {
  /** Where to; not http or https is noted and given up. */
  readonly url: string;
  readonly operation: string;
  /** The merchant's order id. */
  readonly id?: string;
  /** Gaps between deliveries: one delivery more than there are gaps. */
  readonly ladderMs: readonly number[];
  accepts(reply: { readonly status: number; readonly body: Uint8Array }): boolean;
  /** Body and headers of a repetition (attempt 1 is the first), where they differ. */
  rebuild?(attempt: number): Sealed | Promise<Sealed>;
  /** What a forger would send instead, for `forged-notification`. */
  forge?(): Sealed | Promise<Sealed>;
}

export interface PendingPush {
  readonly url: string;
  readonly operation: string;
  readonly id?: string;
  /** Deliveries tried so far. */
  readonly attempts: number;
  /** Of the next delivery; absent while one is under way. */
  readonly dueAt?: string;
  /** True while it waits for another one to go first. */
  readonly held: boolean;
}

/** A merchant's endpoint in the same process. Throwing counts as no answer. */
export type Listener = (message: Incoming) => Promise<Outgoing> | Outgoing;

export interface Notifier {
  /** Starts the first delivery at once, without waiting for it. */
  send(push: Push): void;
  /** Deliver to a function instead of over the network; `undefined` goes back to the network. */
  listen(handler: Listener | undefined): void;
  /** Resolves when every delivery due by now is over. */
  idle(): Promise<void>;
  pending(): readonly PendingPush[];
  /** Drops everything that still waits. */
  clear(): void;
}

interface Delivery {
  readonly push: Push;
  attempts: number;
  dueAt?: number;
  held: boolean;
  done: boolean;
  cancel?: () => void;
  /** Lets a held delivery go. */
  release?: () => void;
}

interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
}

export interface NotifierOptions {
  readonly clock: VirtualClock;
  readonly faults: FaultBook;
  readonly journal: Journal;
  /** Deliveries waiting at once; more are refused with a note. Default 10 000. */
  readonly limit?: number;
}

const minute = 60_000;
const encoder = new TextEncoder();
const bytesOf = (body: Uint8Array | string): Uint8Array =>
  typeof body === 'string' ? encoder.encode(body) : body;
const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Looks up faults for one attempt and remembers which struck. */
function faultsOf(book: FaultBook, push: Push) {
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

export function createNotifier(options: NotifierOptions): Notifier {
  const { clock, faults, journal, limit = 10_000 } = options;
  const waiting = new Set<Delivery>();
  const running = new Set<Promise<void>>();
  let listener: Listener | undefined;

  const record = (push: Push, begun: number, details: object) => {
    const { operation, id } = push;
    const from = { at: instantOf(clock.now()), direction: 'notification', operation } as const;
    const durationMs = Math.round(performance.now() - begun);
    const kept = id === undefined ? from : { ...from, id };
    journal.add({ ...kept, faults: [], durationMs, ...details });
  };

  const carry = async (push: Push, sealed: Sealed): Promise<Answer> => {
    const body = bytesOf(sealed.body);
    if (listener === undefined) return post(push.url, { headers: sealed.headers, body });
    const headers = Object.fromEntries(
      Object.entries(sealed.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const { pathname, search } = new URL(push.url);
    const url = `${pathname}${search}`;
    return listener({ method: 'POST', url, headers, body: body.slice() });
  };

  /** One message on its way; `undefined` when no answer came back. */
  const carryAndRecord = async (
    push: Push,
    sealed: Sealed,
    struck: readonly string[],
  ): Promise<Answer | undefined> => {
    const begun = performance.now();
    const request = { url: push.url, ...decodeBody(sealed.headers, bytesOf(sealed.body)) };
    try {
      const { status, body } = await carry(push, sealed);
      const reply = decodeBody({}, body);
      record(push, begun, { request, reply, status, faults: struck });
      return { status, body };
    } catch (error) {
      record(push, begun, { request, faults: struck, note: `No answer: ${wordsOf(error)}` });
      return undefined;
    }
  };

  const deliver = async (delivery: Delivery, first: readonly string[]): Promise<boolean> => {
    const { push } = delivery;
    const { struck, take } = faultsOf(faults, push);
    struck.push(...first);
    const attempt = delivery.attempts;
    const sealed = attempt > 1 && push.rebuild ? await push.rebuild(attempt) : push;
    if (take('forged-notification')) {
      const forged = await push.forge?.();
      if (forged !== undefined) await carryAndRecord(push, forged, ['forged-notification']);
    }
    if (take('lost-notification')) {
      record(push, performance.now(), { faults: struck, note: `Delivery ${attempt} was lost.` });
      return false;
    }
    const extra = take('duplicate-notification');
    const answer = await carryAndRecord(push, sealed, struck);
    const copies = extra === undefined ? 0 : Number(extra['copies'] ?? 1);
    for (let copy = 0; copy < copies; copy += 1) await carryAndRecord(push, sealed, struck);
    return answer !== undefined && push.accepts(answer);
  };

  const finish = (delivery: Delivery): void => {
    delivery.done = true;
    waiting.delete(delivery);
  };
  const releaseOthers = (delivery: Delivery): void => {
    for (const other of [...waiting]) if (other !== delivery) other.release?.();
  };
  const track = (work: Promise<void>): void => {
    const entry: Promise<void> = work.finally(() => running.delete(entry));
    running.add(entry);
    clock.hold(entry);
  };
  const later = (delivery: Delivery, delayMs: number, go: () => void): void => {
    delivery.dueAt = clock.now() + Math.max(0, delayMs);
    delivery.cancel = clock.schedule(delayMs, () => {
      delete delivery.dueAt;
      go();
    });
  };

  const run = async (delivery: Delivery, first: readonly string[]): Promise<void> => {
    await turns(1);
    if (delivery.done) return;
    const { push } = delivery;
    const startedAt = clock.now();
    delivery.attempts += 1;
    let accepted = false;
    try {
      accepted = await deliver(delivery, first);
    } catch (error) {
      record(push, performance.now(), { note: `Not delivered: ${wordsOf(error)}` });
    }
    if (delivery.done) return;
    const gap = push.ladderMs[delivery.attempts - 1];
    if (accepted || gap === undefined) {
      if (!accepted) {
        const note = `Given up after ${delivery.attempts} deliveries.`;
        record(push, performance.now(), { note });
      }
      finish(delivery);
    } else later(delivery, startedAt + gap - clock.now(), () => attempt(delivery));
    releaseOthers(delivery);
  };

  /** Looks whether this attempt is late or must let another go first, then runs it. */
  const attempt = (delivery: Delivery): void => {
    const { struck, take } = faultsOf(faults, delivery.push);
    const late = take('late-notification');
    const held = take('reordered-notifications');
    const go = () => track(run(delivery, struck));
    const release = () => {
      if (!delivery.held) return;
      delivery.held = false;
      delivery.cancel?.();
      delete delivery.dueAt;
      delete delivery.release;
      go();
    };
    if (held !== undefined) {
      Object.assign(delivery, { held: true, release });
      // Held, not lost: when no other comes, it goes by itself.
      later(delivery, Number(held.delayMs ?? 10 * minute), release);
    } else if (late !== undefined) later(delivery, Number(late.delayMs ?? minute), go);
    else go();
  };

  return {
    send(push) {
      const delivery: Delivery = { push, attempts: 0, held: false, done: false };
      if (!/^https?:\/\//i.test(push.url) || !URL.canParse(push.url)) {
        record(push, performance.now(), { note: 'Not sent: the address is no http(s) URL.' });
      } else if (waiting.size >= limit) {
        record(push, performance.now(), { note: `Not sent: ${limit} notifications wait already.` });
      } else {
        waiting.add(delivery);
        attempt(delivery);
      }
    },
    listen(handler) {
      listener = handler;
    },
    async idle() {
      while (running.size > 0) await Promise.allSettled([...running]);
    },
    pending: () =>
      [...waiting].map(({ push, attempts, dueAt, held }) => ({
        url: push.url,
        operation: push.operation,
        ...(push.id === undefined ? {} : { id: push.id }),
        attempts,
        ...(dueAt === undefined ? {} : { dueAt: instantOf(dueAt) }),
        held,
      })),
    clear() {
      for (const delivery of waiting) {
        delivery.cancel?.();
        delivery.done = true;
      }
      waiting.clear();
    },
  };
}
