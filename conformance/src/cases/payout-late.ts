/** conformance · payout, later: laws of payouts that fail on their way, or come back. */
import assert from 'node:assert/strict';
import { type Payout, reasons } from '@polyrail/core';
import { attempt, requireNo, requireStatus, wordsOf } from '../acts.ts';
import { fundsOf, moved } from '../funds.ts';
import { type Law, notApplicable } from '../law.ts';
import {
  arrivedPayout,
  payeesOf,
  payout,
  payoutFor,
  payoutTruth,
  pendingPayout,
  queryPayout,
} from '../payouts.ts';
import { pushedAbout, requireSameTelling } from '../pushes.ts';
import type { Stage } from '../stage.ts';

/** A payout fails while it is under way: the query says so, and what is pushed says the same. */
async function requireFailureTold(stage: Stage): Promise<void> {
  const { id, ref, request } = await pendingPayout(stage);
  const decline = () => stage.site.payer.decline(id);
  const fact = await pushedAbout(stage, { noun: 'payout', id }, decline);
  const where = 'a payout that failed on its way';
  const found = await attempt(() => queryPayout(stage.connect(), ref));
  const told = requireStatus(found, ['failed'], where);
  const { reason } = told as { reason?: string };
  assert.ok(reasons.includes(reason as never), `${where}: its reason is ${reason}`);
  if (fact !== undefined) requireSameTelling(fact, told, where);
  const again = wordsOf(await attempt(() => payout(stage.connect(), request, { repeat: true })));
  await attempt(() => stage.site.payer.approve(id));
  const { transfers } = await payoutTruth(stage, id);
  assert.equal(transfers, 0, `${where}, asked for again (${again}): paid ${transfers} times`);
  assert.ok(!/^(succeeded|pending)/.test(again), `${where}, asked for again: ${again}`);
}

/** It arrived and was sent back: it stays what it was, and tells of the return. */
async function requireReturnTold(stage: Stage): Promise<void> {
  const { id, ref } = await arrivedPayout(stage, { payee: payeesOf(stage).at(-1) as never });
  const decline = () => stage.site.payer.decline(id);
  const fact = await pushedAbout(stage, { noun: 'payout', id }, decline);
  const { returned: back } = await payoutTruth(stage, id);
  if (back === 0) notApplicable('no payee of the site sends money back');
  const where = 'a payout that was sent back';
  const told = [await attempt(() => queryPayout(stage.connect(), ref))];
  if (fact !== undefined) told.push({ result: fact as Payout });
  for (const ending of told) {
    requireStatus(ending, ['succeeded'], where);
    const { returned } = ending.result as { returned?: { at?: string; reason?: string } };
    assert.ok(returned?.at && returned.reason, `${where}: returned is ${JSON.stringify(returned)}`);
  }
}

export const payoutLateLaws: readonly Law[] = [
  {
    id: 'POUT-10',
    sentence: 'A payout that fails on its way is told as failed, with its reason, and stays so',
    why: 'a supplier who waits for money that came back yesterday stops delivering',
    level: 2,
    verbs: ['payout', 'queryPayout'],
    run: requireFailureTold,
  },
  {
    id: 'POUT-11',
    sentence: 'A payout that the payee’s bank sends back stays succeeded and tells of its return',
    why: 'paid and returned is not the same as never paid: the books need both',
    level: 2,
    verbs: ['payout', 'queryPayout'],
    run: requireReturnTold,
  },
  {
    id: 'POUT-12',
    sentence: 'More than the account holds is not paid out',
    why: 'a payout the channel cannot cover must fail at once, not at the payee’s bank',
    level: 2,
    verbs: ['payout', 'balance'],
    alone: true,
    async run(stage) {
      const request = payoutFor(stage);
      const { currency } = request.amount;
      const amount = (await fundsOf(stage))[currency] ?? 0;
      const beyond = { ...request, amount: { amount: amount + 1, currency } };
      const where = `a payout of ${amount + 1} out of ${amount}`;
      let ending = {};
      const change = await moved(stage, currency, async () => {
        ending = await attempt(() => payout(stage.client, beyond));
        await attempt(() => stage.site.payer.approve(beyond.merchantPayoutId));
      });
      const { transfers } = await payoutTruth(stage, beyond.merchantPayoutId);
      const told = wordsOf(ending as never);
      assert.deepEqual({ transfers, change }, { transfers: 0, change: 0 }, `${where}: ${told}`);
      requireNo(ending as never, where);
    },
  },
];
