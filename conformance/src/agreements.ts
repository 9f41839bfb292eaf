/** conformance · agreements: what laws do with them - sign up, have the payer consent, charge. */
import assert from 'node:assert/strict';
import {
  type Agreement,
  type Channel,
  instantOf,
  type Options,
  type Payment,
  type Ref,
  type SignUpScene,
} from '@polyrail/core';
import { approve, attempt, orderFor, pay, verbOf } from './acts.ts';
import { notApplicable } from './law.ts';
import { type Client, notifyUrl, type Stage } from './stage.ts';
import type { AgreementTruth } from './subject.ts';

/** A request of `signUp`, loosely. */
export interface SignUpFor {
  readonly scene: SignUpScene;
  readonly merchantAgreementId: string;
  readonly [member: string]: unknown;
}

/** The scenes in which a payer can consent here. A code sent to a phone is no matter of the suite. */
export const signUpScenes = ({ channel }: Client): readonly SignUpScene[] =>
  (channel.capabilities.scenes?.signUp ?? []).filter((scene) => scene !== 'otp');

/** Of these, where the payer decides after the call: a card's factors have decided with it. */
export const openSignUpScenes = (client: Client): readonly SignUpScene[] =>
  signUpScenes(client).filter((scene) => scene !== 'card');

/** The reference of an agreement that nobody has ever asked for. */
export const nobodys = (stage: Stage): Ref<'agreement'> => ({
  noun: 'agreement',
  merchantId: stage.freshId(),
  startedAt: instantOf(stage.site.clock.now()),
});

/** A complete request of `signUp`, as the subject's samples fill it in. */
export function signUpFor(stage: Stage, scene: SignUpScene, id = stage.freshId()): SignUpFor {
  const { site, subject } = stage;
  return {
    scene,
    merchantAgreementId: id,
    startedAt: instantOf(site.clock.now()),
    notifyUrl,
    ...subject.samples?.signUp?.[scene]?.(site, id),
  };
}

export const signUp = (client: Client, request: unknown, options?: Options): Promise<Agreement> =>
  verbOf(client.channel, 'signUp')(request as never, options);

export const querySignUp = (client: Client, ref: Ref<'agreement'>): Promise<Agreement> =>
  verbOf(client.channel, 'querySignUp')(ref);

export const signOff = (client: Client, ref: Ref<'agreement'>): Promise<Agreement> =>
  verbOf(client.channel, 'signOff')(ref);

/** The channel's books about one agreement; not applicable where the site does not tell. */
export async function agreementTruth(stage: Stage, id: string): Promise<AgreementTruth> {
  const { site } = stage;
  if (site.agreement === undefined) return notApplicable('the site tells nothing of agreements');
  const truth = await site.agreement(id);
  return truth ?? { state: 'never heard of', active: false, signed: 0, charges: 0 };
}

export interface Signed {
  readonly id: string;
  readonly request: SignUpFor;
  /** As `signUp` returned it. */
  readonly started: Agreement;
  /** With the channel's own id, where a query tells it. */
  readonly ref: Ref<'agreement'>;
}

/** A sign-up that the payer has seen and not decided, where there is anything left to decide. */
export async function openSignUp(
  stage: Stage,
  scene = signUpScenes(stage.client)[0],
): Promise<Signed> {
  if (scene === undefined) return notApplicable('no payer of the site can consent');
  const request = signUpFor(stage, scene);
  const started = await signUp(stage.client, request);
  return { id: request.merchantAgreementId, request, started, ref: started.ref };
}

/** An agreement the payer consented to, known to the books. */
export async function signedAgreement(stage: Stage, scene?: SignUpScene): Promise<Signed> {
  const open = await openSignUp(stage, scene);
  await approve(stage, open.started);
  const { active } = await agreementTruth(stage, open.id);
  assert.ok(active, `setting the stage: the payer consented to ${open.id}`);
  const found = await attempt(() => querySignUp(stage.client, open.ref));
  return { ...open, ref: found.result?.ref ?? open.ref };
}

/** A request of `pay` that charges an agreement. */
export const chargeFor = (stage: Stage, agreement: Ref<'agreement'>, id = stage.freshId()) =>
  orderFor(stage, { scene: 'agreement', id, members: { agreement } });

export const charge = (stage: Stage, agreement: Ref<'agreement'>): Promise<Payment> =>
  pay(stage.client, chargeFor(stage, agreement));

/** Why a law about charging says nothing about a channel. */
export const chargesNothing = ({ capabilities }: Channel): string | undefined =>
  capabilities.scenes?.pay?.includes('agreement') ? undefined : 'its pay charges no agreement';
