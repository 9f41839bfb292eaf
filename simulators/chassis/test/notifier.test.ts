/** The retry ladder on virtual time, and every notification fault. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  createFaultBook,
  createJournal,
  createNotifier,
  createSeededRandom,
  createVirtualClock,
  type Push,
} from '../src/index.ts';

const start = Date.UTC(2026, 10, 22);
const minute = 60_000;
const ladderMs = [4, 10, 10, 60, 120, 360, 900].map((gap) => gap * minute);
const day = 24 * 60 * minute;

function setUp() {
  const clock = createVirtualClock({ startAt: start, frozen: true });
  const faults = createFaultBook({ random: createSeededRandom(1) });
  const journal = createJournal();
  const notifier = createNotifier({ clock, faults, journal });
  /** `body@minutes` of everything that arrived. */
  const arrived: string[] = [];
  let answer: string | Error = 'success';
  notifier.listen(async ({ body }) => {
    arrived.push(`${new TextDecoder().decode(body)}@${(clock.now() - start) / minute}`);
    if (answer instanceof Error) throw answer;
    return { status: 200, headers: {}, body: new TextEncoder().encode(answer) };
  });
  const push = (id: string, more: Partial<Push> = {}): Push => ({
    url: 'http://merchant.invalid/notify?shop=1',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: `id=${id}`,
    operation: 'paid',
    id,
    ladderMs,
    accepts: ({ status, body }) => status === 200 && new TextDecoder().decode(body) === 'success',
    ...more,
  });
  return {
    ...{ clock, faults, journal, notifier, arrived, push },
    answerWith: (next: string | Error) => {
      answer = next;
    },
  };
}
let world: ReturnType<typeof setUp>;
beforeEach(() => {
  world = setUp();
});
afterEach(() => world.clock.stop());

test('an accepted notification is delivered once, without moving the clock', async () => {
  const { notifier, push, arrived, clock, journal } = world;
  notifier.send(push('o1'));
  expect(notifier.pending()).toMatchObject([{ id: 'o1', attempts: 0, held: false }]);
  await notifier.idle();
  expect(arrived).toEqual(['id=o1@0']);
  await clock.advance(2 * day);
  expect(arrived).toHaveLength(1);
  expect(notifier.pending()).toEqual([]);
  expect(journal.entries()).toMatchObject([
    {
      direction: 'notification',
      operation: 'paid',
      id: 'o1',
      status: 200,
      request: { url: 'http://merchant.invalid/notify?shop=1', body: { id: 'o1' } },
      reply: { body: 'success' },
    },
  ]);
});

test.each<[string, string | Error]>([
  ['a refusal', 'fail'],
  ['a near miss', 'success\n'],
  ['an exception', new Error('database down')],
])('after %s the whole ladder is climbed, then it is given up', async (_, answer) => {
  const { notifier, push, arrived, clock, journal, answerWith } = world;
  answerWith(answer);
  notifier.send(push('o1'));
  await clock.advance(2 * day);
  const minutes = [0, 4, 14, 24, 84, 204, 564, 1464];
  expect(arrived).toEqual(minutes.map((at) => `id=o1@${at}`));
  expect(journal.entries().at(-1)?.note).toBe('Given up after 8 deliveries.');
  expect(notifier.pending()).toEqual([]);
});

test('the ladder ends as soon as the merchant accepts', async () => {
  const { notifier, push, arrived, clock, answerWith } = world;
  answerWith('fail');
  notifier.send(push('o1'));
  await clock.advance(5 * minute);
  const dueAt = new Date(start + 14 * minute).toISOString();
  expect(notifier.pending()).toMatchObject([{ attempts: 2, dueAt }]);
  answerWith('success');
  await clock.advance(2 * day);
  expect(arrived).toEqual(['id=o1@0', 'id=o1@4', 'id=o1@14']);
});

test('repetitions may be rebuilt, from the second attempt on', async () => {
  const { notifier, push, arrived, clock, answerWith } = world;
  answerWith('fail');
  const rebuild = (attempt: number) => ({ body: `attempt=${attempt}`, headers: {} });
  notifier.send(push('o1', { rebuild, ladderMs: [minute, minute] }));
  await clock.advance(day);
  expect(arrived).toEqual(['id=o1@0', 'attempt=2@1', 'attempt=3@2']);
});

test('duplicate: delivered again although it was accepted', async () => {
  const { notifier, push, arrived, faults, clock } = world;
  faults.arm({ fault: 'duplicate-notification', copies: 2 });
  notifier.send(push('o1'));
  await clock.advance(day);
  expect(arrived).toEqual(['id=o1@0', 'id=o1@0', 'id=o1@0']);
});

test('late: comes later in virtual time', async () => {
  const { notifier, push, arrived, faults, clock } = world;
  faults.arm({ fault: 'late-notification', delayMs: 30 * minute, id: 'o1' });
  notifier.send(push('o1'));
  notifier.send(push('o2'));
  await clock.advance(day);
  expect(arrived).toEqual(['id=o2@0', 'id=o1@30']);
});

test('reordered: held until the next one has gone', async () => {
  const { notifier, push, arrived, faults, journal } = world;
  faults.arm({ fault: 'reordered-notifications' });
  notifier.send(push('o1'));
  await notifier.idle();
  expect(arrived).toEqual([]);
  expect(notifier.pending()).toMatchObject([{ id: 'o1', held: true }]);
  notifier.send(push('o2'));
  await notifier.idle();
  expect(arrived).toEqual(['id=o2@0', 'id=o1@0']);
  expect(journal.entries({ id: 'o1' })[0]?.faults).toEqual(['reordered-notifications']);
});

