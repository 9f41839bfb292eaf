/** conformance · money: laws about amounts - exact, within bounds, in the channel's currencies. */
import assert from 'node:assert/strict';
import { dayOf, type Money } from '@polyrail/core';
import {
  amountFor,
  approve,
  attempt,
  exponentFor,
  orderFor,
  paidOrder,
  pay,
  query,
  refund,
  requireError,
  sendingScenes,
  struck,
  truthOf,
  verbOf,
  wordsOf,
} from '../acts.ts';
import { type Drill, drillsOf } from '../drills.ts';
import { type Law, notApplicable } from '../law.ts';
import type { Client, Stage } from '../stage.ts';
import { limitLaws } from './money-limits.ts';

/**
 * Amounts that go wrong when cents meet floating point: `x / 100 * 100`, `Math.floor(x * 100)`,
 * `toFixed` and sums of tenths each miss some of them. In minor units.
 */
const notorious: readonly number[] = [
  1, 7, 10, 29, 57, 58, 100, 101, 113, 115, 201, 435, 820, 999, 1001, 1005, 1110, 1990, 1999, 2675,
  7007, 10_075, 12_345, 100_000, 333_333, 1_000_001, 4_503_599, 99_999_999, 123_456_789,
];

function withinBounds(stage: Stage, currency: string): readonly Money[] {
  const { amount: bounds } = stage.client.channel.capabilities;
  const { min = 1, max = Number.MAX_SAFE_INTEGER } = bounds ?? {};
  const edges = bounds === undefined ? [] : [min, min + 1, max - 1, max];
  const chosen = new Set([...notorious, ...edges].filter((n) => n >= min && n <= max));
  return [...chosen].map((amount) => ({ amount, currency }));
}

/** Every notification heard, opened: the amounts it tells, by the merchant's id. */
async function pushedAmounts(stage: Stage): Promise<ReadonlyMap<string, Money>> {
  const told = new Map<string, Money>();
  const { channel } = stage.client;
  if (channel.receive === undefined) return told;
  for (const message of stage.heard) {
    const { facts } = await verbOf(channel, 'receive')(message);
    for (const fact of facts) {
      const { amount } = fact as { amount?: Money };
      if (fact.noun === 'payment' && amount) told.set(fact.ref.merchantId, amount);
    }
  }
  return told;
}

const beyondPayer: readonly unknown[] = ['insufficient-funds', 'limit-exceeded', 'risk-blocked'];

/** One payment from the request to the book and back. */
async function requireExact(stage: Stage, amount: Money): Promise<string | undefined> {
  const scene = stage.dice.pick(sendingScenes(stage));
  const where = `pay (${scene}) of ${amount.amount} ${amount.currency}`;
  const request = orderFor(stage, { scene, amount });
  const attempted = await attempt(() => pay(stage.client, request));
  const { result: started } = attempted;
  const { reason } = (started ?? {}) as { reason?: string };
  // A payer may be too poor for an edge of the bounds; nothing is seen then.
  if (started?.status === 'failed' && beyondPayer.includes(reason)) return undefined;
  const begun = started?.status === 'succeeded' || started?.status === 'pending';
  assert.ok(started !== undefined && begun, `${where}: ${wordsOf(attempted)}`);
  await approve(stage, started);
  const id = request.merchantPaymentId;
  const { paid } = await truthOf(stage, id);
  assert.equal(paid, amount.amount, `${where}: the channel's book says another amount was paid`);
  if (started.status === 'succeeded') {
    assert.deepEqual(started.amount, amount, `${where}: the result tells another amount`);
  }
  if (stage.client.channel.query !== undefined) {
    const asked = await query(stage.client, started.ref);
    const { amount: found } = asked as { amount?: Money };
    assert.deepEqual(found, amount, `${where}: query tells another amount`);
  }
  return id;
}

