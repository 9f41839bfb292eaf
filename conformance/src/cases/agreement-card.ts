/** conformance · agreement, by card: laws of a consent that the factors of a card alone stand for. */
import assert from 'node:assert/strict';
import { type Agreement, instantOf, type Ref } from '@polyrail/core';
import { type Attempt, attempt, pay, requireNo, requireStatus, truthOf, wordsOf } from '../acts.ts';
import {
  agreementTruth,
  chargeFor,
  chargesNothing,
  querySignUp,
  signUp,
  signUpFor,
} from '../agreements.ts';
import { type Law, notApplicable } from '../law.ts';
import type { Stage } from '../stage.ts';

const standingOf = ({ result }: Attempt<Agreement>): string | undefined =>
  (result as { standing?: string } | undefined)?.standing;

/** Somebody else's factors: nothing stands by them, whoever is asked, and nothing is taken. */
async function requireStrangerTurnedDown(stage: Stage): Promise<void> {
  const { site, subject, client } = stage;
  const request = signUpFor(stage, 'card');
  const id = request.merchantAgreementId;
  const strangers = subject.samples?.strangersCard?.(site, id);
  if (strangers === undefined) return;
  const ending = await attempt(() => signUp(client, { ...request, ...strangers }));
  const where = `signUp (card) with a stranger's factors: ${wordsOf(ending)}`;
  requireNo(ending, where);
  const { active } = await agreementTruth(stage, id);
  assert.equal(active, false, `${where}: the books say active`);
  const startedAt = instantOf(site.clock.now());
  const made: Ref<'agreement'> = { noun: 'agreement', merchantId: id, startedAt };
  const ref = ending.result?.ref ?? made;
  const asked = await attempt(() => querySignUp(stage.connect(), ref));
  assert.notEqual(standingOf(asked), 'active', `${where}: querySignUp says active`);
  if (chargesNothing(client.channel) !== undefined) return;
  const charge = chargeFor(stage, ref);
  const charged = await attempt(() => pay(client, charge));
  const { debits } = await truthOf(stage, charge.merchantPaymentId);
  assert.equal(debits, 0, `${where}: ${wordsOf(charged)}, and the payer was charged`);
  requireNo(charged, `${where}, charged`);
}

/** The payer's own factors: what is said stands at once, here and at the channel. */
async function requireOwnerBound(stage: Stage): Promise<void> {
  const request = signUpFor(stage, 'card');
  const where = "signUp (card) with the card's own factors";
  const ending = await attempt(() => signUp(stage.client, request));
  const { ref } = requireStatus(ending, ['succeeded'], where);
  assert.equal(standingOf(ending), 'active', `${where}: its standing`);
  const { active, signed } = await agreementTruth(stage, request.merchantAgreementId);
  assert.deepEqual({ active, signed }, { active: true, signed: 1 }, `${where}: the books`);
  const found = await attempt(() => querySignUp(stage.connect(), ref));
  requireStatus(found, ['succeeded'], `${where}, then querySignUp`);
  assert.equal(standingOf(found), 'active', `${where}, then querySignUp: its standing`);
}

export const agreementCardLaws: readonly Law[] = [
  {
    id: 'AGR-18',
    sentence: 'By the factors of a card an agreement stands at once, and by wrong ones never',
    why: 'nobody is asked again: whoever knows a number could have it charged for ever',
    level: 2,
    verbs: ['signUp', 'querySignUp'],
    async run(stage) {
      const scenes = stage.client.channel.capabilities.scenes?.signUp ?? [];
      if (!scenes.includes('card')) notApplicable('no agreement stands by a card alone here');
      await requireStrangerTurnedDown(stage);
      await requireOwnerBound(stage);
    },
  },
];
