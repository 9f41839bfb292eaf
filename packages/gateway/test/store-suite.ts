/**
 * gateway · test: what every store must do, as the contract in src/store.ts says it. `storeSuite` is
 * called with each of them.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type EntryKey,
  type EntryRow,
  EntryTaken,
  type EventClaim,
  type EventRow,
  type FactRow,
  type Job,
  type JobKind,
  type MessageRow,
  type Store,
  type Worker,
  type WorkerOptions,
} from '../src/store.ts';
import { machineClock, until } from './machine-time.ts';

/** One empty database, for as long as a suite runs. */
export interface StoreWorld {
  /** A store of this database; two of them are as two processes. The suite opens and closes them. */
  createStore(): Store;
  /**
   * Two stores of one process cannot work at the same moment, because one would hold the process up
   * while it waits for the other: one store plays both then.
   */
  readonly alone?: boolean;
  /** Closes what the world itself opened, and removes its files. */
  stop(): Promise<void>;
}

const hour = 3_600_000;
const start = Date.UTC(2026, 0, 1);

const awkwardTexts = [
  "'; DROP TABLE entry; --",
  '"quoted" \\ back\\slash \\n',
  'two\nlines\tand a tab\r',
  '$1 ? :name @p % _ {}',
  '支付宝 · 微信支付 · 银联',
  'emoji 👩‍👩‍👧 e\u0301 \u202e \ufeff \u{10ffff}',
  ' spaces around ',
  '',
] as const;

const keyOf = ({ merchant, noun, id }: EntryKey): EntryKey => ({ merchant, noun, id });

const entry = (key: Partial<EntryKey>, changes: Partial<EntryRow> = {}): EntryRow => ({
  merchant: 'm',
  noun: 'payment',
  id: 'p1',
  ...key,
  state: 'new',
  version: 1,
  createdAt: start,
  updatedAt: start,
  body: '{"amount":1}',
  ...changes,
});

const fact = (key: EntryKey, changes: Partial<FactRow> = {}): FactRow => ({
  ...key,
  at: start,
  kind: 'request',
  body: '{}',
  ...changes,
});

const event = (key: EntryKey, eventId: string, changes: Partial<EventRow> = {}): EventRow => ({
  ...key,
  eventId,
  kind: 'payment.succeeded',
  at: start,
  body: '{}',
  deliveries: 0,
  status: 'waiting',
  notBefore: start,
  ...changes,
});

const message = (merchant: string, changes: Partial<MessageRow> = {}): MessageRow => ({
  merchant,
  channel: 'alipay',
  messageId: 'n1',
  receivedAt: start,
  body: 'notify_id=1',
  ...changes,
});

const claim = (key: EntryKey, changes: Partial<EventClaim> = {}): EventClaim => ({
  ...key,
  channel: 'alipay',
  channelEventId: 'e1',
  digest: 'a',
  ...changes,
});

/** Whether the key was free. */
const insertInto = (store: Store, row: EntryRow): Promise<boolean> =>
  store
    .transaction((tx) => tx.insertEntry(row))
    .then(
      () => true,
      (error: unknown) => {
        if (error instanceof EntryTaken) return false;
        throw error;
      },
    );

/** Of an entry that was locked without having been seen. */
function versionOf(locked: EntryRow | 'unchanged' | undefined): number {
  if (typeof locked !== 'object') throw new Error(`There is no row but ${locked}`);
  return locked.version;
}

/** What the tests of one suite share: one opened store, a second one, and names nobody else uses. */
interface Bench {
  readonly store: Store;
  readonly other: Store;
  newMerchant(): string;
  newKey(noun?: EntryKey['noun']): EntryKey;
  insert(row: EntryRow): Promise<boolean>;
  schedule(...jobs: readonly Job[]): Promise<void>;
}

