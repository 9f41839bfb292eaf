/** conformance · refund: laws of money going back - in parts, once, and never too much. */
import assert from 'node:assert/strict';
import { instantOf, type Refund } from '@polyrail/core';
import {
  amountFor,
  attempt,
  openOrder,
  paidOrder,
  query,
  refund,
  refundOf,
  requireStatus,
  truthOf,
  verbOf,
  wordsOf,
} from '../acts.ts';
import { verbTarget } from '../aim.ts';
import { requireUnknown } from '../calls.ts';
import type { Law } from '../law.ts';
import { interventions } from '../spy.ts';
import type { Client, Stage } from '../stage.ts';

const queryRefund = (client: Client, ref: Refund['ref']) =>
  attempt(() => verbOf(client.channel, 'queryRefund')(ref));

/** A refund that is not simply done: whatever it is called, the book must not have moved. */
async function requireNothingBack(
  stage: Stage,
  request: ReturnType<typeof refundOf>,
  { before, where }: { before: number; where: string },
): Promise<void> {
  const words = wordsOf(await attempt(() => refund(stage.client, request)));
  const { refunded } = await truthOf(stage, request.payment.merchantId);
  assert.equal(refunded, before, `${where}: ${words}, and ${refunded - before} was given back`);
  const no = words === 'throws REFUSED' || /^(failed|unknown)/.test(words);
  assert.ok(no, `${where}: ${words}`);
}

/** Shares of a payment that together are all of it. */
const sharesOf = (total: number): readonly number[] => {
  const third = Math.max(1, Math.floor(total / 3));
  return [third, third, total - 2 * third].filter((share) => share > 0);
};

