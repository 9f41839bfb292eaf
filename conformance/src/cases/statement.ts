/** conformance · statement: laws of the channel's bill - complete, exact, and never half. */
import assert from 'node:assert/strict';
import { dayOf, isPolyrailError, type StatementKind, type StatementLine } from '@polyrail/core';
import {
  type Attempt,
  arm,
  attempt,
  type Paid,
  paidOrder,
  refund,
  refundOf,
  requireError,
  struck,
  truthOf,
  verbOf,
  wordsOf,
} from '../acts.ts';
import { yesterday } from '../drills.ts';
import { moment } from '../instruments.ts';
import { type Law, notApplicable } from '../law.ts';
import { cutAt, edited, type Intervention, interventions } from '../spy.ts';
import type { Client, Stage } from '../stage.ts';
import { dayMs, today } from './statement-day.ts';
import { fundsStatementLaws } from './statement-funds.ts';

/** The kind that tells payments and refunds. */
function tradeKind(stage: Stage): StatementKind {
  const { trade } = stage.client.channel.capabilities.statements ?? {};
  return trade === undefined ? notApplicable('the channel has no trade statement') : 'trade';
}

/** Every kind of statement the channel has. */
const kindsOf = (stage: Stage): readonly string[] =>
  Object.keys(stage.client.channel.capabilities.statements ?? {});

const open = (client: Client, request: unknown) =>
  verbOf(client.channel, 'statement')(request as never);

/** Reads a statement to its end. */
const read = (client: Client, request: unknown): Promise<Attempt<readonly StatementLine[]>> =>
  attempt(async () => {
    const lines: StatementLine[] = [];
    for await (const line of await open(client, request)) lines.push(line);
    return lines;
  });

/** Business of one day: payments, and for some of them refunds. */
async function trade(stage: Stage): Promise<readonly Paid[]> {
  const orders: Paid[] = [];
  for (let count = 0; count < 5; count += 1) {
    const paid = await paidOrder(stage);
    orders.push(paid);
    if (stage.client.channel.refund === undefined || count % 2 === 1) continue;
    const part = Math.max(1, Math.floor(paid.amount.amount / (count + 2)));
    await refund(stage.client, refundOf(stage, paid, part));
  }
  return orders;
}

/** A day with business, over and billed. */
async function billedDay(stage: Stage) {
  const kind = tradeKind(stage);
  const date = today(stage);
  const orders = await trade(stage);
  await stage.site.clock.advance(dayMs);
  await stage.site.settle(date);
  return { request: { kind, date }, orders, date };
}

const sumOf = (lines: readonly StatementLine[]): number =>
  lines.reduce((sum, { amount }) => sum + amount.amount, 0);

/** What the statement says about one payment is what the book says. */
async function requireBooked(stage: Stage, paid: Paid, lines: readonly StatementLine[]) {
  const { paid: taken, refunded } = await truthOf(stage, paid.id);
  const own = lines.filter(
    ({ merchantId, merchantPaymentId }) => (merchantPaymentId ?? merchantId) === paid.id,
  );
  const payments = own.filter(({ kind }) => kind === 'payment');
  assert.equal(payments.length, 1, `payment ${paid.id} stands ${payments.length} times in it`);
  const incoming = own.filter(({ direction }) => direction === 'in');
  const outgoing = own.filter(({ direction }) => direction === 'out');
  assert.equal(sumOf(incoming), taken, `payment ${paid.id}: what came in`);
  assert.equal(sumOf(outgoing), refunded, `payment ${paid.id}: what went out`);
  const currencies = new Set(own.map(({ amount }) => amount.currency));
  assert.deepEqual([...currencies], [paid.amount.currency], `payment ${paid.id}: its currency`);
}

/** A file that is not whole ends with an error; lines read before that are nobody's statement. */
function requireBroken(ending: Attempt<unknown>, where: string): void {
  const codes = ['REPLY_UNREADABLE', 'REPLY_UNVERIFIED', 'UNAVAILABLE'];
  const code = isPolyrailError(ending.error) ? ending.error.code : undefined;
  const words = ending.error === undefined ? 'ends normally' : wordsOf(ending);
  assert.ok(code !== undefined && codes.includes(code), `${where}: ${words}`);
}

