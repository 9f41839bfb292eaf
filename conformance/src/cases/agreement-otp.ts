/** conformance · agreement, by code: laws of a consent that a code sent to the payer's phone stands for. */
import assert from 'node:assert/strict';
import { type Agreement, type Card, type Ref, secret } from '@polyrail/core';
import {
  type Attempt,
  attempt,
  pay,
  requireNo,
  requireStatus,
  truthOf,
  verbOf,
  wordsOf,
} from '../acts.ts';
import {
  agreementTruth,
  chargeFor,
  chargesNothing,
  openSignUp,
  querySignUp,
  type Signed,
} from '../agreements.ts';
import { type Law, notApplicable } from '../law.ts';
import type { Stage } from '../stage.ts';

/** The code as the payer reads it; not applicable where the site does not tell. */
export async function codeFor(stage: Stage, id: string): Promise<string> {
  const { subject, site } = stage;
  const code = await subject.samples?.otp?.(site, id);
  return code ?? notApplicable('the subject names no code that was sent');
}

/** Passes a code on, with the card again: channels that do not want it may ignore it. */
export function confirmWith(stage: Stage, { ref, request }: Signed, code: string) {
  const confirm = verbOf(stage.client.channel, 'confirmSignUp');
  const { card } = request as unknown as { readonly card?: Card };
  const withCard = card === undefined ? {} : { card };
  return attempt(() => confirm({ agreement: ref, otp: secret(code), ...withCard }));
}

/** A code that was not sent: the two that are never right where any other passes. */
const wrongCode = (code: string): string => (code === '123456' ? '654321' : '123456');

const standingOf = ({ result }: Attempt<Agreement>): string | undefined =>
  (result as { standing?: string } | undefined)?.standing;

/** Nobody may say that it stands, and nothing is taken by it. */
async function requireNotStanding(
  stage: Stage,
  { id, ref }: Pick<Signed, 'id' | 'ref'>,
  where: string,
): Promise<void> {
  const { active } = await agreementTruth(stage, id);
  assert.equal(active, false, `${where}: the books say active`);
  const asked = await attempt(() => querySignUp(stage.connect(), ref));
  assert.notEqual(standingOf(asked), 'active', `${where}: querySignUp says active`);
  if (chargesNothing(stage.client.channel) !== undefined) return;
  const request = chargeFor(stage, ref);
  const ending = await attempt(() => pay(stage.client, request));
  const { debits } = await truthOf(stage, request.merchantPaymentId);
  assert.equal(debits, 0, `${where}: ${wordsOf(ending)}, and the payer was charged`);
  requireNo(ending, `${where}, charged`);
}

async function requireCodeDecides(stage: Stage): Promise<void> {
  const scenes = stage.client.channel.capabilities.scenes?.signUp ?? [];
  if (!scenes.includes('otp')) notApplicable('no code is sent to a payer of this channel');
  const open = await openSignUp(stage, 'otp');
  requireStatus({ result: open.started }, ['pending'], 'signUp (otp)');
  await requireNotStanding(stage, open, 'a code was sent');
  const code = await codeFor(stage, open.id);
  const wrong = await confirmWith(stage, open, wrongCode(code));
  assert.notEqual(standingOf(wrong), 'active', `a wrong code: ${wordsOf(wrong)}, active`);
  await requireNotStanding(stage, open, `a wrong code (${wordsOf(wrong)})`);
  const ending = await confirmWith(stage, open, code);
  requireStatus(ending, ['succeeded', 'pending'], 'the right code');
  await stage.settled();
  const ref = (ending.result?.ref ?? open.ref) as Ref<'agreement'>;
  const found = await attempt(() => querySignUp(stage.connect(), ref));
  requireStatus(found, ['succeeded'], 'querySignUp after the right code');
  assert.equal(standingOf(found), 'active', 'querySignUp after the right code: its standing');
  const { active, signed } = await agreementTruth(stage, open.id);
  assert.deepEqual({ active, signed }, { active: true, signed: 1 }, 'the right code: the books');
}

export const agreementOtpLaws: readonly Law[] = [
  {
    id: 'AGR-17',
    sentence:
      'Without the code that was sent an agreement never stands; with it the channel decides',
    why: 'whoever knows a card number could otherwise have it charged',
    level: 2,
    verbs: ['signUp', 'confirmSignUp', 'querySignUp'],
    run: requireCodeDecides,
  },
];