/** A refund of all but one minor unit; the book must say exactly that. */
async function requireExactRefund(stage: Stage, amount: Money): Promise<void> {
  const paid = await paidOrder(stage, { amount });
  const partial = stage.client.channel.capabilities.partialRefunds !== false;
  const back = { ...amount, amount: partial ? Math.max(1, amount.amount - 1) : amount.amount };
  const where = `refund of ${back.amount} from ${amount.amount} ${amount.currency}`;
  const request = { payment: paid.ref, merchantRefundId: stage.freshId(), amount: back };
  const made = await attempt(() => refund(stage.client, request));
  const status = made.result?.status;
  assert.ok(status === 'succeeded' || status === 'pending', `${where}: ${wordsOf(made)}`);
  const { refunded } = await truthOf(stage, paid.id);
  assert.equal(refunded, back.amount, `${where}: the channel's book says another amount`);
  if (made.result?.status === 'succeeded') {
    assert.deepEqual(made.result.amount, back, `${where}: the result tells another amount`);
  }
}

/** The payments of today as the statement tells them, by the merchant's id. */
async function statedAmounts(stage: Stage): Promise<ReadonlyMap<string, Money>> {
  const { channel } = stage.client;
  const { timeZone, dayEndsAt, statements = {} } = channel.capabilities;
  const date = dayOf(stage.site.clock.now(), timeZone, dayEndsAt);
  const kind = Object.keys(statements).includes('trade') ? 'trade' : 'funds';
  // The day must be over, and the hour be past at which its file is there.
  await stage.site.clock.advance(2 * 86_400_000);
  await stage.site.settle(date);
  const lines = await verbOf(channel, 'statement')({ kind, date });
  const told = new Map<string, Money>();
  for await (const line of lines) {
    if (line.kind === 'payment' && line.merchantId) told.set(line.merchantId, line.amount);
  }
  return told;
}

const currenciesOf = (stage: Stage): readonly string[] =>
  stage.client.channel.capabilities.currencies;

/** Everything of a reply that could tell an amount, without points and commas. */
function wireText({ spy }: Client): string {
  const { reply } = spy.exchanges.at(-1) ?? {};
  return reply === undefined
    ? ''
    : Buffer.from(reply.body).toString('latin1').replaceAll(/[.,]/g, '');
}

/** Verbs whose answer tells the amount that was asked for. */
const tellers: ReadonlySet<string> = new Set([
  'pay',
  'query',
  'refund',
  'queryRefund',
  'authorize',
  'queryAuthorization',
  'capture',
  'payout',
  'queryPayout',
]);

/** Amounts that no other number on the wire looks like: the true one, and the one of the fault. */
const telling = 7_531_864;
const wrong = 8_642_975;

/**
 * Whether the answer told another amount than the true one - on sites that spoil answers, and where
 * an honest answer shows the amount at all.
 */
async function requireDisbelief(stage: Stage, drill: Drill): Promise<boolean> {
  const { client, site } = stage;
  const honest = await drill.ready();
  client.spy.reset();
  await honest.call(client);
  const shows = (amount: number) => wireText(client).includes(String(amount));
  if (!shows(shownAmount(honest.request))) return false;
  const ready = await drill.ready();
  const operation = stage.subject.samples?.operations?.[drill.verb];
  site.faults.arm({ fault: 'wrong-amount', amount: wrong, ...(operation ? { operation } : {}) });
  client.spy.reset();
  const attempted = await attempt(() => ready.call(client));
  const changed = shows(wrong) || !shows(shownAmount(ready.request));
  const spoilt = struck(stage, 'wrong-amount') && changed;
  site.faults.clear();
  if (!spoilt) return false;
  const where = `${drill.where}, answered with another amount`;
  if (drill.reading) {
    requireError(attempted, ['REPLY_UNVERIFIED', 'REPLY_UNREADABLE'], where);
    return true;
  }
  const { status, doubt } = (attempted.result ?? {}) as Record<string, unknown>;
  assert.equal(status, 'unknown', `${where}: ${wordsOf(attempted)} instead of unknown`);
  assert.equal(doubt, 'contradicts-request', `${where}: the doubt`);
  return true;
}

