/** conformance · statement of funds: laws of the bill of the account - all that moved it, added up. */
import assert from 'node:assert/strict';
import type { Channel, StatementLine } from '@polyrail/core';
import { attempt, paidOrder, refund, refundOf, verbOf, wordsOf } from '../acts.ts';
import { fundsOf } from '../funds.ts';
import { capture, captureOf, heldMoney } from '../holds.ts';
import type { Law } from '../law.ts';
import { arrivedPayout, pendingPayout } from '../payouts.ts';
import type { Stage } from '../stage.ts';
import { type Day, dayMs, today } from './statement-day.ts';

const withoutFunds = ({ capabilities }: Channel): string | undefined =>
  capabilities.statements?.funds === undefined
    ? 'the channel has no statement of funds'
    : undefined;

/** A day on which the account is moved in every way the channel has. */
async function business(stage: Stage): Promise<readonly string[]> {
  const { client, site, subject } = stage;
  const { channel } = client;
  const paid = [await paidOrder(stage), await paidOrder(stage)] as const;
  const ids = paid.map(({ id }) => id);
  if (channel.refund) await refund(client, refundOf(stage, paid[0], 34));
  if (channel.capture && site.authorization) {
    const held = await heldMoney(stage);
    const request = { ...captureOf(stage, held, 1000), final: true };
    await capture(client, request);
    ids.push(request.merchantPaymentId);
  }
  if (channel.payout && subject.samples?.payees) {
    ids.push((await arrivedPayout(stage)).id);
    const { result } = await attempt(() => pendingPayout(stage));
    if (result !== undefined) await site.payer.decline(result.id);
  }
  return ids;
}

async function read(stage: Stage, date: Day): Promise<readonly StatementLine[]> {
  const ending = await attempt(async () => {
    const lines: StatementLine[] = [];
    const statement = await verbOf(stage.connect().channel, 'statement')({ kind: 'funds', date });
    for await (const line of statement) lines.push(line);
    return lines;
  });
  assert.ok(ending.result, `the statement of funds of ${date}: ${wordsOf(ending)}`);
  return ending.result;
}

/** The lines of a day's business. */
async function billed(stage: Stage) {
  const date = today(stage);
  const ids = await business(stage);
  await stage.site.clock.advance(dayMs);
  await stage.site.settle(date);
  return { ids, lines: await read(stage, date) };
}

const sumsOf = (lines: readonly StatementLine[]): Readonly<Record<string, number>> => {
  const sums: Record<string, number> = {};
  for (const { amount, direction } of lines) {
    const moved = direction === 'in' ? amount.amount : -amount.amount;
    sums[amount.currency] = (sums[amount.currency] ?? 0) + moved;
  }
  return sums;
};

export const fundsStatementLaws: readonly Law[] = [
  {
    id: 'STMT-09',
    sentence: 'The statement of funds adds up to what the balance moved by on that day',
    why: 'the last cent on the account must have a line that says where it came from',
    level: 2,
    verbs: ['pay', 'balance', 'statement'],
    alone: true,
    unless: withoutFunds,
    async run(stage) {
      // What was tried on this site before belongs to another day.
      await stage.site.clock.advance(dayMs);
      const before = await fundsOf(stage);
      const date = today(stage);
      await business(stage);
      const after = await fundsOf(stage);
      await stage.site.clock.advance(dayMs);
      await stage.site.settle(date);
      const sums = sumsOf(await read(stage, date));
      for (const currency of new Set([...Object.keys(after), ...Object.keys(sums)])) {
        const moved = (after[currency] ?? 0) - (before[currency] ?? 0);
        const told = sums[currency] ?? 0;
        const where = `${currency} on ${date}`;
        assert.equal(told, moved, `${where}: the lines say ${told}, the balance ${moved}`);
      }
    },
  },
  {
    id: 'STMT-10',
    sentence: 'The statement of funds has every payment, capture and payout of the day, once',
    why: 'what is missing there is money nobody can place',
    level: 2,
    verbs: ['pay', 'statement'],
    alone: true,
    unless: withoutFunds,
    async run(stage) {
      const { ids, lines } = await billed(stage);
      for (const id of ids) {
        const own = lines.filter(
          ({ kind, merchantId }) => merchantId === id && (kind === 'payment' || kind === 'payout'),
        );
        assert.equal(own.length, 1, `${id} stands ${own.length} times in the statement of funds`);
      }
    },
  },
];