function entryTests(bench: () => Bench): void {
  test('an entry comes back as it was inserted, and is not there before', async () => {
    const { store, insert, newKey } = bench();
    const row = entry(newKey(), { state: 'pending', version: 3, updatedAt: start + 7 });
    expect(await store.findEntry(keyOf(row))).toBeUndefined();
    expect(await insert(row)).toBe(true);
    expect(await store.findEntry(keyOf(row))).toEqual(row);
  });

  test('a taken key undoes the transaction, and the row that stands there is left as it is', async () => {
    const { store, insert, newKey } = bench();
    const row = entry(newKey());
    await insert(row);
    const other = newKey();
    const again = store.transaction(async (tx) => {
      await tx.insertEntry(entry(other));
      await tx.appendFact(fact(row));
      await tx.insertEntry({ ...row, state: 'other', body: 'other' });
    });
    await expect(again).rejects.toBeInstanceOf(EntryTaken);
    expect(await insert({ ...row, state: 'other' })).toBe(false);
    expect(await store.findEntry(keyOf(row))).toEqual(row);
    expect(await store.findEntry(other)).toBeUndefined();
    expect(await store.listFacts(keyOf(row))).toEqual([]);
  });

  test('merchant, noun and id make the key together', async () => {
    const { insert, newMerchant } = bench();
    const [merchant, second] = [newMerchant(), newMerchant()];
    const keys: EntryKey[] = [
      { merchant, noun: 'payment', id: '1' },
      { merchant: second, noun: 'payment', id: '1' },
      { merchant, noun: 'refund', id: '1' },
      { merchant, noun: 'payment', id: '2' },
    ];
    for (const key of keys) expect(await insert(entry(key))).toBe(true);
  });

  test('of many who insert one key at once, one wins', async () => {
    const { store, other, newKey } = bench();
    const row = entry(newKey());
    const tries = Array.from({ length: 8 }, (_, index) =>
      insertInto(index % 2 === 0 ? store : other, { ...row, body: `${index}` }),
    );
    const won = await Promise.all(tries);
    expect(won.filter(Boolean)).toHaveLength(1);
    expect((await store.findEntry(keyOf(row)))?.body).toBe(`${won.indexOf(true)}`);
  });

  test('an update changes state, version, time and body of its own row', async () => {
    const { store, insert, newKey } = bench();
    const [row, neighbour] = [entry(newKey()), entry(newKey())];
    await insert(row);
    await insert(neighbour);
    const changed = { ...row, state: 'succeeded', version: 2, updatedAt: start + 9, body: 'b' };
    const seen = await store.transaction(async (tx) => {
      await tx.updateEntry(changed);
      return tx.lockEntry(keyOf(row));
    });
    expect(seen).toEqual(changed);
    expect(await store.findEntry(keyOf(row))).toEqual(changed);
    expect(await store.findEntry(keyOf(neighbour))).toEqual(neighbour);
  });

  test('nothing is locked where nothing is', async () => {
    const { store, newKey } = bench();
    expect(await store.transaction((tx) => tx.lockEntry(newKey()))).toBeUndefined();
  });

  test('who locks an entry is alone with it: of concurrent increments none is lost', async () => {
    const { store, other, insert, newKey } = bench();
    const row = entry(newKey(), { version: 0 });
    await insert(row);
    const increment = (one: Store) =>
      one.transaction(async (tx) => {
        const version = versionOf(await tx.lockEntry(keyOf(row)));
        await new Promise((resolve) => setTimeout(resolve, 1));
        await tx.updateEntry({ ...row, version: version + 1 });
      });
    await Promise.all(Array.from({ length: 20 }, (_, n) => increment(n % 2 ? store : other)));
    expect((await store.findEntry(keyOf(row)))?.version).toBe(20);
  });

  test('who has seen the latest version is told so or shown it again', async () => {
    const { store, insert, newKey } = bench();
    const row = entry(newKey(), { version: 4 });
    await insert(row);
    const changed = { ...row, state: 'succeeded', version: 5 };
    const seen = await store.transaction(async (tx) => {
      const before = await tx.lockEntry(keyOf(row), 4);
      await tx.updateEntry(changed);
      return before;
    });
    expect(seen === 'unchanged' ? row : seen).toEqual(row);
    expect(await store.findEntry(keyOf(row))).toEqual(changed);
  });

  test('who has seen an older version works on the entry as it is now, and leaves nothing of before', async () => {
    const { store, insert, newKey } = bench();
    const row = entry(newKey(), { version: 4 });
    await insert(row);
    const runs: (EntryRow | 'unchanged' | undefined)[] = [];
    await store.transaction(async (tx) => {
      const locked = await tx.lockEntry(keyOf(row), 3);
      runs.push(locked);
      await tx.appendFact(fact(keyOf(row), { body: `${runs.length}` }));
      await tx.updateEntry({ ...row, version: locked === 'unchanged' ? 4 : versionOf(locked) + 1 });
    });
    expect(runs.at(-1)).toEqual(row);
    expect((await store.listFacts(keyOf(row))).map(({ body }) => body)).toEqual([`${runs.length}`]);
    expect((await store.findEntry(keyOf(row)))?.version).toBe(5);
  });

  test('of many who have seen the same version, each adds its own', async () => {
    const { store, other, insert, newKey } = bench();
    const row = entry(newKey(), { version: 1 });
    await insert(row);
    const increment = (one: Store) =>
      one.transaction(async (tx) => {
        const locked = await tx.lockEntry(keyOf(row), 1);
        await new Promise((resolve) => setTimeout(resolve, 1));
        const version = locked === 'unchanged' ? 1 : versionOf(locked);
        await tx.updateEntry({ ...row, version: version + 1 });
      });
    await Promise.all(Array.from({ length: 20 }, (_, n) => increment(n % 2 ? store : other)));
    expect((await store.findEntry(keyOf(row)))?.version).toBe(21);
  });

  test('nobody has seen what is not there', async () => {
    const { store, newKey } = bench();
    expect(await store.transaction((tx) => tx.lockEntry(newKey(), 1))).toBeUndefined();
  });

  test('entries are listed newest first, as filtered, and not more than asked for', async () => {
    const { store, insert, newMerchant } = bench();
    const [merchant, second] = [newMerchant(), newMerchant()];
    for (const [index, state] of ['new', 'pending', 'new', 'pending'].entries()) {
      const createdAt = start + ((index * 3) % 4);
      await insert(entry({ merchant, id: `${createdAt - start}` }, { createdAt, state }));
    }
    await insert(entry({ merchant: second, id: 'x' }, { createdAt: start + 2, state: 'pending' }));
    await insert(entry({ merchant, noun: 'refund', id: 'r' }, { createdAt: start + 1 }));
    const list = async (filter: Parameters<Store['listEntries']>[0]) =>
      (await store.listEntries(filter)).map(({ id }) => id);
    const payments = { merchant, noun: 'payment', limit: 1000 } as const;
    expect(await list(payments)).toEqual(['3', '2', '1', '0']);
    expect(await list({ ...payments, limit: 2 })).toEqual(['3', '2']);
    expect(await list({ ...payments, before: { ...payments, id: '2' } })).toEqual(['1', '0']);
    expect(await list({ ...payments, state: 'pending' })).toEqual(['3', '1']);
    expect(await list({ merchant, noun: 'refund', limit: 9 })).toEqual(['r']);
    expect(await list({ merchant: second, limit: 9 })).toEqual(['x']);
    const [newest] = await store.listEntries({ ...payments, limit: 1 });
    expect(newest).toEqual(
      entry({ merchant, id: '3' }, { createdAt: start + 3, state: 'pending' }),
    );
    expect(await list({ state: 'pending', limit: 1000 })).toEqual(
      expect.arrayContaining(['3', '1', 'x']),
    );
  });

  test('entries are listed page by page, also those of one moment', async () => {
    const { store, insert, newMerchant } = bench();
    const merchant = newMerchant();
    const ids = ['b', 'a', 'd', 'c', 'e'];
    for (const id of ids) await insert(entry({ merchant, id }, { createdAt: start, state: 'new' }));
    const filter = { merchant, state: 'new', limit: 2 };
    const pages: string[][] = [];
    let before: EntryKey | undefined;
    for (;;) {
      const page = await store.listEntries({ ...filter, ...(before && { before }) });
      if (page.length === 0) break;
      pages.push(page.map(({ id }) => id));
      before = page.at(-1);
    }
    expect(pages).toEqual([['e', 'c'], ['d', 'a'], ['b']]);
    const nobody = { merchant, noun: 'payment', id: 'nobody' } as const;
    expect(await store.listEntries({ ...filter, before: nobody })).toEqual([]);
  });

  test('the history of an entry is its own, oldest first', async () => {
    const { store, newKey } = bench();
    const [key, neighbour] = [newKey(), newKey()];
    const told = [
      fact(key, { at: start + 5, kind: 'request', body: '1' }),
      fact(key, { at: start + 5, kind: 'reply', body: '2' }),
      fact(key, { at: start + 6, kind: 'notification', body: '3' }),
    ];
    await store.transaction(async (tx) => {
      await tx.appendFact(told[0]!);
      await tx.appendFact(fact(neighbour));
      await tx.appendFact(told[1]!);
    });
    await store.transaction((tx) => tx.appendFact(told[2]!));
    expect(await store.listFacts(key)).toEqual(told);
    expect(await store.listFacts(newKey())).toEqual([]);
  });
}

