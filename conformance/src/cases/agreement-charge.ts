/** conformance · agreement, charged: laws of taking money by a standing consent. */
import assert from 'node:assert/strict';
import type { Agreement, Options, Ref, SignUpScene } from '@polyrail/core';
import {
  approve,
  attempt,
  neighbourOf,
  type PayRequest,
  pay,
  query,
  refund,
  requireNo,
  requireStatus,
  truthOf,
  wordsOf,
} from '../acts.ts';
import {
  agreementTruth,
  charge,
  chargeFor,
  chargesNothing,
  nobodys,
  openSignUp,
  openSignUpScenes,
  querySignUp,
  signedAgreement,
  signOff,
  signUp,
  signUpFor,
  signUpScenes,
} from '../agreements.ts';
import { movingTarget } from '../aim.ts';
import { keeper } from '../calls.ts';
import { drillsOf } from '../drills.ts';
import type { Law } from '../law.ts';
import { interventions } from '../spy.ts';
import type { Client, Stage } from '../stage.ts';

/** Charged nothing, and does not stay in doubt: the channel knows, and must tell. */
async function requireNotCharged(
  stage: Stage,
  { client, agreement }: { client: Client; agreement: Ref<'agreement'> },
  where: string,
): Promise<void> {
  const request = chargeFor(stage, agreement);
  const ending = await attempt(() => pay(client, request));
  const { debits } = await truthOf(stage, request.merchantPaymentId);
  assert.equal(debits, 0, `${where}: ${wordsOf(ending)}, and the payer was charged`);
  const words = requireNo(ending, where);
  if (!words.startsWith('unknown') || ending.result === undefined) return;
  const found = wordsOf(await attempt(() => query(client, ending.result.ref)));
  const told = found.startsWith('failed') || found === 'unknown/not-found';
  assert.ok(told, `${where}: ${words}, and then query says ${found}`);
}

/** Repeated one after the other, and at once. */
async function requireOneCharge(stage: Stage, agreement: Ref<'agreement'>): Promise<void> {
  const inTurn = async (request: PayRequest) => [
    await attempt(() => pay(stage.client, request)),
    await attempt(() => pay(stage.connect(), request, { repeat: true })),
  ];
  const atOnce = (request: PayRequest) =>
    Promise.all([1, 2, 3].map(() => attempt(() => pay(stage.connect(), request))));
  for (const [how, charging] of Object.entries({ inTurn, atOnce })) {
    const request = chargeFor(stage, agreement);
    const before = await agreementTruth(stage, agreement.merchantId);
    const endings = await charging(request);
    const words = endings.map(wordsOf).join(', ');
    const { debits } = await truthOf(stage, request.merchantPaymentId);
    const { charges } = await agreementTruth(stage, agreement.merchantId);
    const where = `a charge made again under its id, ${how}: ${words}`;
    assert.equal(debits, 1, `${where}: ${debits} debits`);
    assert.equal(charges - before.charges, 1, `${where}: ${charges - before.charges} charges`);
    assert.ok(!words.includes('failed'), `${where}, and yet it was done`);
  }
}

/** A sign-up whose reply is lost, where it has one. */
async function unheardSignUp(stage: Stage, scene: SignUpScene, options: Options) {
  const drills = await drillsOf(stage);
  const drill = drills.find(({ where }) => where === `signUp (${scene})`);
  if (drill === undefined) {
    // Nothing is sent: the payer carries it to the channel.
    const request = signUpFor(stage, scene);
    const { result } = await attempt(() => signUp(stage.connect(), request, options));
    return { id: request.merchantAgreementId, result };
  }
  const { ready, client, spoil } = await movingTarget(stage, drill);
  spoil(interventions.dropReply);
  const { result } = await attempt(() => ready.call(client, options) as Promise<Agreement>);
  return { id: ready.about.agreement ?? '', result };
}

