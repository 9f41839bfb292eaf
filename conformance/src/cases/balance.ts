/** conformance · balance: laws of what the channel holds for the merchant. */
import assert from 'node:assert/strict';
import { epochMsOf, type Money } from '@polyrail/core';
import { amountFor, attempt, paidOrder, refund, refundOf, truthOf, wordsOf } from '../acts.ts';
import { balancesOf, moved } from '../funds.ts';
import { capture, captureOf, heldMoney } from '../holds.ts';
import { type Law, notApplicable } from '../law.ts';
import { arrivedPayout, askedPayout, payoutTruth, pendingPayout } from '../payouts.ts';

/** What the channel keeps of a payment for itself, where it tells. */
const feeOf = (outcome: unknown): number =>
  ((outcome as { fee?: Money } | undefined)?.fee?.amount ?? 0) as number;

function requireAmount(money: Money | undefined, currencies: readonly string[], where: string) {
  if (money === undefined) return;
  const { amount, currency } = money;
  assert.ok(Number.isSafeInteger(amount) && amount >= 0, `${where}: ${amount} minor units`);
  assert.ok(currencies.includes(currency), `${where}: ${currency} is no currency of the channel`);
}

export const balanceLaws: readonly Law[] = [
  {
    id: 'BAL-01',
    sentence: 'A balance has exact amounts, none below nothing, in currencies of the channel',
    why: 'a treasurer moves money by these numbers',
    level: 2,
    verbs: ['balance'],
    async run(stage) {
      const { currencies } = stage.client.channel.capabilities;
      const balances = await balancesOf(stage);
      assert.ok(balances.length > 0, 'balance tells of no account');
      const accounts = new Set(
        balances.map(({ account, available }) => `${account} ${available.currency}`),
      );
      assert.equal(accounts.size, balances.length, 'balance tells of one account twice');
      for (const { account, available, pending, frozen, asOf } of balances) {
        const where = `the balance of ${account}`;
        for (const part of [available, pending, frozen]) requireAmount(part, currencies, where);
        const moment = epochMsOf(asOf);
        assert.ok(moment !== undefined, `${where} is of ${asOf}`);
        const ahead = (moment ?? 0) - stage.site.clock.now();
        assert.ok(ahead <= 60_000, `${where} is ${ahead} ms ahead of its time`);
      }
    },
  },
  {
    id: 'BAL-02',
    sentence: 'A payment raises the balance by what it brought, a refund lowers it by what it took',
    why: 'a balance that stands still sells on credit, one that moves twice is a dream',
    level: 2,
    verbs: ['balance', 'pay', 'refund'],
    async run(stage) {
      const amount = amountFor(stage);
      let paid: Awaited<ReturnType<typeof paidOrder>> | undefined;
      const rise = await moved(stage, amount.currency, async () => {
        paid = await paidOrder(stage, { amount });
      });
      assert.ok(paid);
      const brought = amount.amount - feeOf(paid.started);
      assert.equal(rise, brought, `a payment of ${amount.amount}: the balance rose by ${rise}`);
      const order = paid;
      const fall = await moved(stage, amount.currency, () =>
        refund(stage.client, refundOf(stage, order, 34)),
      );
      const { refunded } = await truthOf(stage, order.id);
      assert.equal(fall, -refunded, `a refund of ${refunded}: the balance moved by ${fall}`);
    },
  },
  {
    id: 'BAL-03',
    sentence: 'A payout lowers the balance by its amount once, and one that failed brings it back',
    why: 'money that left and money that came back must both be seen, or it is spent twice',
    level: 2,
    verbs: ['balance', 'payout'],
    async run(stage) {
      let arrived: Awaited<ReturnType<typeof arrivedPayout>> | undefined;
      const { currency } = amountFor(stage);
      const fall = await moved(stage, currency, async () => {
        arrived = await arrivedPayout(stage);
      });
      assert.ok(arrived);
      const taken = arrived.request.amount.amount + feeOf(arrived.started);
      assert.equal(fall, -taken, `a payout of ${taken}: the balance moved by ${fall}`);
      const { payee } = await pendingPayout(stage);
      const change = await moved(stage, currency, async () => {
        const { id } = await askedPayout(stage, { payee });
        await stage.site.payer.decline(id);
        assert.equal((await payoutTruth(stage, id)).transfers, 0, 'setting the stage: it failed');
      });
      assert.equal(change, 0, `a payout that failed on its way: the balance moved by ${change}`);
    },
  },
  {
    id: 'BAL-04',
    sentence: 'A capture raises the balance by what it took, and by nothing of what was held',
    why: 'deposits booked as revenue are paid back out of the next one’s',
    level: 2,
    verbs: ['balance', 'authorize', 'capture'],
    async run(stage) {
      const held = await heldMoney(stage);
      const { currency } = held.amount;
      const part = Math.max(1, Math.floor(held.amount.amount / 3));
      let words = '';
      let fee = 0;
      const rise = await moved(stage, currency, async () => {
        const request = { ...captureOf(stage, held, part), final: true };
        const ending = await attempt(() => capture(stage.client, request));
        words = wordsOf(ending);
        fee = feeOf(ending.result);
      });
      const where = `a final capture of ${part} of ${held.amount.amount}: ${words}`;
      assert.equal(rise, part - fee, `${where}, the balance rose by ${rise}`);
    },
  },
  {
    id: 'BAL-05',
    sentence: 'A balance is that of this merchant, whatever others do',
    why: 'two shops under one number: one of them pays its rent with the other’s money',
    level: 2,
    verbs: ['balance', 'pay'],
    async run(stage) {
      const credentials = await stage.site.enroll?.();
      if (credentials === undefined) notApplicable('the site has room for one merchant only');
      const neighbour = { ...stage, client: stage.connect({ credentials }) };
      const amount = amountFor(stage);
      const change = await moved(neighbour, amount.currency, () => paidOrder(stage, { amount }));
      assert.equal(change, 0, `another merchant was paid: the balance moved by ${change}`);
    },
  },
];