function transactionTests(bench: () => Bench): void {
  test('a transaction answers with what its work answers with', async () => {
    const { store } = bench();
    expect(await store.transaction(async () => ({ a: 1 }))).toEqual({ a: 1 });
  });

  test('when work rejects, all of it is undone, and its reason is told', async () => {
    const { store, insert, newKey } = bench();
    const standing = entry(newKey());
    await insert(standing);
    await store.transaction((tx) => tx.insertEvent(event(standing, `${standing.id}-stands`)));
    const key = newKey();
    const { merchant } = key;
    const attempt = { ...key, channel: 'alipay', attemptId: 'a1' };
    const reason = new Error('no');
    const before = await store.backlog('apply', start + hour);
    const work = store.transaction(async (tx) => {
      await tx.insertEntry(entry(key));
      await tx.updateEntry({ ...standing, state: 'changed' });
      await tx.nameAttempt(attempt);
      await tx.appendFact(fact(key));
      await tx.insertMessage(message(merchant));
      await tx.claimEvent(claim(key));
      await tx.insertEvent(event(key, `${key.id}-undone`));
      const stands = await tx.lockEvent(`${standing.id}-stands`);
      await tx.updateEvent({ ...stands!, status: 'dead' });
      await tx.schedule({ kind: 'apply', key: key.id, runAt: start });
      throw reason;
    });
    await expect(work).rejects.toBe(reason);
    expect(await store.findEntry(key)).toBeUndefined();
    expect(await store.findEntry(keyOf(standing))).toEqual(standing);
    expect(await store.listFacts(key)).toEqual([]);
    expect(await store.backlog('apply', start + hour)).toEqual(before);
    await store.transaction(async (tx) => {
      expect(await tx.findAttempt(attempt)).toBeUndefined();
      expect(await tx.findMessage(message(merchant))).toBeUndefined();
      expect(await tx.claimEvent(claim(key, { digest: 'b' }))).toBe('b');
      expect(await tx.lockNextEvent(key)).toBeUndefined();
      expect((await tx.lockEvent(`${standing.id}-stands`))?.status).toBe('waiting');
    });
  });

  test('what the database refuses undoes the transaction, though nobody waited for it', async () => {
    const { store, newKey } = bench();
    const key = newKey();
    await store.transaction((tx) => tx.insertEvent(event(key, `${key.id}-1`)));
    const work = store.transaction(async (tx) => {
      await tx.insertEntry(entry(key));
      await tx.insertEvent(event(key, `${key.id}-1`));
    });
    await expect(work).rejects.toThrow();
    expect(await store.findEntry(key)).toBeUndefined();
  });

  test('after one that failed, transactions go on', async () => {
    const { store, insert, newKey } = bench();
    for (let index = 0; index < 25; index += 1) {
      const failed = store.transaction(async (tx) => {
        await tx.lockEntry(newKey());
        throw new Error('no');
      });
      await expect(failed).rejects.toThrow('no');
    }
    expect(await insert(entry(newKey()))).toBe(true);
  });

  test('those that wait for one another in a circle end, each whole', async () => {
    const { store, other, insert, newKey } = bench();
    const rows = [entry(newKey(), { version: 0 }), entry(newKey(), { version: 0 })] as const;
    for (const row of rows) await insert(row);
    const raise = (one: Store, order: readonly EntryRow[]) =>
      one.transaction(async (tx) => {
        for (const row of order) {
          const version = versionOf(await tx.lockEntry(keyOf(row)));
          await new Promise((resolve) => setTimeout(resolve, 20));
          await tx.updateEntry({ ...row, version: version + 1 });
        }
      });
    await Promise.all([raise(store, rows), raise(other, rows.toReversed())]);
    for (const row of rows) expect((await store.findEntry(keyOf(row)))?.version).toBe(2);
  });
}

