/** conformance · payout: laws of money to a payee - once, told as it is, also when it comes back. */
import assert from 'node:assert/strict';
import { type Noun, type Payout, type Ref, secret } from '@polyrail/core';
import { type Attempt, attempt, requireStatus, wordsOf } from '../acts.ts';
import { verbTarget } from '../aim.ts';
import { requireUnknown } from '../calls.ts';
import { needlesOf, requireHidden } from '../exposure.ts';
import { failuresOf } from '../failures.ts';
import { spentBy } from '../funds.ts';
import { type Law, notApplicable } from '../law.ts';
import { leaves } from '../leaves.ts';
import {
  arrivedPayout,
  payeesOf,
  payout,
  payoutFor,
  payoutTruth,
  pendingPayout,
  privateOf,
  queryPayout,
} from '../payouts.ts';
import { pushedAbout, requireSameTelling } from '../pushes.ts';
import { interventions } from '../spy.ts';
import type { Stage } from '../stage.ts';
import type { PayeeSample } from '../subject.ts';
import { payoutLateLaws } from './payout-late.ts';

const asked = (stage: Stage, ref: Ref<'payout'>): Promise<Attempt<Payout>> =>
  attempt(() => queryPayout(stage.connect(), ref));

const kindOf = ({ payee }: PayeeSample): string => payee.kind;

async function requireArrived(stage: Stage, payee: PayeeSample): Promise<void> {
  const where = `payout (${kindOf(payee)})`;
  const { id, request, started, ref } = await arrivedPayout(stage, { payee });
  requireStatus({ result: started }, ['pending', 'succeeded'], where);
  const found = requireStatus(await asked(stage, ref), ['succeeded'], `${where}, then query`);
  const { amount, returned } = found as { amount?: unknown; returned?: unknown };
  assert.deepEqual(amount, request.amount, `${where}: the amount that is told`);
  assert.equal(returned, undefined, `${where}: it is said to have been sent back`);
  const { transfers, paid } = await payoutTruth(stage, id);
  const expected = { transfers: 1, paid: request.amount.amount };
  assert.deepEqual({ transfers, paid }, expected, `${where}: the book`);
}

/** The money is on its way, and nobody says that it is there. */
async function requirePending(stage: Stage): Promise<void> {
  const { id, ref, request } = await pendingPayout(stage);
  const where = 'a payout that has not arrived';
  const words = wordsOf(await asked(stage, ref));
  assert.equal(words, 'pending', `${where}: queryPayout says ${words}`);
  assert.equal((await payoutTruth(stage, id)).transfers, 0, `${where}: the book`);
  const again = wordsOf(await attempt(() => payout(stage.connect(), request, { repeat: true })));
  assert.ok(/^(pending|unknown)/.test(again), `${where}, asked for again: ${again}`);
  await stage.site.payer.approve(id);
  requireStatus(await asked(stage, ref), ['succeeded'], 'a payout that has arrived');
  const { transfers } = await payoutTruth(stage, id);
  assert.equal(transfers, 1, `a payout that has arrived: ${transfers} times`);
}

/** Whatever it is called, the account has paid once: the book is asked about one id only. */
async function requireSpentOnce(stage: Stage, act: () => Promise<string>): Promise<void> {
  const { amount } = payoutFor(stage);
  let where = '';
  const spent = await spentBy(stage, amount.currency, async () => {
    where = await act();
  });
  if (spent === undefined) return;
  assert.ok(spent < 2 * amount.amount, `${where}: ${spent} left the account for ${amount.amount}`);
}

async function requireOnce(stage: Stage, payee: PayeeSample): Promise<string> {
  const request = payoutFor(stage, { payee });
  const again = () => attempt(() => payout(stage.connect(), request));
  const endings = [await again(), ...(await Promise.all([again(), again()])), await again()];
  const { merchantPayoutId: id, amount } = request;
  await attempt(() => stage.site.payer.approve(id));
  endings.push(await again());
  const words = endings.map(wordsOf).join(', ');
  const where = `payout (${kindOf(payee)}), five times under one id: ${words}`;
  const { transfers, paid } = await payoutTruth(stage, id);
  assert.deepEqual({ transfers, paid }, { transfers: 1, paid: amount.amount }, where);
  assert.ok(!/failed/.test(words), `${where}, and yet it was paid`);
  return where;
}

/**
 * Another amount, or another payee of the kind, under an id that was used. What is paid to another
 * kind of payee may be another product of the channel, with numbers of its own.
 */
function otherContents(stage: Stage, request: ReturnType<typeof payoutFor>) {
  const { amount, payee: used } = request;
  const others = payeesOf(stage).filter(
    ({ payee }) => payee.kind === used.kind && leaves(payee).join() !== leaves(used).join(),
  );
  return [
    ['another amount', { ...request, amount: { ...amount, amount: amount.amount + 1 } }],
    ...others.map((other) => ['another payee', { ...request, ...other }] as const),
  ] as const;
}

