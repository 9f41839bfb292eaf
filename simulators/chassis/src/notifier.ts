/**
 * simulator · notifier: pushes to merchants along a channel's retry ladder, on the virtual clock.
 */
import { instantOf } from '@polyrail/core';
import {
  type CourierOptions,
  createCourier,
  faultsOf,
  type Listener,
  type Push,
  wordsOf,
} from './courier.ts';
import { turns } from './wall.ts';

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

export interface NotifierOptions extends Omit<CourierOptions, 'listener'> {
  /** Pushes waiting at once; more are refused with a note. Default 10 000. */
  readonly limit?: number;
}

interface Delivery {
  readonly push: Push;
  attempts: number;
  dueAt?: number;
  done: boolean;
  cancel?: () => void;
  /** Lets a held delivery go; present while it is held. */
  release?: () => void;
}

const lateMs = 60_000;
const longestHoldMs = 600_000;

const describePending = ({ push, attempts, dueAt, release }: Delivery): PendingPush => ({
  url: push.url,
  operation: push.operation,
  ...(push.id === undefined ? {} : { id: push.id }),
  attempts,
  ...(dueAt === undefined ? {} : { dueAt: instantOf(dueAt) }),
  held: release !== undefined,
});

/** Climbs the ladder of each delivery until it is accepted, given up or dropped. */
function createLadder(options: NotifierOptions, listener: () => Listener | undefined) {
  const { clock, faults } = options;
  const courier = createCourier({ ...options, listener });
  const waiting = new Set<Delivery>();
  const running = new Set<Promise<void>>();

  const track = (work: Promise<void>): void => {
    const entry: Promise<void> = work.finally(() => running.delete(entry));
    running.add(entry);
    // On a clock that is alone, whoever takes a message may wait for time to pass.
    if (!clock.alone) clock.hold(entry);
  };
  const later = (delivery: Delivery, delayMs: number, go: () => void): void => {
    delivery.dueAt = clock.now() + Math.max(0, delayMs);
    delivery.cancel = clock.schedule(delayMs, () => {
      delete delivery.dueAt;
      go();
    });
  };
  const finish = (delivery: Delivery): void => {
    delivery.done = true;
    delivery.cancel?.();
    waiting.delete(delivery);
  };

  const run = async (delivery: Delivery, struck: readonly string[]): Promise<void> => {
    await turns(1);
    if (delivery.done) return;
    const { push } = delivery;
    const startedAt = clock.now();
    delivery.attempts += 1;
    const { attempts } = delivery;
    const accepted = await courier.deliver(push, attempts, struck).catch((error: unknown) => {
      courier.record(push, { note: `Not delivered: ${wordsOf(error)}` });
      return false;
    });
    if (delivery.done) return;
    const gap = push.ladderMs[attempts - 1];
    if (accepted) finish(delivery);
    else if (gap !== undefined) later(delivery, startedAt + gap - clock.now(), () => go(delivery));
    else {
      courier.record(push, { note: `Given up after ${attempts} deliveries.` });
      finish(delivery);
    }
    for (const other of [...waiting]) if (other !== delivery) other.release?.();
  };

  /** Looks whether this attempt is late or must let another one go first, then runs it. */
  const go = (delivery: Delivery): void => {
    const { struck, take } = faultsOf(faults, delivery.push);
    const held = take('reordered-notifications');
    const late = held === undefined ? take('late-notification') : undefined;
    const start = () => track(run(delivery, struck));
    if (held !== undefined) {
      const release = () => {
        delivery.cancel?.();
        delete delivery.dueAt;
        delete delivery.release;
        start();
      };
      delivery.release = release;
      // Held, not lost: when no other one comes, it goes by itself.
      later(delivery, held.delayMs ?? longestHoldMs, release);
    } else if (late !== undefined) later(delivery, late.delayMs ?? lateMs, start);
    else start();
  };
  return { go, finish, waiting, running, record: courier.record };
}

export function createNotifier(options: NotifierOptions): Notifier {
  const { limit = 10_000 } = options;
  let listener: Listener | undefined;
  const ladder = createLadder(options, () => listener);
  return {
    send(push) {
      if (!/^https?:\/\//i.test(push.url) || !URL.canParse(push.url)) {
        ladder.record(push, { note: 'Not sent: the address is no http(s) URL.' });
      } else if (ladder.waiting.size >= limit) {
        ladder.record(push, { note: `Not sent: ${limit} notifications wait already.` });
      } else {
        const delivery = { push, attempts: 0, done: false };
        ladder.waiting.add(delivery);
        ladder.go(delivery);
      }
    },
    listen(handler) {
      listener = handler;
    },
    async idle() {
      while (ladder.running.size > 0) await Promise.allSettled([...ladder.running]);
    },
    pending: () => [...ladder.waiting].map(describePending),
    clear() {
      for (const delivery of [...ladder.waiting]) ladder.finish(delivery);
    },
  };
}