/** Consent to a sign-up of which nothing is known but what was stored before its first byte. */
async function requireFoundAgain(stage: Stage, scene: SignUpScene): Promise<void> {
  const where = `signUp (${scene}), asked about with what was stored`;
  const { stored, onPrepared } = keeper();
  const { id, result } = await unheardSignUp(stage, scene, { onPrepared });
  if (result?.status === 'pending') await approve(stage, result);
  else if (scene !== 'card') await stage.site.payer.approve(id);
  const { active } = await agreementTruth(stage, id);
  assert.ok(active, `setting the stage: the payer consented (${scene})`);
  const ref = stored(where) as Ref<'agreement'>;
  const found = await attempt(() => querySignUp(stage.connect(), ref));
  const { standing } = requireStatus(found, ['succeeded'], where) as { standing?: string };
  assert.equal(standing, 'active', `${where}: its standing`);
}

export const agreementChargeLaws: readonly Law[] = [
  {
    id: 'AGR-09',
    sentence: 'A charge takes its amount once, and each charge of an agreement is a payment',
    why: 'a subscription is many payments: none may be lost in the others',
    level: 2,
    verbs: ['pay', 'query', 'signUp', 'querySignUp'],
    unless: chargesNothing,
    async run(stage) {
      const { id, ref } = await signedAgreement(stage);
      for (const count of [1, 2]) {
        const request = chargeFor(stage, ref);
        const where = `charge ${count} of an agreement`;
        const started = await attempt(() => pay(stage.client, request));
        const { ref: payment } = requireStatus(started, ['succeeded', 'pending'], where);
        await stage.settled();
        const { debits, paid } = await truthOf(stage, request.merchantPaymentId);
        assert.deepEqual({ debits, paid }, { debits: 1, paid: request.amount.amount }, where);
        const found = await attempt(() => query(stage.connect(), payment));
        const told = requireStatus(found, ['succeeded'], `${where}, then query`);
        assert.deepEqual((told as { amount?: unknown }).amount, request.amount, where);
        const { charges } = await agreementTruth(stage, id);
        assert.equal(charges, count, `${where}: the books know ${charges}`);
      }
    },
  },
  {
    id: 'AGR-10',
    sentence: 'Two charges with the same payment id are one, in turn or at once',
    why: 'a billing run that starts twice charges every customer twice',
    level: 2,
    verbs: ['pay', 'query', 'signUp', 'querySignUp'],
    unless: chargesNothing,
    async run(stage) {
      await requireOneCharge(stage, (await signedAgreement(stage)).ref);
    },
  },
  {
    id: 'AGR-11',
    sentence: 'What nobody has consented to is not charged, and that does not stay unknown',
    why: 'a link that was sent is no signature under it',
    level: 2,
    verbs: ['pay', 'query', 'signUp', 'querySignUp'],
    unless: chargesNothing,
    async run(stage) {
      const { client } = stage;
      const [scene] = openSignUpScenes(client);
      if (scene === undefined) {
        // Where signing up is consenting, there is only what nobody has asked for.
        const agreement = nobodys(stage);
        await requireNotCharged(stage, { client, agreement }, 'a charge without a sign-up');
        return;
      }
      const { id, ref } = await openSignUp(stage, scene);
      await requireNotCharged(stage, { client, agreement: ref }, 'a charge before the consent');
      const { error } = await attempt(() => stage.site.payer.decline(id));
      if (error !== undefined) return;
      await requireNotCharged(stage, { client, agreement: ref }, 'a charge after a refusal');
    },
  },
  {
    id: 'AGR-12',
    sentence: 'What was signed off is not charged any more, and that does not stay unknown',
    why: 'charging a customer who left is what card schemes take licences away for',
    level: 2,
    verbs: ['pay', 'query', 'signUp', 'querySignUp', 'signOff'],
    unless: chargesNothing,
    async run(stage) {
      const { client } = stage;
      const { ref } = await signedAgreement(stage);
      const ended = await attempt(() => signOff(client, ref));
      const { active } = await agreementTruth(stage, ref.merchantId);
      assert.equal(active, false, `setting the stage: signOff ${wordsOf(ended)}`);
      await requireNotCharged(stage, { client, agreement: ref }, 'a charge after the sign-off');
      const left = (await signedAgreement(stage)).ref;
      await stage.site.payer.decline(left.merchantId);
      const where = 'a charge after the payer signed off';
      await requireNotCharged(stage, { client, agreement: left }, where);
    },
  },
  {
    id: 'AGR-13',
    sentence: 'A charge nobody heard of is found by what was stored, also after the sign-off',
    why: 'the money was taken while the agreement stood: its end must not hide that',
    level: 2,
    verbs: ['pay', 'query', 'signUp', 'querySignUp', 'signOff'],
    unless: chargesNothing,
    async run(stage) {
      const { ref } = await signedAgreement(stage);
      const client = stage.connect();
      const request = chargeFor(stage, ref);
      client.spy.plan(interventions.dropReply);
      const lost = await attempt(() => pay(client, request));
      const where = 'a charge whose reply was lost';
      const { ref: payment } = requireStatus(lost, ['unknown'], where);
      await attempt(() => signOff(stage.connect(), ref));
      const { debits } = await truthOf(stage, request.merchantPaymentId);
      const found = await attempt(() => query(stage.connect(), payment));
      const told = found.result?.status === 'succeeded';
      const words = `${where}, after the sign-off: query says ${wordsOf(found)}`;
      assert.equal(told, debits === 1, `${words}, the book knows ${debits} debits`);
    },
  },
  {
    id: 'AGR-14',
    sentence: 'Another merchant’s agreement is not charged and not ended',
    why: 'a consent is given to one shop: every other one is a thief who guessed a number',
    level: 2,
    verbs: ['pay', 'query', 'signUp', 'querySignUp'],
    unless: chargesNothing,
    async run(stage) {
      const client = await neighbourOf(stage);
      const { id, ref } = await signedAgreement(stage);
      const request = chargeFor(stage, ref);
      const ending = await attempt(() => pay(client, request));
      const where = 'a charge of an agreement that another merchant has';
      const { signOff: signOffOf } = client.channel;
      if (signOffOf !== undefined) await attempt(() => signOffOf.call(client.channel, ref));
      const { active, charges } = await agreementTruth(stage, id);
      assert.deepEqual({ active, charges }, { active: true, charges: 0 }, `${where}: the books`);
      requireNo(ending, where);
    },
  },
  {
    id: 'AGR-15',
    sentence: 'Refunding a charge leaves the agreement as it stands',
    why: 'a customer who got one month back has not left',
    level: 2,
    verbs: ['pay', 'refund', 'signUp', 'querySignUp'],
    unless: chargesNothing,
    async run(stage) {
      const { id, ref } = await signedAgreement(stage);
      const { ref: payment } = await charge(stage, ref);
      const { amount } = payment;
      const merchantRefundId = stage.freshId();
      await refund(stage.client, { payment, merchantRefundId, amount });
      const { refunds } = await truthOf(stage, payment.merchantId);
      assert.equal(refunds, 1, 'setting the stage: the charge was refunded');
      const where = 'an agreement whose charge was refunded';
      const { active } = await agreementTruth(stage, id);
      assert.equal(active, true, `${where}: the books`);
      const found = await attempt(() => querySignUp(stage.client, ref));
      const { standing } = requireStatus(found, ['succeeded'], where) as { standing?: string };
      assert.equal(standing, 'active', `${where}: its standing`);
    },
  },
  {
    id: 'AGR-16',
    sentence: 'What was stored of a sign-up is enough to find the agreement, its reply lost or not',
    why: 'a payer who signed while nobody listened is asked to sign again, and charged by both',
    level: 2,
    verbs: ['signUp', 'querySignUp'],
    async run(stage) {
      for (const scene of signUpScenes(stage.client)) await requireFoundAgain(stage, scene);
    },
  },
];