/** Cuts each reply of a statement at several places, noticed by the transport or not. */
async function requireCutsNoticed(stage: Stage, request: object): Promise<void> {
  const honest = stage.connect();
  await read(honest, request);
  const replies = honest.spy.exchanges.flatMap(({ reply }) => (reply ? [reply] : []));
  for (const [skip, { body }] of replies.entries()) {
    const places = [0, body.length >> 1, body.length - 1, ...stage.dice.sample(6, body.length)];
    for (const place of places) {
      const cut = (length: number): readonly (readonly [string, Intervention])[] => [
        ['noticed', cutAt(length)],
        ['unnoticed', edited((reply) => ({ body: reply.body.subarray(0, length) }))],
      ];
      for (const [how, intervention] of cut(place)) {
        const client = stage.connect();
        client.spy.plan(intervention, { skip });
        const where = `reply ${skip + 1} of a statement cut after ${place} bytes, ${how}`;
        requireBroken(await read(client, request), where);
      }
    }
  }
}

/** Files that the channel's side spoils: their names differ from site to site. */
const spoiltFiles = [
  'statement-truncated',
  'statement-wrong-totals',
  'bill-truncated',
  'bill-wrong-totals',
];

/** Files that are no longer what their digest was made of. */
const exchangedFiles = ['statement-wrong-hash', 'bill-wrong-hash'];

/** Each of these faults ends a statement with an error; gives the requests that met one. */
async function requireSpoiltBroken(
  stage: Stage,
  faults: readonly string[],
): Promise<readonly object[]> {
  const { request } = await billedDay(stage);
  const spoilt: object[] = [];
  for (const fault of faults) {
    const armed = await attempt(async () => stage.site.faults.arm({ fault }));
    stage.site.faults.clear();
    if (armed.error !== undefined) continue;
    for (const kind of kindsOf(stage)) {
      const asked = { ...request, kind };
      arm(stage, fault);
      const ending = await read(stage.connect(), asked);
      const hit = struck(stage, fault);
      stage.site.faults.clear();
      if (!hit) continue;
      requireBroken(ending, `a statement (${kind}) with ${fault}`);
      spoilt.push(asked);
    }
  }
  return spoilt;
}

/** With another byte in it, the file breaks off or tells the very same. */
async function requireBytesProven(stage: Stage, request: object): Promise<void> {
  const honest = stage.connect();
  const { result: lines } = await read(honest, request);
  const skip = honest.spy.exchanges.length - 1;
  const [file] = honest.spy.exchanges.slice(-1);
  const { body = new Uint8Array() } = file?.reply ?? {};
  for (const at of stage.dice.sample(4, body.length)) {
    const client = stage.connect();
    const flip = ({ body: bytes }: { body: Uint8Array }) => ({
      body: bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)),
    });
    client.spy.plan(edited(flip), { skip });
    const ending = await read(client, request);
    const same = ending.error === undefined && tellings(ending.result) === tellings(lines);
    if (!same) requireBroken(ending, `a statement with another byte at ${at}`);
  }
}

const tellings = (lines: readonly StatementLine[] = []): string =>
  JSON.stringify(lines.map(({ raw: _raw, ...line }) => line));

const digestLaw: Law = {
  id: 'STMT-11',
  sentence: 'A file that is not the one whose digest was told never ends like a whole one',
  why: 'totals still add up where somebody exchanged two names',
  level: 3,
  verbs: ['pay', 'statement'],
  alone: true,
  async run(stage) {
    const spoilt = await requireSpoiltBroken(stage, exchangedFiles);
    for (const request of spoilt) await requireBytesProven(stage, request);
    if (spoilt.length === 0) notApplicable('no digest is told of a statement');
  },
};

