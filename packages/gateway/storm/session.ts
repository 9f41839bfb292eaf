/**
 * gateway storm · session: one life of one gateway process. Once it is dead, nothing it does reaches the
 * store, a channel or a clock any more, and the transaction it was in is rolled back.
 */
import type { Clock, Transport, TransportRequest } from '@polyrail/core';
import type { Checkpoint, EntryRow, EventRow, FactRow, MessageRow, Store } from '../src/index.ts';
import type { Transaction, Worker } from '../src/store.ts';
import { currentErrand, type Errand, onErrand } from './errand.ts';
import type { CrashPoint, Trouble } from './mishaps.ts';
import { numberOf } from './script.ts';

/** What a committed transaction wrote, in order. */
export type Written =
  | { readonly kind: 'entry'; readonly row: EntryRow }
  | { readonly kind: 'event'; readonly row: EventRow; readonly isNew: boolean }
  | { readonly kind: 'message'; readonly row: MessageRow; readonly isNew: boolean }
  | { readonly kind: 'fact'; readonly row: FactRow };

/** Who is told of everything a session does. */
export interface Witness {
  /** Whether the process dies here; asked once for every time this point is passed. */
  strikes(point: CrashPoint, errand: Errand | undefined): boolean;
  committed(written: readonly Written[]): void;
  /** Whether the store fails here, while the process lives on; asked once for every transaction. */
  fails(when: Trouble['when'], errand: Errand | undefined): boolean;
  sent(request: TransportRequest, errand: Errand | undefined): void;
  died(point: CrashPoint, errand: Errand | undefined): void;
}

class Died extends Error {}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

export interface Session {
  readonly store: Store;
  readonly clock: Clock;
  isDead(): boolean;
  /** Ends it from outside. */
  kill(): void;
  readonly checkpoint: (name: Checkpoint) => void;
  watch(transport: Transport): Transport;
}

interface Life {
  isDead(): boolean;
  /** Throws for the dead. */
  living(): void;
  kill(): void;
  readonly workers: Worker[];
  /** Asks whether the process dies here, and then has it dead. */
  strike(point: CrashPoint, errand?: Errand): void;
}

/** Records what a transaction writes, and refuses to work for the dead. */
function mortal(
  transaction: Transaction,
  { living }: Life,
  { written, errand }: { readonly written: Written[]; readonly errand: Errand | undefined },
): Transaction {
  const note = (one: Written): void => void written.push(one);
  const alive =
    <A extends unknown[], R>(work: (...values: A) => Promise<R>, tell?: (...values: A) => void) =>
    async (...values: A): Promise<R> => {
      living();
      const result = await work(...values);
      if (result !== false) tell?.(...values);
      living();
      return result;
    };
  return {
    native: transaction.native,
    insertEntry: alive(transaction.insertEntry, (row) => note({ kind: 'entry', row })),
    lockEntry: alive(transaction.lockEntry),
    updateEntry: alive(transaction.updateEntry, (row) => note({ kind: 'entry', row })),
    nameAttempt: alive(transaction.nameAttempt),
    findAttempt: alive(transaction.findAttempt),
    appendFact: alive(transaction.appendFact, (row) => note({ kind: 'fact', row })),
    async insertMessage(row) {
      living();
      const added = await transaction.insertMessage(row);
      if (errand !== undefined) errand.payment ??= paymentOf(row);
      note({ kind: 'message', row, isNew: added });
      return added;
    },
    findMessage: alive(transaction.findMessage),
    claimEvent: alive(transaction.claimEvent),
    insertEvent: alive(transaction.insertEvent, (row) => note({ kind: 'event', row, isNew: true })),
    lockNextEvent: alive(transaction.lockNextEvent),
    lockEvent: alive(transaction.lockEvent),
    updateEvent: alive(transaction.updateEvent, (row) =>
      note({ kind: 'event', row, isNew: false }),
    ),
    schedule: alive(transaction.schedule),
    unschedule: alive(transaction.unschedule),
  };
}