test('reordered, but no other one comes: it goes by itself in the end', async () => {
  const { notifier, push, arrived, faults, clock } = world;
  faults.arm({ fault: 'reordered-notifications' });
  notifier.send(push('o1'));
  await clock.advance(day);
  expect(arrived).toEqual(['id=o1@10']);
});

test('lost: that attempt never arrives, the ladder goes on', async () => {
  const { notifier, push, arrived, faults, clock, journal } = world;
  faults.arm({ fault: 'lost-notification', times: 2 });
  notifier.send(push('o1'));
  await clock.advance(day);
  expect(arrived).toEqual(['id=o1@14']);
  const lost = journal.entries({ fault: 'lost-notification' });
  expect(lost.map(({ note }) => note)).toEqual(['Delivery 1 was lost.', 'Delivery 2 was lost.']);
});

test('forged: a forgery comes first, and its acceptance counts for nothing', async () => {
  const { notifier, push, arrived, faults, clock } = world;
  faults.arm({ fault: 'forged-notification' });
  faults.arm({ fault: 'lost-notification' });
  notifier.send(push('o1', { forge: () => ({ body: 'forged=1', headers: {} }) }));
  await clock.advance(day);
  expect(arrived).toEqual(['forged=1@0', 'id=o1@4']);
});

test('faults match operation and id, and leave other notifications alone', async () => {
  const { notifier, push, arrived, faults, clock } = world;
  faults.arm({ fault: 'lost-notification', operation: 'refunded', times: 10 });
  faults.arm({ fault: 'lost-notification', id: 'o2', times: 10 });
  for (const id of ['o1', 'o2']) notifier.send(push(id));
  notifier.send(push('o3', { operation: 'refunded' }));
  await clock.advance(minute);
  expect(arrived).toEqual(['id=o1@0']);
});

test('clear drops what waits; an address that is none is noted', async () => {
  const { notifier, push, arrived, clock, answerWith, journal } = world;
  answerWith('fail');
  notifier.send(push('o1'));
  await notifier.idle();
  notifier.clear();
  await clock.advance(day);
  expect(arrived).toHaveLength(1);
  notifier.send(push('o2', { url: 'ftp://merchant.invalid/' }));
  expect(notifier.pending()).toEqual([]);
  expect(journal.entries().at(-1)).toMatchObject({
    id: 'o2',
    note: expect.stringMatching(/^Not sent/),
  });
});

test('a listener cannot change what the next repetition carries', async () => {
  const { notifier, push, clock, faults } = world;
  const seen: string[] = [];
  const body = new TextEncoder().encode('id=o1');
  notifier.listen(({ body: received }) => {
    seen.push(new TextDecoder().decode(received));
    received.fill(0);
    return { status: 500, headers: {}, body: new Uint8Array(0) };
  });
  faults.arm({ fault: 'duplicate-notification' });
  notifier.send(push('o1', { body, ladderMs: [minute] }));
  await clock.advance(day);
  expect(seen).toEqual(['id=o1', 'id=o1', 'id=o1']);
});

test('over the network: headers, body, no redirects, a merchant that is down', async () => {
  const { notifier, push, clock, journal } = world;
  const seen: string[] = [];
  const server = createServer((incoming, outgoing) => {
    let body = '';
    incoming.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    incoming.on('end', () => {
      seen.push(`${incoming.method} ${incoming.url} ${incoming.headers['content-type']} ${body}`);
      if (seen.length === 1) outgoing.writeHead(302, { location: '/elsewhere' }).end();
      else outgoing.end('success');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  notifier.listen(undefined);
  notifier.send(push('o1', { url: `http://127.0.0.1:${port}/notify?a=1` }));
  await clock.advance(day);
  const line = 'POST /notify?a=1 application/x-www-form-urlencoded id=o1';
  expect(seen).toEqual([line, line]);
  expect(journal.entries().map(({ status }) => status)).toEqual([302, 200]);

  await new Promise((resolve) => server.close(resolve));
  notifier.send(push('o2', { url: `http://127.0.0.1:${port}/`, ladderMs: [minute] }));
  await clock.advance(day);
  const down = journal.entries({ id: 'o2' });
  expect(down.map(({ note }) => note?.slice(0, 20))).toEqual([
    'No answer: connect E',
    'No answer: connect E',
    'Given up after 2 del',
  ]);
});

test('an answer that comes after patience counts for nothing, in process and over the network', async () => {
  const { notifier, push, clock, journal } = world;
  const slow = createServer(() => undefined);
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}/`;
  notifier.listen(() => new Promise(() => undefined));
  notifier.send(push('o1', { patienceMs: 20, ladderMs: [minute] }));
  await notifier.idle();
  expect(notifier.pending()).toMatchObject([{ id: 'o1', attempts: 1 }]);
  expect(journal.entries().at(-1)?.note).toContain('no answer within 20 ms');
  notifier.listen(undefined);
  notifier.send(push('o2', { url, patienceMs: 20, ladderMs: [] }));
  await notifier.idle();
  expect(journal.entries({ id: 'o2' })[0]?.note).toContain('No answer');
  await clock.advance(minute);
  slow.close();
  slow.closeAllConnections();
});
