import type { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { type GatewayEvent, type Store, sqliteStore, transactional } from '../src/index.ts';
import { amount, createOpener, notification, type Said, scripted, tea } from './script.ts';

const { open, close } = createOpener();
afterEach(close);

const order = tea();
const pending: Said = { status: 'pending', waitingFor: 'payer' };
const paid = notification({ facts: [{ id: 'order1', status: 'succeeded', amount }] });

const channels = () => ({ one: scripted({ pay: pending, query: pending }).channel });

describe('handlers', () => {
  it('hear of every change in order, under ids that stay', async () => {
    const told: GatewayEvent[] = [];
    const note = (event: GatewayEvent) => void told.push(event);
    const { gateway, clock } = await open({
      channels: channels(),
      on: { payment: { pending: note, succeeded: note } },
    });
    await gateway.pay(order);
    await gateway.receive({ channel: 'one' }, paid);
    await clock.pass(1000);
    expect(told.map(({ kind }) => kind)).toEqual(['payment.pending', 'payment.succeeded']);
    expect(told[0]?.entry).toMatchObject({ id: 'order1', state: 'pending' });
    expect(new Set(told.map(({ eventId }) => eventId)).size).toBe(2);
  });

  it('that fail are called again, ever later, and nothing overtakes them', async () => {
    const told: string[] = [];
    let failures = 3;
    const { gateway, clock } = await open({
      channels: channels(),
      on: {
        payment: {
          pending: ({ eventId }) => {
            told.push(`pending ${eventId}`);
            failures -= 1;
            if (failures >= 0) throw new Error('The shop is not there');
          },
          succeeded: () => void told.push('succeeded'),
        },
      },
    });
    await gateway.pay(order);
    await gateway.receive({ channel: 'one' }, paid);
    await clock.pass(500);
    expect(told).toHaveLength(1);
    await clock.pass(60_000);
    expect(told).toHaveLength(5);
    expect(new Set(told.slice(0, 4)).size).toBe(1);
    expect(told[4]).toBe('succeeded');
  });

  it('that never succeed leave a dead letter, which can be replayed', async () => {
    let works = false;
    const told: string[] = [];
    const { gateway, clock } = await open({
      channels: channels(),
      mostDeliveries: 3,
      on: {
        payment: {
          pending: () => {
            if (!works) throw new Error('The shop is not there');
            told.push('pending');
          },
          succeeded: () => void told.push('succeeded'),
        },
      },
    });
    await gateway.pay(order);
    await gateway.receive({ channel: 'one' }, paid);
    await clock.pass(10 * 60_000);
    expect(told).toEqual(['succeeded']);
    const [letter] = await gateway.deadLetters();
    expect(letter).toMatchObject({ kind: 'payment.pending', entry: { id: 'order1' } });
    works = true;
    await gateway.replay(letter?.eventId ?? '');
    await clock.pass(1000);
    expect(told).toEqual(['succeeded', 'pending']);
    expect(await gateway.deadLetters()).toEqual([]);
    await expect(gateway.replay('evt_none')).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('hear of what comes next though a commit was told as lost, and was made', async () => {
    const store = sqliteStore({ file: ':memory:' });
    const on = {
      payment: {
        pending: transactional(() => undefined),
        succeeded: ({ entry }: GatewayEvent) => void told.push(entry.state),
      },
    };
    const told: string[] = [];
    const ordering = { ...store, close: async () => undefined };
    const first = await open({ channels: channels(), on, store: ordering, concurrency: 0 });
    await first.gateway.pay(order);
    await first.gateway.receive({ channel: 'one' }, paid);
    let isLost = true;
    const losing: Store = {
      ...store,
      async transaction(work) {
        const done = await store.transaction(work);
        if (isLost) {
          isLost = false;
          throw new Error('The connection was lost');
        }
        return done;
      },
    };
    const { clock } = await open({ channels: channels(), on, store: losing });
    await clock.pass(60_000);
    expect(told).toEqual(['succeeded']);
  });

  it('write exactly once in the transaction they are given', async () => {
    const store = sqliteStore({ file: ':memory:' });
    let failures = 2;
    const { gateway, clock } = await open({
      channels: channels(),
      store,
      on: {
        payment: {
          succeeded: transactional(({ entry }, handle) => {
            const database = handle as DatabaseSync;
            database.exec('CREATE TABLE IF NOT EXISTS shipped (id TEXT)');
            database.prepare('INSERT INTO shipped VALUES (?)').run(entry.id);
            failures -= 1;
            if (failures >= 0) throw new Error('Fails after it wrote');
          }),
        },
      },
    });
    await gateway.pay(order);
    await gateway.receive({ channel: 'one' }, paid);
    await clock.pass(60_000);
    const shipped = await store.transaction(async ({ native }) =>
      (native as DatabaseSync).prepare('SELECT id FROM shipped').all(),
    );
    expect(shipped).toEqual([{ id: 'order1' }]);
  });
});

describe('watching', () => {
  it('tells an entry now and after each change, until it is final', async () => {
    const { gateway, clock } = await open({ channels: channels() });
    await gateway.pay(order);
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { state } of gateway.watch('order1')) seen.push(state);
    })();
    await clock.rest();
    await gateway.receive({ channel: 'one' }, paid);
    await clock.pass(1);
    await watching;
    expect(seen).toEqual(['pending', 'succeeded']);
  });

  it('ends when it is aborted', async () => {
    const { gateway, clock } = await open({ channels: channels() });
    await gateway.pay(order);
    const controller = new AbortController();
    const watching = (async () => {
      for await (const _ of gateway.watch('order1', { signal: controller.signal }));
      return 'ended';
    })();
    await clock.rest();
    controller.abort();
    expect(await watching).toBe('ended');
  });
});