/** The amount a call is about: its own, or that of the payment it names. */
function shownAmount(request: object): number {
  const { amount, payment } = request as { amount?: Money; payment?: { amount?: Money } };
  return amount?.amount ?? payment?.amount?.amount ?? telling;
}

export const moneyLaws: readonly Law[] = [
  ...limitLaws,
  {
    id: 'MONEY-04',
    sentence:
      'Every amount arrives at the channel exactly and comes back exactly, in every currency',
    why: 'a cent lost to floating point is found by the auditor; a missed exponent, by the payer',
    level: 2,
    verbs: ['pay'],
    async run(stage) {
      if (sendingScenes(stage).length === 0) notApplicable('no scene of pay talks to the channel');
      const asked = new Map<string, Money>();
      for (const currency of currenciesOf(stage)) {
        for (const amount of withinBounds(stage, currency)) {
          const id = await requireExact(stage, amount);
          if (id !== undefined) asked.set(id, amount);
        }
      }
      for (const [id, told] of await pushedAmounts(stage)) {
        // Orders of other laws are told of again and again: nobody has acknowledged them.
        if (!asked.has(id)) continue;
        const digits = exponentFor(told);
        const where = `the notification about ${id} (${digits} minor digits)`;
        assert.deepEqual(told, asked.get(id), `${where} tells another amount`);
      }
    },
  },
  {
    id: 'MONEY-05',
    sentence: 'A refund gives back exactly what it was asked to, in every currency',
    why: 'a refund that is a cent off leaves a payment that can never be closed in the books',
    level: 2,
    verbs: ['pay', 'refund'],
    async run(stage) {
      for (const currency of currenciesOf(stage)) {
        const amounts = withinBounds(stage, currency).filter(({ amount }) => amount > 1);
        for (const at of stage.dice.sample(12, amounts.length)) {
          await requireExactRefund(stage, amounts[at] as Money);
        }
      }
    },
  },
  {
    id: 'MONEY-06',
    sentence:
      'An answer that tells another amount than asked is in doubt, however well it is signed',
    why: 'who books what was asked while the channel took something else is wrong from then on',
    level: 3,
    verbs: ['pay'],
    async run(stage) {
      try {
        stage.site.faults.arm({ fault: 'wrong-amount' });
      } catch {
        notApplicable('the site knows no fault wrong-amount');
      }
      stage.site.faults.clear();
      let seen = 0;
      for (const drill of await drillsOf(stage, { amount: amountFor(stage, telling) })) {
        if (tellers.has(drill.verb) && (await requireDisbelief(stage, drill))) seen += 1;
      }
      if (seen === 0) notApplicable('no answer shows its amount on the wire');
    },
  },
  {
    id: 'MONEY-07',
    sentence: 'A statement tells every amount exactly as it was paid',
    why: 'reconciliation compares to the cent: what the reader rounds, it reports as stolen',
    level: 2,
    verbs: ['pay', 'statement'],
    alone: true,
    async run(stage) {
      const asked = new Map<string, Money>();
      for (const currency of currenciesOf(stage)) {
        const amounts = withinBounds(stage, currency);
        for (const at of stage.dice.sample(12, amounts.length)) {
          const { id, amount } = await paidOrder(stage, { amount: amounts[at] as Money });
          asked.set(id, amount);
        }
      }
      const told = await statedAmounts(stage);
      const unheard = [...asked.keys()].filter((id) => told.has(id));
      if (unheard.length === 0) notApplicable('the statement names no payment by its id');
      for (const [id, amount] of asked) {
        const where = `the statement's line of ${id}, paid with ${amount.amount} ${amount.currency}`;
        assert.deepEqual(told.get(id), amount, `${where}, tells another amount`);
      }
    },
  },
];