const paymentOf = ({ body }: MessageRow): number | undefined => {
  const found = /"merchantId":"(st\d{8})/.exec(body);
  return found?.[1] === undefined ? undefined : numberOf(found[1]);
};

const errandOfJob = (key: string): Errand => {
  const found = /st\d{8}/.exec(key);
  return { payment: found === null ? undefined : numberOf(found[0]) };
};

function createLife(witness: Witness): Life {
  let dead = false;
  const workers: Worker[] = [];
  const kill = (): void => {
    dead = true;
    for (const worker of workers) void worker.stop();
  };
  const living = (): void => {
    if (dead) throw new Died('The process died');
  };
  return {
    isDead: () => dead,
    living,
    kill,
    workers,
    strike(point, errand = currentErrand()) {
      living();
      if (!witness.strikes(point, errand)) return;
      kill();
      witness.died(point, errand);
      throw new Died(`The process died: ${point}`);
    },
  };
}

function startMortalWorker(inner: Store, life: Life, options: Parameters<Store['startWorker']>) {
  const [run, workerOptions] = options;
  const { isDead } = life;
  const worker = inner.startWorker(async (job) => {
    if (isDead()) return never();
    try {
      await onErrand(errandOfJob(job.key), () => run(job));
    } catch (error) {
      if (!isDead()) throw error;
    }
    // A dead process neither ends its jobs nor puts them off: their lease runs out.
    return isDead() ? never() : undefined;
  }, workerOptions);
  life.workers.push(worker);
  return worker;
}

function mortalStore(inner: Store, life: Life, witness: Witness): Store {
  const { living, strike } = life;
  const reading =
    <A extends unknown[], R>(work: (...values: A) => Promise<R>) =>
    async (...values: A): Promise<R> => {
      living();
      return work(...values);
    };
  return {
    name: inner.name,
    open: inner.open,
    async transaction(work) {
      living();
      const errand = currentErrand();
      if (witness.fails('before', errand)) throw new Error('The store does not answer');
      let written: Written[] = [];
      const result = await inner.transaction(async (transaction) => {
        living();
        written = [];
        const value = await work(mortal(transaction, life, { written, errand }));
        strike('before-commit', errand);
        return value;
      });
      witness.committed(written);
      if (errand !== undefined && written.some(({ kind }) => kind === 'message')) {
        errand.stored = true;
      }
      strike('after-commit', errand);
      if (witness.fails('after', errand)) throw new Error('The store was lost at the commit');
      return result;
    },
    findEntry: reading(inner.findEntry),
    listEntries: reading(inner.listEntries),
    listFacts: reading(inner.listFacts),
    listDeadEvents: reading(inner.listDeadEvents),
    backlog: reading(inner.backlog),
    startWorker: (run, options) => startMortalWorker(inner, life, [run, options]),
    // It lives on, for the next session.
    async close() {},
  };
}

/** Lets no byte of the dead leave, and no answer come to them. */
function mortalTransport(transport: Transport, life: Life, witness: Witness): Transport {
  return {
    async exchange(request, options = {}) {
      if (life.isDead()) return never();
      const errand = currentErrand();
      const { onFirstByte } = options;
      const reply = await transport.exchange(request, {
        ...options,
        onFirstByte() {
          life.living();
          onFirstByte?.();
          witness.sent(request, errand);
          // The bytes are on their way; nobody is left to hear the answer.
          if (!witness.strikes('after-send', errand)) return;
          life.kill();
          witness.died('after-send', errand);
        },
      });
      return life.isDead() ? never() : reply;
    },
  };
}

export function openSession(inner: Store, clock: Clock, witness: Witness): Session {
  const life = createLife(witness);
  return {
    store: mortalStore(inner, life, witness),
    clock: {
      now: () => clock.now(),
      schedule: (delayMs, task) =>
        clock.schedule(delayMs, () => {
          if (!life.isDead()) task();
        }),
    },
    isDead: life.isDead,
    kill: life.kill,
    checkpoint: (name) => life.strike(name),
    watch: (transport) => mortalTransport(transport, life, witness),
  };
}