async function requireOneContent(stage: Stage, payee: PayeeSample): Promise<void> {
  const { id, request } = await arrivedPayout(stage, { payee });
  for (const [what, other] of otherContents(stage, request)) {
    const words = wordsOf(await attempt(() => payout(stage.connect(), other)));
    await attempt(() => stage.site.payer.approve(id));
    const { transfers, paid } = await payoutTruth(stage, id);
    const where = `payout (${kindOf(payee)}), its id used again with ${what}: ${words}`;
    const expected = { transfers: 1, paid: request.amount.amount };
    assert.deepEqual({ transfers, paid }, expected, `${where}, the book`);
    assert.ok(words === 'throws REFUSED' || words.startsWith('unknown'), where);
  }
}

/** What was stored before the first byte of a payout that is spoilt. */
async function spoiltPayout(
  stage: Stage,
  payee: PayeeSample,
  way: 'dropReply' | 'dropRequest',
): Promise<{ ref: Ref<'payout'>; request: ReturnType<typeof payoutFor> }> {
  const request = payoutFor(stage, { payee });
  const { aim } = await verbTarget(stage, 'payout');
  const client = stage.connect();
  client.spy.plan(interventions[way], { ...aim, times: 1 });
  let stored: Ref<Noun> | undefined;
  const onPrepared = async (ref: Ref<Noun>) => {
    stored = JSON.parse(JSON.stringify(ref)) as Ref<Noun>;
  };
  const where = `payout (${kindOf(payee)}) with ${way}`;
  requireUnknown(await attempt(() => payout(client, request, { onPrepared })), where);
  assert.ok(stored, `${where} never called onPrepared`);
  return { ref: stored as Ref<'payout'>, request };
}

async function requireLostReplyTold(stage: Stage, payee: PayeeSample): Promise<string> {
  const { ref, request } = await spoiltPayout(stage, payee, 'dropReply');
  const where = `a payout (${kindOf(payee)}) whose reply was lost`;
  const told = wordsOf(await asked(stage, ref));
  const begun = await payoutTruth(stage, ref.merchantId);
  const expected = begun.transfers === 1 ? 'succeeded' : 'pending';
  assert.equal(told, expected, `${where}: queryPayout; the book says ${begun.state}`);
  await attempt(() => payout(stage.connect(), request, { repeat: true }));
  await attempt(() => stage.site.payer.approve(ref.merchantId));
  const { transfers } = await payoutTruth(stage, ref.merchantId);
  assert.equal(transfers, 1, `${where}, repeated: paid ${transfers} times`);
  return `${where}, and then repeated`;
}

async function requireLostRequestTold(stage: Stage, payee: PayeeSample): Promise<void> {
  const { ref, request } = await spoiltPayout(stage, payee, 'dropRequest');
  const where = `a payout (${kindOf(payee)}) whose request was lost`;
  const found = await asked(stage, ref);
  assert.equal(wordsOf(found), 'unknown/not-found', `${where}: queryPayout`);
  const { evidence } = found.result as { evidence: string };
  assert.notEqual(evidence, 'none', `${where}: not-found without evidence is no answer`);
  assert.equal((await payoutTruth(stage, ref.merchantId)).transfers, 0, `${where}: the book`);
  const again = await attempt(() => payout(stage.connect(), request, { repeat: true }));
  requireStatus(again, ['pending', 'succeeded'], `${where}, made again under its id`);
  await attempt(() => stage.site.payer.approve(ref.merchantId));
  const { transfers } = await payoutTruth(stage, ref.merchantId);
  assert.equal(transfers, 1, `${where}, made again: paid ${transfers} times`);
}

/** Payees as private as they come: a name and an account that stand nowhere else. */
function privatePayees(stage: Stage): readonly PayeeSample[] {
  return payeesOf(stage).map((sample): PayeeSample => {
    if (sample.payee.kind === 'wallet') return sample;
    return { ...sample, payee: { ...sample.payee, name: secret('Ouyang Confidential') } };
  });
}

/** However a payout ends, nothing of the payee stands in what it leaves behind. */
async function requirePrivate(stage: Stage, payee: PayeeSample): Promise<number> {
  const needles = needlesOf(privateOf(payoutFor(stage, { payee })));
  const honest = { what: 'an honest reply', arrange: () => true };
  for (const { what, arrange } of [honest, ...failuresOf(stage)]) {
    const client = stage.connect();
    if (!arrange(client)) continue;
    const refs: Ref<Noun>[] = [];
    const onPrepared = async (ref: Ref<Noun>) => void refs.push(ref);
    const request = payoutFor(stage, { payee });
    const ending = await attempt(() => payout(client, request, { onPrepared }));
    stage.site.faults.clear();
    const where = `payout (${kindOf(payee)}) after ${what} (${wordsOf(ending)})`;
    requireHidden(ending.result ?? ending.error, needles, where);
    requireHidden(refs, needles, `${where}, the reference to be stored`);
    client.spy.reset();
    const [ref] = refs;
    const found = ref && (await attempt(() => queryPayout(client, ref as Ref<'payout'>)));
    requireHidden(found?.result ?? found?.error, needles, `${where}, then queryPayout`);
    requireHidden(client.log.entries, needles, `${where}, the log`);
  }
  return needles.length;
}