function inboxTests(bench: () => Bench): void {
  test('an attempt is found under all of its names, and under no others', async () => {
    const { store, newKey, newMerchant } = bench();
    const key = newKey();
    const names = { merchant: key.merchant, noun: key.noun, channel: 'alipay', attemptId: 'a1' };
    await store.transaction((tx) => tx.nameAttempt({ ...key, ...names }));
    await store.transaction(async (tx) => {
      expect(await tx.findAttempt(names)).toEqual(key);
      expect(await tx.findAttempt({ ...names, attemptId: 'a2' })).toBeUndefined();
      expect(await tx.findAttempt({ ...names, channel: 'unionpay' })).toBeUndefined();
      expect(await tx.findAttempt({ ...names, noun: 'payout' })).toBeUndefined();
      expect(await tx.findAttempt({ ...names, merchant: newMerchant() })).toBeUndefined();
    });
  });

  test('an attempt named again keeps its first entry', async () => {
    const { store, newKey } = bench();
    const key = newKey();
    const attempt = { ...key, channel: 'alipay', attemptId: 'a1' };
    await store.transaction((tx) => tx.nameAttempt(attempt));
    await store.transaction((tx) => tx.nameAttempt({ ...attempt, id: 'other' }));
    expect(await store.transaction((tx) => tx.findAttempt(attempt))).toEqual(key);
  });

  test('a message is stored once, as it came in first', async () => {
    const { store, newMerchant } = bench();
    const first = message(newMerchant());
    const insert = (row: MessageRow) => store.transaction((tx) => tx.insertMessage(row));
    expect(await store.transaction((tx) => tx.findMessage(first))).toBeUndefined();
    expect(await insert(first)).toBe(true);
    expect(await insert({ ...first, receivedAt: start + 1, body: 'again' })).toBe(false);
    expect(await store.transaction((tx) => tx.findMessage(first))).toEqual(first);
    expect(await insert({ ...first, messageId: 'n2' })).toBe(true);
    expect(await insert({ ...first, channel: 'unionpay' })).toBe(true);
    expect(await insert(message(newMerchant()))).toBe(true);
  });

  test('of the same message many times at once, one is the first', async () => {
    const { store, other, newMerchant } = bench();
    const row = message(newMerchant());
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        (index % 2 ? store : other).transaction((tx) => tx.insertMessage(row)),
      ),
    );
    expect(all.filter(Boolean)).toHaveLength(1);
  });

  test('the first claim of an event stands: a later one hears its digest', async () => {
    const { store, newKey, newMerchant } = bench();
    const key = newKey();
    const digest = (row: EventClaim) => store.transaction((tx) => tx.claimEvent(row));
    expect(await digest(claim(key))).toBe('a');
    expect(await digest(claim(key))).toBe('a');
    expect(await digest(claim(key, { digest: 'b' }))).toBe('a');
    expect(await digest(claim(key, { channelEventId: 'e2', digest: 'b' }))).toBe('b');
    expect(await digest(claim(key, { channel: 'unionpay', digest: 'c' }))).toBe('c');
    expect(await digest(claim({ ...key, noun: 'refund' }, { digest: 'd' }))).toBe('d');
    expect(await digest(claim({ ...key, id: 'other' }, { digest: 'e' }))).toBe('e');
    expect(await digest(claim({ ...key, merchant: newMerchant() }, { digest: 'f' }))).toBe('f');
  });

  test('claims at once hear one digest', async () => {
    const { store, other, newKey } = bench();
    const key = newKey();
    const heard = await Promise.all(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((digest, index) =>
        (index % 2 ? store : other).transaction((tx) => tx.claimEvent(claim(key, { digest }))),
      ),
    );
    expect(new Set(heard).size).toBe(1);
  });
}