export const statementLaws: readonly Law[] = [
  {
    id: 'STMT-01',
    sentence: 'The statement of a day has each payment and refund of it once, exactly as booked',
    why: 'the statement is the last word about who owes whom',
    level: 2,
    verbs: ['pay', 'statement'],
    alone: true,
    async run(stage) {
      const { request, orders } = await billedDay(stage);
      const later = await paidOrder(stage);
      const ending = await read(stage.connect(), request);
      assert.ok(ending.result, `the statement of ${request.date}: ${wordsOf(ending)}`);
      for (const order of orders) await requireBooked(stage, order, ending.result);
      const foreign = ending.result.some(({ merchantId }) => merchantId === later.id);
      assert.ok(!foreign, `the statement of ${request.date} has a payment of the next day`);
    },
  },
  {
    id: 'STMT-02',
    sentence: 'The statement of a day without business has no lines, and is no error',
    why: 'a job that fails on every quiet Sunday is one nobody looks at on Monday',
    level: 2,
    verbs: ['statement'],
    alone: true,
    async run(stage) {
      const kind = tradeKind(stage);
      const date = yesterday(stage);
      await stage.site.settle(date);
      const ending = await read(stage.client, { kind, date });
      assert.deepEqual(ending.result, [], `the statement of a quiet day: ${wordsOf(ending)}`);
    },
  },
  {
    id: 'STMT-03',
    sentence: 'A statement that is not there yet is NOT_READY with a time to ask again',
    why: 'an empty statement instead of none yet writes off a whole day',
    level: 2,
    verbs: ['pay', 'statement'],
    alone: true,
    async run(stage) {
      const kind = tradeKind(stage);
      const date = today(stage);
      const paid = await paidOrder(stage);
      const early = await read(stage.client, { kind, date });
      const error = requireError(early, ['NOT_READY'], `the statement of today, ${date}`);
      const { retryAfterMs = 0 } = error;
      assert.ok(retryAfterMs > 0, `NOT_READY names no time to ask again: ${retryAfterMs}`);
      for (let days = 0; days < 3; days += 1) await stage.site.clock.advance(dayMs);
      const ending = await read(stage.connect(), { kind, date });
      const found = ending.result?.some(({ merchantId }) => merchantId === paid.id);
      assert.ok(found, `the statement of ${date} three days later: ${wordsOf(ending)}`);
    },
  },
  {
    id: 'STMT-04',
    sentence: 'A date that is none, or lies in the future, is refused before anything is sent',
    why: 'a typing error must not look like a day without business',
    level: 1,
    verbs: ['statement'],
    async run(stage) {
      const kind = tradeKind(stage);
      const { timeZone, dayEndsAt } = stage.client.channel.capabilities;
      const tomorrow = dayOf(stage.site.clock.now() + 2 * dayMs, timeZone, dayEndsAt);
      const none = ['20260302', '2026-2-3', '2026-02-30', '2026-13-01', 'today', '', 20260302];
      for (const date of [tomorrow, ...none, undefined]) {
        const ending = await read(stage.client, { kind, date });
        const error = requireError(ending, ['REQUEST_INVALID'], `a statement of ${date}`);
        assert.equal(
          error.field,
          'date',
          `a statement of ${date}: the error blames ${error.field}`,
        );
      }
      assert.equal(stage.client.spy.exchanges.length, 0, 'something was sent');
    },
  },
  {
    id: 'STMT-05',
    sentence: 'A file cut anywhere never ends like a whole one',
    why: 'half a statement that looks whole makes the other half look unpaid',
    level: 2,
    verbs: ['pay', 'statement'],
    alone: true,
    async run(stage) {
      const { request } = await billedDay(stage);
      for (const kind of kindsOf(stage)) await requireCutsNoticed(stage, { ...request, kind });
    },
  },
  {
    id: 'STMT-06',
    sentence: 'A file that contradicts its own end or totals never ends like a whole one',
    why: 'the totals are there to be added up',
    level: 3,
    verbs: ['pay', 'statement'],
    alone: true,
    async run(stage) {
      const spoilt = await requireSpoiltBroken(stage, spoiltFiles);
      if (spoilt.length === 0) notApplicable('the site spoils no statements');
    },
  },
  {
    id: 'STMT-07',
    sentence: 'A statement may be left in the middle, and is iterated once',
    why: 'a reader that stops early must leave nothing running, and a second one would see nothing',
    level: 2,
    verbs: ['pay', 'statement'],
    alone: true,
    async run(stage) {
      const { request } = await billedDay(stage);
      const client = stage.connect();
      const statement = await open(client, request);
      for await (const _line of statement) break;
      await moment();
      assert.equal(client.clock.pending(), 0, 'timers are left after the reader stopped');
      const again = await attempt(async () => {
        for await (const _line of statement) assert.fail('a second iteration gave a line');
      });
      requireError(again, ['REQUEST_INVALID'], 'iterating a statement twice');
    },
  },
  {
    id: 'STMT-08',
    sentence: 'A statement whose reply was lost throws UNAVAILABLE, and asking again works',
    why: 'a statement may be asked for as often as it takes',
    level: 2,
    verbs: ['pay', 'statement'],
    alone: true,
    async run(stage) {
      const { request, orders } = await billedDay(stage);
      stage.client.spy.reset();
      stage.client.spy.plan(interventions.dropReply);
      const lost = await read(stage.client, request);
      requireError(lost, ['UNAVAILABLE'], 'a statement whose reply was lost');
      const { result = [] } = await read(stage.client, request);
      const ids = new Set(result.map(({ merchantId }) => merchantId));
      assert.ok(
        orders.every(({ id }) => ids.has(id)),
        'asked again, payments were missing',
      );
    },
  },
  ...fundsStatementLaws,
  digestLaw,
];