export const refundLaws: readonly Law[] = [
  {
    id: 'REF-01',
    sentence: 'Partial refunds add up, and each is found under its own id with its own amount',
    why: 'a refund told as the sum of all refunds is booked twice',
    level: 2,
    verbs: ['pay', 'refund', 'queryRefund'],
    unless: ({ capabilities }) =>
      capabilities.partialRefunds === false ? 'it refunds in full only' : undefined,
    async run(stage) {
      const paid = await paidOrder(stage);
      let sum = 0;
      for (const share of sharesOf(paid.amount.amount)) {
        const request = refundOf(stage, paid, share);
        const made = await attempt(() => refund(stage.client, request));
        const where = `refund of ${share} after ${sum} of ${paid.amount.amount}`;
        const { ref } = requireStatus(made, ['succeeded', 'pending'], where);
        sum += share;
        assert.equal((await truthOf(stage, paid.id)).refunded, sum, `${where}: the book`);
        const found = requireStatus(await queryRefund(stage.connect(), ref), ['succeeded'], where);
        const { amount } = found as { amount?: unknown };
        assert.deepEqual(amount, request.amount, `${where}: queryRefund tells another amount`);
      }
    },
  },
  {
    id: 'REF-02',
    sentence: 'The same merchant refund id twice is one refund',
    why: 'a refund is repeated when nobody heard the answer: the second must give nothing away',
    level: 2,
    verbs: ['pay', 'refund'],
    async run(stage) {
      const paid = await paidOrder(stage);
      const request = refundOf(stage, paid, sharesOf(paid.amount.amount)[0] ?? 1);
      for (const time of [1, 2, 3]) {
        const ending = await attempt(() => refund(stage.connect(), request));
        const words = wordsOf(ending);
        const where = `the same refund, time ${time}: ${words}`;
        assert.ok(/^(succeeded|pending|unknown)/.test(words), where);
        const { refunds, refunded } = await truthOf(stage, paid.id);
        assert.equal(refunds, 1, `${where}: ${refunds} refunds in the book`);
        assert.equal(refunded, request.amount.amount, `${where}: the book`);
      }
    },
  },
  {
    id: 'REF-03',
    sentence: 'The same refund id with another amount gives nothing more',
    why: 'two contents under one id are a mistake, and a mistake must not pay',
    level: 2,
    verbs: ['pay', 'refund'],
    async run(stage) {
      const paid = await paidOrder(stage);
      const request = refundOf(stage, paid, 1);
      await refund(stage.client, request);
      const other = { ...request, amount: { ...request.amount, amount: 2 } };
      const where = 'a refund of 2 under the id of a refund of 1';
      await requireNothingBack(stage, other, { before: 1, where });
    },
  },
  {
    id: 'REF-04',
    sentence: 'Refunds never exceed the payment',
    why: 'what is given back beyond the payment is a gift of the merchant',
    level: 2,
    verbs: ['pay', 'refund'],
    async run(stage) {
      const paid = await paidOrder(stage);
      const total = paid.amount.amount;
      const more = refundOf(stage, paid, total + 1);
      const where = `a refund of ${total + 1} of ${total}`;
      await requireNothingBack(stage, more, { before: 0, where });
      await refund(stage.client, refundOf(stage, paid, total));
      const again = refundOf(stage, paid, 1);
      const after = 'a refund of 1 after everything was given back';
      await requireNothingBack(stage, again, { before: total, where: after });
    },
  },
  {
    id: 'REF-05',
    sentence: 'Refunds at the same time never exceed the payment together',
    why: 'two clerks and one receipt are an ordinary day',
    level: 2,
    verbs: ['pay', 'refund'],
    async run(stage) {
      const paid = await paidOrder(stage);
      const most = Math.max(1, Math.ceil(paid.amount.amount * 0.6));
      const requests = Array.from({ length: 4 }, () => refundOf(stage, paid, most));
      const endings = await Promise.all(
        requests.map((request) => attempt(() => refund(stage.connect(), request))),
      );
      await stage.settled();
      let done = 0;
      for (const { result } of endings) {
        const isOpen = result?.status === 'pending' && stage.client.channel.queryRefund;
        const last = isOpen ? await queryRefund(stage.client, result.ref) : { result };
        if (last.result?.status === 'succeeded') done += 1;
      }
      const { refunds, refunded } = await truthOf(stage, paid.id);
      const words = endings.map(wordsOf).join(', ');
      assert.ok(refunded <= paid.amount.amount, `four refunds at once: ${refunded} given back`);
      assert.equal(done, refunds, `four refunds at once: ${words}, the book knows ${refunds}`);
    },
  },
  {
    id: 'REF-06',
    sentence: 'What was not paid is not refunded',
    why: 'a refund without a payment is a payout to whoever asks',
    level: 2,
    verbs: ['pay', 'refund'],
    async run(stage) {
      const open = await openOrder(stage);
      const where = 'a refund of an order nobody has paid';
      await requireNothingBack(stage, refundOf(stage, open, 1), { before: 0, where });
      const startedAt = instantOf(stage.site.clock.now());
      const merchantId = stage.freshId();
      const amount = amountFor(stage);
      const payment = { noun: 'payment', merchantId, amount, startedAt } as const;
      const nothing = { ...refundOf(stage, open, 1), payment };
      const never = 'a refund of a payment that never was';
      await requireNothingBack(stage, nothing, { before: 0, where: never });
    },
  },
  {
    id: 'REF-07',
    sentence: 'A refund that does not exist is unknown/not-found, whatever else was refunded',
    why: 'a refund told as done because the payment was refunded before leaves a customer without money',
    level: 2,
    verbs: ['pay', 'refund', 'queryRefund'],
    async run(stage) {
      const paid = await paidOrder(stage);
      const made = await refund(stage.client, refundOf(stage, paid, 1));
      const never = { ...made.ref, merchantId: stage.freshId() };
      const { channelId: _none, ...ref } = never;
      const words = wordsOf(await queryRefund(stage.client, ref as Refund['ref']));
      assert.equal(words, 'unknown/not-found', 'queryRefund of an id nobody used');
    },
  },
  {
    id: 'REF-08',
    sentence:
      'A refund whose reply was lost is found by what was stored, and repeated once at most',
    why: 'the refund that nobody heard of is the one that is made twice',
    level: 2,
    verbs: ['pay', 'refund', 'queryRefund'],
    async run(stage) {
      const paid = await paidOrder(stage);
      const request = refundOf(stage, paid, 1);
      const { aim } = await verbTarget(stage, 'refund');
      const client = stage.connect();
      let stored = '';
      client.spy.plan(interventions.dropReply, { ...aim, times: 1 });
      const onPrepared = async (ref: unknown) => {
        stored = JSON.stringify(ref);
      };
      const ending = await attempt(() => refund(client, request, { onPrepared }));
      requireUnknown(ending, 'a refund whose reply was lost');
      const { refunds } = await truthOf(stage, paid.id);
      const found = await queryRefund(stage.connect(), JSON.parse(stored));
      const told = found.result?.status === 'succeeded';
      assert.equal(told, refunds === 1, `queryRefund: ${wordsOf(found)}, the book ${refunds}`);
      await attempt(() => refund(stage.connect(), request, { repeat: true }));
      const after = await truthOf(stage, paid.id);
      assert.equal(after.refunded, 1, `repeated under its id: ${after.refunded} given back`);
    },
  },
  {
    id: 'REF-09',
    sentence: 'A partial refund leaves the payment succeeded with its whole amount',
    why: 'an order that shrinks with each refund no longer matches the books',
    level: 2,
    verbs: ['pay', 'query', 'refund'],
    async run(stage) {
      const paid = await paidOrder(stage);
      await refund(stage.client, refundOf(stage, paid, 1));
      const ending = await attempt(() => query(stage.client, paid.ref));
      const found = requireStatus(ending, ['succeeded'], 'query after a refund of 1');
      const { amount } = found as { amount?: unknown };
      assert.deepEqual(amount, paid.amount, 'the amount of the payment after a refund of 1');
    },
  },
];