function outboxTests(bench: () => Bench): void {
  test('events wait in the order of their insertion; delivered and dead ones are passed', async () => {
    const { store, newKey } = bench();
    const key = newKey();
    const rows = ['c', 'a', 'd', 'b'].map((name, index) =>
      event(key, `${key.id}-${name}`, { at: start - index, notBefore: start - index }),
    );
    await store.transaction(async (tx) => {
      await tx.insertEvent(rows[0]!);
      await tx.insertEvent(event({ ...key, id: 'other' }, `${key.id}-other`));
      await tx.insertEvent(rows[1]!);
    });
    for (const row of rows.slice(2)) await store.transaction((tx) => tx.insertEvent(row));
    const next = () => store.transaction((tx) => tx.lockNextEvent(key));
    const end = (row: EventRow, status: EventRow['status']) =>
      store.transaction((tx) => tx.updateEvent({ ...row, status }));
    expect(await next()).toEqual(rows[0]);
    await end(rows[0]!, 'delivered');
    expect(await next()).toEqual(rows[1]);
    await end(rows[1]!, 'dead');
    expect(await next()).toEqual(rows[2]);
    await end(rows[2]!, 'delivered');
    await end(rows[3]!, 'delivered');
    expect(await next()).toBeUndefined();
    await end(rows[1]!, 'waiting');
    expect(await next()).toEqual(rows[1]);
  });

  test('an update of an event changes its deliveries, status and time, and no more', async () => {
    const { store, newKey } = bench();
    const key = newKey();
    const row = event(key, `${key.id}-1`, { body: '{"a":1}' });
    await store.transaction((tx) => tx.insertEvent(row));
    const changed = { ...row, deliveries: 2, notBefore: start + hour };
    await store.transaction((tx) => tx.updateEvent(changed));
    expect(await store.transaction((tx) => tx.lockEvent(row.eventId))).toEqual(changed);
    expect(await store.transaction((tx) => tx.lockEvent('nobody'))).toBeUndefined();
  });

  test('who locks the next event is alone with it: each is handed out once', async () => {
    const { store, other, newKey } = bench();
    const key = newKey();
    await store.transaction(async (tx) => {
      for (let index = 0; index < 12; index += 1) {
        await tx.insertEvent(event(key, `${key.id}-${index}`));
      }
    });
    const handed: string[] = [];
    const consume = async (one: Store): Promise<void> => {
      let more = true;
      while (more) {
        more = await one.transaction(async (tx) => {
          const row = await tx.lockNextEvent(key);
          if (row === undefined) return false;
          await new Promise((resolve) => setTimeout(resolve, 1));
          await tx.updateEvent({ ...row, status: 'delivered' });
          handed.push(row.eventId);
          return true;
        });
      }
    };
    await Promise.all([consume(store), consume(other), consume(store), consume(other)]);
    expect(handed.toSorted()).toEqual(
      Array.from({ length: 12 }, (_, index) => `${key.id}-${index}`).toSorted(),
    );
  });

  test('dead events are listed oldest first, of one merchant or of all', async () => {
    const { store, newKey } = bench();
    const [key, neighbour] = [newKey(), newKey()];
    const dead = ['b', 'a', 'c'].map((name) => event(key, `${key.id}-${name}`, { status: 'dead' }));
    const foreign = event(neighbour, `${neighbour.id}-x`, { status: 'dead' });
    await store.transaction(async (tx) => {
      for (const row of [dead[0]!, foreign, dead[1]!, dead[2]!]) await tx.insertEvent(row);
      await tx.insertEvent(event(key, `${key.id}-alive`));
    });
    const { merchant } = key;
    expect(await store.listDeadEvents({ merchant, limit: 9 })).toEqual(dead);
    expect(await store.listDeadEvents({ merchant, limit: 2 })).toEqual(dead.slice(0, 2));
    const all = await store.listDeadEvents({ limit: 1000 });
    const ours = all.filter(({ eventId }) => [...dead, foreign].some((r) => r.eventId === eventId));
    expect(ours).toEqual([dead[0], foreign, dead[1], dead[2]]);
  });
}

function textTests(bench: () => Bench): void {
  test.each(awkwardTexts)('%j is kept to the letter, as key and as body', async (text) => {
    const { store, newMerchant } = bench();
    const merchant = `${newMerchant()}${text}`;
    const key: EntryKey = { merchant, noun: 'payment', id: text };
    const row = entry(key, { state: text, body: text });
    const attempt = { ...key, channel: text, attemptId: text };
    const told = message(merchant, { channel: text, messageId: text, body: text });
    const job = { kind: 'decide', key: `${merchant}${text}`, runAt: start + 50 * hour } as const;
    const stored = event(key, `event of ${merchant}`, { kind: text, body: text });
    await store.transaction(async (tx) => {
      await tx.insertEntry(row);
      await tx.nameAttempt(attempt);
      await tx.appendFact(fact(key, { kind: text, body: text }));
      await tx.insertMessage(told);
      await tx.insertEvent(stored);
      await tx.schedule(job);
      await tx.unschedule(job);
    });
    expect(await store.findEntry(key)).toEqual(row);
    expect(await store.listFacts(key)).toEqual([fact(key, { kind: text, body: text })]);
    expect(await store.listEntries({ merchant, state: text, limit: 9 })).toEqual([row]);
    await store.transaction(async (tx) => {
      expect(await tx.findAttempt(attempt)).toEqual(key);
      expect(await tx.findMessage(told)).toEqual(told);
      expect(await tx.claimEvent(claim(key, { channelEventId: text, digest: text }))).toBe(text);
      expect(await tx.lockEvent(stored.eventId)).toEqual(stored);
    });
  });

  test('a body may be a megabyte', async () => {
    const { store, insert, newKey } = bench();
    const row = entry(newKey(), { body: `${'0123456789abcde付'.repeat(60_000)}` });
    await insert(row);
    expect(await store.findEntry(keyOf(row))).toEqual(row);
  });

  test('times are whole milliseconds, far from now too', async () => {
    const { store, insert, newKey } = bench();
    const latest = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
    const row = entry(newKey(), { createdAt: 1, updatedAt: latest, version: 2 ** 40 });
    await insert(row);
    expect(await store.findEntry(keyOf(row))).toEqual(row);
  });
}