const promptLaws: readonly Law[] = [
  {
    id: 'POUT-01',
    sentence: 'A payout reaches the payee once, exactly, and queryPayout tells it',
    why: 'wages that arrive twice are never given back, and those that do not are asked for at once',
    level: 2,
    verbs: ['payout', 'queryPayout'],
    async run(stage) {
      for (const payee of payeesOf(stage)) await requireArrived(stage, payee);
    },
  },
  {
    id: 'POUT-02',
    sentence: 'The same payout id is paid once, in turn or at once, whatever the answers say',
    why: 'money that left is gone: no payee gives back what came twice',
    level: 2,
    verbs: ['payout'],
    async run(stage) {
      for (const payee of payeesOf(stage)) {
        await requireSpentOnce(stage, () => requireOnce(stage, payee));
      }
    },
  },
  {
    id: 'POUT-03',
    sentence:
      'A payout id used again for another amount or payee is refused or unknown, never paid',
    why: 'two contents under one id are a mistake, and a mistake must not pay',
    level: 2,
    verbs: ['payout'],
    async run(stage) {
      for (const payee of payeesOf(stage)) await requireOneContent(stage, payee);
    },
  },
  {
    id: 'POUT-04',
    sentence:
      'A payout whose reply was lost is unknown, its query tells, and repeated it pays once',
    why: 'the payout nobody heard of is the one that is made again under a new id',
    level: 2,
    verbs: ['payout', 'queryPayout'],
    async run(stage) {
      for (const payee of payeesOf(stage)) {
        await requireSpentOnce(stage, () => requireLostReplyTold(stage, payee));
      }
    },
  },
  {
    id: 'POUT-05',
    sentence: 'A payout whose request was lost is not found, which is a reading, and can be made',
    why: 'taken for a failure it is made elsewhere, and then the first one arrives',
    level: 2,
    verbs: ['payout', 'queryPayout'],
    async run(stage) {
      for (const payee of payeesOf(stage)) await requireLostRequestTold(stage, payee);
    },
  },
  {
    id: 'POUT-06',
    sentence: 'A payout that was accepted is pending until it arrives',
    why: 'accepted is not arrived: who tells the payee so is called a liar for two days',
    level: 2,
    verbs: ['payout', 'queryPayout'],
    run: requirePending,
  },
  {
    id: 'POUT-07',
    sentence: 'Nothing of the payee’s account or name stands in a result, reference, error or log',
    why: 'a payroll in the log is a list of who earns what, and where it lies',
    level: 2,
    verbs: ['payout'],
    async run(stage) {
      let needles = 0;
      for (const payee of privatePayees(stage)) needles += await requirePrivate(stage, payee);
      if (needles === 0) notApplicable('the samples name no payee with anything private');
    },
  },
  {
    id: 'POUT-08',
    sentence: 'What is pushed about a payout and what is queried tell the same',
    why: 'two truths about one payout: support says paid, the books say no',
    level: 2,
    verbs: ['payout', 'queryPayout', 'receive'],
    async run(stage) {
      let seen = 0;
      for (const payee of payeesOf(stage)) {
        const request = payoutFor(stage, { payee });
        const id = request.merchantPayoutId;
        const where = `a payout (${kindOf(payee)})`;
        const fact = await pushedAbout(stage, { noun: 'payout', id }, async () => {
          const { status } = await payout(stage.client, request);
          if (status === 'pending') await stage.site.payer.approve(id);
        });
        if (fact === undefined) continue;
        seen += 1;
        const found = await asked(stage, { ...fact.ref, noun: 'payout' });
        requireSameTelling(fact, requireStatus(found, ['succeeded'], where), where);
      }
      if (seen === 0) notApplicable('nothing is pushed about payouts');
    },
  },
  {
    id: 'POUT-09',
    sentence: 'A payout of another merchant is not told to this one',
    why: 'who is paid what by whom is nobody else’s business',
    level: 2,
    verbs: ['payout', 'queryPayout'],
    async run(stage) {
      const credentials = await stage.site.enroll?.();
      if (credentials === undefined) notApplicable('the site has room for one merchant only');
      const { ref } = await arrivedPayout(stage);
      const neighbour = stage.connect({ credentials });
      const ending = await attempt(() => queryPayout(neighbour, ref));
      const words = wordsOf(ending);
      const silent = words === 'unknown/not-found' || ending.error !== undefined;
      assert.ok(silent, `queryPayout of another merchant's payout: ${words}`);
    },
  },
];

export const payoutLaws: readonly Law[] = [...promptLaws, ...payoutLateLaws];