/** Starts workers, and stops them when the test is over. Its gate holds jobs up until then. */
function createCrew() {
  const workers: Worker[] = [];
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const failures: { readonly error: unknown; readonly job: Job | undefined }[] = [];
  return {
    failures,
    gate,
    open,
    start(store: Store, run: (job: Job) => Promise<void>, options: Partial<WorkerOptions> = {}) {
      const worker = store.startWorker(run, {
        clock: machineClock,
        concurrency: 4,
        leaseMs: 30_000,
        onFailure: (error, job) => failures.push({ error, job }),
        ...options,
      });
      workers.push(worker);
      return worker;
    },
    async stop() {
      open();
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}

async function withCrew(work: (crew: ReturnType<typeof createCrew>) => Promise<void>) {
  const crew = createCrew();
  try {
    await work(crew);
  } finally {
    await crew.stop();
  }
}

/** Keeps who ran; other tests' jobs are nobody's concern. */
function createLog(key: string) {
  const ran: Job[] = [];
  return {
    ran,
    run: async (job: Job): Promise<void> => {
      if (job.key.startsWith(key)) ran.push(job);
    },
  };
}

function scheduleTests(bench: () => Bench): void {
  test('a job that is due runs once, with its kind, key and time', async () => {
    const { store, schedule, newKey } = bench();
    const key = `${newKey().id} {"id":"'\\"} ${'long '.repeat(800)}`;
    const { ran, run } = createLog(key);
    await withCrew(async (crew) => {
      crew.start(store, run);
      const runAt = Date.now() - 5;
      await schedule({ kind: 'resolve', key, runAt });
      await until(() => ran.length > 0);
      await schedule({ kind: 'deliver', key: `${key}-last`, runAt });
      await until(() => ran.length > 1);
      expect(ran).toEqual([
        { kind: 'resolve', key, runAt },
        { kind: 'deliver', key: `${key}-last`, runAt },
      ]);
    });
  });

  test('a job does not run before its time', async () => {
    const { store, schedule, newKey } = bench();
    const { id: key } = newKey();
    let ranAt = 0;
    await withCrew(async (crew) => {
      crew.start(store, async (job) => {
        if (job.key === key) ranAt = Date.now();
      });
      const runAt = Date.now() + 200;
      await schedule({ kind: 'resolve', key, runAt });
      await until(() => ranAt > 0);
      expect(ranAt).toBeGreaterThanOrEqual(runAt - 2);
    });
  });

  test('scheduling a job again moves it, either way; a kind and key have one job', async () => {
    const { store, schedule, newKey } = bench();
    const { id: key } = newKey();
    const { ran, run } = createLog(key);
    await withCrew(async (crew) => {
      const now = Date.now();
      await schedule(
        { kind: 'resolve', key: `${key}-sooner`, runAt: now + hour },
        { kind: 'resolve', key: `${key}-later`, runAt: now },
        { kind: 'resolve', key: `${key}-kinds`, runAt: now },
        { kind: 'deliver', key: `${key}-kinds`, runAt: now + hour },
      );
      await schedule({ kind: 'resolve', key: `${key}-later`, runAt: now + hour });
      await schedule({ kind: 'resolve', key: `${key}-sooner`, runAt: now });
      crew.start(store, run);
      await until(() => ran.length === 2);
      await schedule({ kind: 'resolve', key: `${key}-last`, runAt: now });
      await until(() => ran.length > 2);
      expect(ran.map((job) => job.key.slice(key.length)).toSorted()).toEqual([
        '-kinds',
        '-last',
        '-sooner',
      ]);
    });
    await store.transaction(async (tx) => {
      await tx.unschedule({ kind: 'resolve', key: `${key}-later` });
      await tx.unschedule({ kind: 'deliver', key: `${key}-kinds` });
    });
  });

  test('a job that was taken off does not run', async () => {
    const { store, schedule, newKey } = bench();
    const { id: key } = newKey();
    const { ran, run } = createLog(key);
    const off = { kind: 'resolve', key: `${key}-off`, runAt: Date.now() } as const;
    await schedule(off, { ...off, kind: 'deliver' });
    await store.transaction((tx) => tx.unschedule(off));
    await store.transaction((tx) => tx.unschedule({ kind: 'resolve', key: 'nobody' }));
    await withCrew(async (crew) => {
      crew.start(store, run);
      await schedule({ ...off, key: `${key}-on` });
      await until(() => ran.length === 2);
      expect(ran.map(({ kind }) => kind).toSorted()).toEqual(['deliver', 'resolve']);
      expect(ran.find(({ kind }) => kind === 'resolve')?.key).toBe(`${key}-on`);
    });
  });

  test('the backlog of a kind is what is due of it, and its oldest', async () => {
    const { store, schedule, newKey } = bench();
    const { id: key } = newKey();
    const kind: JobKind = 'decide';
    expect(await store.backlog(kind, start)).toEqual({ due: 0 });
    await schedule(
      { kind, key: `${key}-1`, runAt: start - 3 },
      { kind, key: `${key}-2`, runAt: start - 7 },
      { kind, key: `${key}-3`, runAt: start + 1 },
      { kind: 'apply', key: `${key}-4`, runAt: start - 9 },
    );
    expect(await store.backlog(kind, start)).toEqual({ due: 2, oldest: start - 7 });
    expect(await store.backlog(kind, start + 1)).toEqual({ due: 3, oldest: start - 7 });
    await store.transaction(async (tx) => {
      for (const n of [1, 2, 3]) await tx.unschedule({ kind, key: `${key}-${n}` });
      await tx.unschedule({ kind: 'apply', key: `${key}-4` });
    });
    expect(await store.backlog(kind, start + 1)).toEqual({ due: 0 });
  });
}

function workerTests(bench: () => Bench): void {
  test('a job scheduled again while it runs, runs again', async () => {
    const { store, schedule, newKey } = bench();
    const job = { kind: 'resolve', key: newKey().id } as const;
    let runs = 0;
    await withCrew(async (crew) => {
      crew.start(store, async ({ key }) => {
        if (key !== job.key) return;
        runs += 1;
        if (runs === 1) await schedule({ ...job, runAt: Date.now() });
      });
      await schedule({ ...job, runAt: Date.now() });
      await until(() => runs === 2);
    });
    expect(await store.backlog('resolve', Date.now() + hour)).toEqual({ due: 0 });
    expect(runs).toBe(2);
  });

  test('a job that rejected is told, and runs again', async () => {
    const { store, schedule, newKey } = bench();
    const job: Job = { kind: 'apply', key: newKey().id, runAt: Date.now() };
    const reason = new Error('not now');
    let runs = 0;
    await withCrew(async (crew) => {
      crew.start(store, async ({ key }) => {
        if (key !== job.key) return;
        runs += 1;
        if (runs === 1) throw reason;
      });
      await schedule(job);
      await until(() => runs === 2);
      expect(crew.failures).toHaveLength(1);
      expect(crew.failures[0]?.error).toBe(reason);
      expect(crew.failures[0]?.job).toMatchObject({ kind: job.kind, key: job.key });
    });
    expect(await store.backlog('apply', Date.now() + hour)).toEqual({ due: 0 });
  });

  test('a job that rejected waits for its turn as scheduled, if it was meanwhile', async () => {
    const { store, schedule, newKey } = bench();
    const job = { kind: 'apply', key: newKey().id } as const;
    const runAt = Date.now() + hour;
    await withCrew(async (crew) => {
      crew.start(store, async ({ key }) => {
        if (key !== job.key) return;
        await schedule({ ...job, runAt });
        throw new Error('not now');
      });
      await schedule({ ...job, runAt: Date.now() });
      await until(() => crew.failures.length === 1);
    });
    expect(await store.backlog('apply', runAt - 1)).toEqual({ due: 0 });
    expect(await store.backlog('apply', runAt)).toEqual({ due: 1, oldest: runAt });
    await store.transaction((tx) => tx.unschedule(job));
  });

  test('a job taken off while it runs does not run again, though it rejects', async () => {
    const { store, schedule, newKey } = bench();
    const job = { kind: 'apply', key: newKey().id } as const;
    await withCrew(async (crew) => {
      crew.start(store, async ({ key }) => {
        if (key !== job.key) return;
        await store.transaction((tx) => tx.unschedule(job));
        throw new Error('not now');
      });
      await schedule({ ...job, runAt: Date.now() });
      await until(() => crew.failures.length === 1);
    });
    expect(await store.backlog('apply', Date.now() + hour)).toEqual({ due: 0 });
  });

  test('workers of two processes share the jobs, and run none twice', async () => {
    const { store, other, schedule, newKey } = bench();
    const { id: key } = newKey();
    const { ran, run } = createLog(key);
    const keys = Array.from({ length: 60 }, (_, index) => `${key}-${index}`);
    await withCrew(async (crew) => {
      crew.start(store, run);
      crew.start(other, run);
      await schedule(
        ...keys.map((each) => ({ kind: 'resolve', key: each, runAt: start }) as const),
      );
      await until(() => ran.length >= keys.length);
    });
    expect(await store.backlog('resolve', Date.now() + hour)).toEqual({ due: 0 });
    expect(ran.map((job) => job.key).toSorted()).toEqual(keys.toSorted());
  });

  test('as many jobs run at once as are allowed, and no more', async () => {
    const { store, schedule, newKey } = bench();
    const { id: key } = newKey();
    let [underWay, most, ended] = [0, 0, 0];
    await withCrew(async (crew) => {
      const run = async (job: Job): Promise<void> => {
        if (!job.key.startsWith(key)) return;
        underWay += 1;
        most = Math.max(most, underWay);
        await crew.gate;
        underWay -= 1;
        ended += 1;
      };
      crew.start(store, run, { concurrency: 3 });
      const jobs = Array.from({ length: 8 }, (_, n) => `${key}-${n}`);
      await schedule(
        ...jobs.map((each) => ({ kind: 'resolve', key: each, runAt: start }) as const),
      );
      await until(() => underWay === 3);
      expect((await store.backlog('resolve', start)).due).toBe(5);
      crew.open();
      await until(() => ended === 8);
      expect(most).toBe(3);
    });
  });

  test('a worker that stops waits for what is under way, and takes up no more', async () => {
    const { store, schedule, newKey } = bench();
    const { id: key } = newKey();
    const told: string[] = [];
    await withCrew(async (crew) => {
      const worker = crew.start(store, async (job) => {
        if (!job.key.startsWith(key)) return;
        told.push(`begins ${job.key}`);
        await crew.gate;
        told.push(`ends ${job.key}`);
      });
      await schedule({ kind: 'resolve', key, runAt: start });
      await until(() => told.length === 1);
      const stopping = worker.stop().then(() => told.push('stopped'));
      await schedule({ kind: 'resolve', key: `${key}-late`, runAt: start });
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(told).toEqual([`begins ${key}`]);
      crew.open();
      await stopping;
      expect(told).toEqual([`begins ${key}`, `ends ${key}`, 'stopped']);
    });
    expect(await store.backlog('resolve', start)).toEqual({ due: 1, oldest: start });
    await store.transaction((tx) => tx.unschedule({ kind: 'resolve', key: `${key}-late` }));
  });

  test('a job that outlives its lease is taken up by another process', async () => {
    const { store, other, schedule, newKey } = bench();
    const { id: key } = newKey();
    let [begun, ended] = [0, 0];
    await withCrew(async (crew) => {
      const hang = crew.start(
        store,
        async (job) => {
          if (job.key !== key) return;
          begun += 1;
          await crew.gate;
        },
        { concurrency: 1, leaseMs: 300 },
      );
      await schedule({ kind: 'resolve', key, runAt: Date.now() });
      await until(() => begun === 1);
      crew.start(
        other,
        async (job) => {
          if (job.key === key) ended += 1;
        },
        { leaseMs: 300 },
      );
      await until(() => ended > 0);
      // What is scheduled now is not ended by whoever had it first.
      const runAt = Date.now() + hour;
      await schedule({ kind: 'resolve', key, runAt });
      crew.open();
      await hang.stop();
      expect(await store.backlog('resolve', runAt)).toEqual({ due: 1, oldest: runAt });
      await store.transaction((tx) => tx.unschedule({ kind: 'resolve', key }));
    });
  });
}

function openingTests(startWorld: () => Promise<StoreWorld>): void {
  test('opening twice and by several processes at once is safe, and keeps what is there', async () => {
    const world = await startWorld();
    const stores = Array.from({ length: 4 }, () => world.createStore());
    try {
      await Promise.all(stores.map((store) => store.open()));
      const row = entry({});
      const job = { kind: 'resolve', key: 'k', runAt: start } as const;
      await stores[0]!.transaction(async (tx) => {
        await tx.insertEntry(row);
        await tx.schedule(job);
      });
      const meanwhile = { ...row, id: 'meanwhile' };
      await stores[0]!.transaction(async (tx) => {
        await tx.insertEntry(meanwhile);
        // A second gateway of one process opens the store that a first is working with.
        await stores[0]!.open();
      });
      expect(await stores[0]!.findEntry(keyOf(meanwhile))).toEqual(meanwhile);
      const late = world.createStore();
      stores.push(late);
      await late.open();
      expect(await late.findEntry(keyOf(row))).toEqual(row);
      expect(await late.backlog('resolve', start)).toEqual({ due: 1, oldest: start });
    } finally {
      for (const store of stores) await store.close();
      await world.stop();
    }
  });
}

/** Every sentence of the contract of a store. `startWorld` makes an empty database each time. */
export function storeSuite(name: string, startWorld: () => Promise<StoreWorld>): void {
  describe(`a store in ${name}`, () => {
    let world: StoreWorld;
    let shared: Bench;
    let count = 0;
    const bench = () => shared;

    beforeAll(async () => {
      world = await startWorld();
      const store = world.createStore();
      const other = world.alone === true ? store : world.createStore();
      for (const one of new Set([store, other])) await one.open();
      const newMerchant = () => {
        count += 1;
        return `merchant ${count}`;
      };
      shared = {
        store,
        other,
        newMerchant,
        newKey(noun = 'payment') {
          const merchant = newMerchant();
          return { merchant, noun, id: `id-of-${merchant.replace(' ', '-')}` };
        },
        insert: (row) => insertInto(store, row),
        schedule: (...jobs) =>
          store.transaction(async (tx) => {
            for (const job of jobs) await tx.schedule(job);
          }),
      };
    }, 60_000);
    afterAll(async () => {
      for (const one of new Set([shared?.store, shared?.other])) await one?.close();
      await world?.stop();
    });

    describe('opening', () => openingTests(startWorld));
    describe('entries', () => entryTests(bench));
    describe('transactions', () => transactionTests(bench));
    describe('attempts and messages', () => inboxTests(bench));
    describe('events', () => outboxTests(bench));
    describe('texts and times', () => textTests(bench));
    describe('jobs', () => scheduleTests(bench));
    describe('workers', () => workerTests(bench));
  });
}
