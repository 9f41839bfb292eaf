/** conformance · agreement: laws of the payer's consent - given, kept to, and taken back. */
import assert from 'node:assert/strict';
import type { Agreement, Ref, SignUpScene } from '@polyrail/core';
import { type Attempt, approve, attempt, follow, requireStatus, wordsOf } from '../acts.ts';
import {
  agreementTruth,
  openSignUp,
  openSignUpScenes,
  querySignUp,
  signedAgreement,
  signOff,
  signUp,
  signUpScenes,
} from '../agreements.ts';
import { verbTarget } from '../aim.ts';
import { requireUnknown } from '../calls.ts';
import { type Law, notApplicable } from '../law.ts';
import { pushedAbout, requireSameTelling } from '../pushes.ts';
import { type Intervention, interventions } from '../spy.ts';
import type { Client, Stage } from '../stage.ts';
import { agreementCardLaws } from './agreement-card.ts';
import { agreementChargeLaws } from './agreement-charge.ts';
import { agreementOtpLaws } from './agreement-otp.ts';

const asked = (client: Client, ref: Ref<'agreement'>): Promise<Attempt<Agreement>> =>
  attempt(() => querySignUp(client, ref));

const standingOf = ({ result }: Attempt<Agreement>): string | undefined =>
  (result as { standing?: string } | undefined)?.standing;

const toldOf = (ending: Attempt<Agreement>): string =>
  [wordsOf(ending), standingOf(ending)].filter((word) => word !== undefined).join('/');

function requireActive(ending: Attempt<Agreement>, where: string): void {
  requireStatus(ending, ['succeeded'], where);
  assert.equal(standingOf(ending), 'active', `${where}: its standing`);
}

/** Not to be charged any more, in whichever words: ended, failed, or not known any more. */
export function requireOver(ending: Attempt<Agreement>, where: string): void {
  const told = toldOf(ending);
  const over = told === 'succeeded/ended' || /^(failed|unknown\/not-found)/.test(told);
  assert.ok(over, `${where}: ${told}`);
}

/** Until the payer has consented nobody may say so; afterwards the query does. */
async function requireConsent(stage: Stage, scene: SignUpScene): Promise<void> {
  const where = `signUp (${scene})`;
  const { id, started, ref } = await openSignUp(stage, scene);
  requireStatus({ result: started }, ['pending'], where);
  for (const moment of ['before the payer looked', 'before the payer decided']) {
    const words = toldOf(await asked(stage.client, ref));
    const open = words === 'pending' || words === 'unknown/not-found';
    assert.ok(open, `${where}, asked ${moment}: ${words}`);
    await follow(stage, started);
  }
  const before = await agreementTruth(stage, id);
  assert.equal(before.active, false, `${where}: active before the payer consented`);
  await stage.site.payer.approve(id);
  await stage.settled();
  requireActive(await asked(stage.connect(), ref), `${where}, once the payer consented`);
  const { active, signed } = await agreementTruth(stage, id);
  assert.deepEqual({ active, signed }, { active: true, signed: 1 }, `${where}: the books`);
}

async function requireRefused(stage: Stage, scene: SignUpScene): Promise<boolean> {
  const { id, started, ref } = await openSignUp(stage, scene);
  await follow(stage, started);
  const { error } = await attempt(() => stage.site.payer.decline(id));
  if (error !== undefined) return false;
  const ending = await asked(stage.client, ref);
  const words = wordsOf(ending);
  const where = `querySignUp (${scene}) after the payer refused: ${toldOf(ending)}`;
  assert.ok(words.startsWith('failed') || words === 'unknown/not-found', where);
  const { active } = await agreementTruth(stage, id);
  assert.equal(active, false, `${where}, and the books say active`);
  return true;
}

/** Asked for twice, before the consent and after it. */
async function requireOneAgreement(stage: Stage, scene: SignUpScene): Promise<void> {
  const { id, request, started, ref } = await openSignUp(stage, scene);
  const early = await attempt(() => signUp(stage.connect(), request, { repeat: true }));
  await approve(stage, started);
  const late = await attempt(() => signUp(stage.connect(), request, { repeat: true }));
  if (late.result) await attempt(() => approve(stage, late.result));
  const where = `signUp (${scene}), three times under one id`;
  for (const ending of [early, late]) {
    const words = wordsOf(ending);
    assert.ok(!words.startsWith('failed'), `${where}: signed once, and told ${words}`);
  }
  const { active, signed } = await agreementTruth(stage, id);
  assert.deepEqual({ active, signed }, { active: true, signed: 1 }, `${where}: the books`);
  requireActive(await asked(stage.client, ref), where);
}

/** Signed off with a lost request or a lost reply: in doubt, and the query tells which it was. */
async function requireSignOffTold(
  stage: Stage,
  { what, intervention }: { what: string; intervention: Intervention },
): Promise<void> {
  const at = await verbTarget(stage, 'signOff');
  const { agreement: id = '' } = at.ready.about;
  const ref = at.ready.request as Ref<'agreement'>;
  at.spoil(intervention);
  const where = `signOff, ${what}`;
  requireUnknown(await attempt(() => at.ready.call(at.client)), where);
  const { active } = await agreementTruth(stage, id);
  const ending = await asked(stage.connect(), ref);
  const told = `${where}: the books say ${active ? 'active' : 'ended'}, querySignUp`;
  if (active) requireActive(ending, told);
  else requireOver(ending, told);
  await attempt(() => signOff(stage.connect(), ref));
  const after = await agreementTruth(stage, id);
  assert.equal(after.active, false, `${where}, and then repeated: it is active still`);
}

export const agreementLaws: readonly Law[] = [
  {
    id: 'AGR-01',
    sentence: 'An agreement is active once the payer has consented, and not a moment earlier',
    why: 'to charge without consent is to take money out of a stranger’s pocket',
    level: 2,
    verbs: ['signUp', 'querySignUp'],
    async run(stage) {
      const scenes = openSignUpScenes(stage.client);
      for (const scene of scenes) await requireConsent(stage, scene);
      if (scenes.length === 0) notApplicable('no payer consents here after the call');
    },
  },
  {
    id: 'AGR-02',
    sentence: 'A sign-up the payer refused has failed or is not found, and is never active',
    why: 'who said no and is charged all the same will not stop at a complaint',
    level: 2,
    verbs: ['signUp', 'querySignUp'],
    async run(stage) {
      let seen = 0;
      for (const scene of openSignUpScenes(stage.client)) {
        if (await requireRefused(stage, scene)) seen += 1;
      }
      if (seen === 0) notApplicable('no payer of the site can refuse to sign');
    },
  },
  {
    id: 'AGR-03',
    sentence: 'The same agreement id twice is one agreement',
    why: 'a second agreement that nobody stored is one that nobody can end',
    level: 2,
    verbs: ['signUp', 'querySignUp'],
    async run(stage) {
      for (const scene of signUpScenes(stage.client)) await requireOneAgreement(stage, scene);
    },
  },
  {
    id: 'AGR-04',
    sentence: 'Signing off ends an agreement for good, and querySignUp says so',
    why: 'a payer who left and is found active at the next billing run is charged once more',
    level: 2,
    verbs: ['signUp', 'querySignUp', 'signOff'],
    async run(stage) {
      for (const scene of signUpScenes(stage.client)) {
        const { id, ref } = await signedAgreement(stage, scene);
        const where = `signOff of an agreement (${scene})`;
        const ending = await attempt(() => signOff(stage.client, ref));
        requireStatus(ending, ['succeeded'], where);
        assert.equal(standingOf(ending), 'ended', `${where}: its standing`);
        const { active } = await agreementTruth(stage, id);
        assert.equal(active, false, `${where}: the books say active`);
        requireOver(await asked(stage.connect(), ref), `querySignUp after ${where}`);
      }
    },
  },
  {
    id: 'AGR-05',
    sentence: 'Signing off twice, or what the payer ended already, changes nothing',
    why: 'both sides may end it in the same minute: neither must bring it back',
    level: 2,
    verbs: ['signUp', 'querySignUp', 'signOff'],
    async run(stage) {
      const enders = {
        'signed off': (ref: Ref<'agreement'>) => signOff(stage.client, ref),
        'ended by the payer': ({ merchantId }: Ref<'agreement'>) =>
          stage.site.payer.decline(merchantId),
      };
      for (const [what, ender] of Object.entries(enders)) {
        const { id, ref } = await signedAgreement(stage);
        await ender(ref);
        const ending = await attempt(() => signOff(stage.connect(), ref));
        const where = `signOff of what is ${what}: ${toldOf(ending)}`;
        const told = /^(succeeded\/ended|failed|unknown|throws REFUSED)/.test(toldOf(ending));
        assert.ok(told, where);
        const { active } = await agreementTruth(stage, id);
        assert.equal(active, false, `${where}: the books say active`);
        requireOver(await asked(stage.client, ref), `${where}, then querySignUp`);
      }
    },
  },
  {
    id: 'AGR-06',
    sentence: 'A sign-off whose request or reply was lost is unknown, and the query tells',
    why: 'the payer reads ended on the screen and is charged next month, or the other way round',
    level: 2,
    verbs: ['signUp', 'querySignUp', 'signOff'],
    async run(stage) {
      const { dropReply, dropRequest } = interventions;
      await requireSignOffTold(stage, { what: 'reply lost', intervention: dropReply });
      await requireSignOffTold(stage, { what: 'request lost', intervention: dropRequest });
    },
  },
  {
    id: 'AGR-07',
    sentence: 'The consent of the payer is pushed as it is queried',
    why: 'two truths about one agreement: one system charges, the other has never heard of it',
    level: 2,
    verbs: ['signUp', 'querySignUp', 'receive'],
    async run(stage) {
      const { id, started, ref } = await openSignUp(stage);
      const about = { noun: 'agreement', id } as const;
      const fact = await pushedAbout(stage, about, () => approve(stage, started));
      if (fact === undefined) notApplicable('nothing is pushed about agreements');
      requireActive({ result: fact as Agreement }, 'the push about a consent');
      requireSameTelling(fact, await querySignUp(stage.client, ref), 'a consent');
    },
  },
  {
    id: 'AGR-08',
    sentence: 'An agreement that the payer ended in the wallet is told as ended',
    why: 'nobody asks the merchant first: who does not hear of it goes on charging',
    level: 2,
    verbs: ['signUp', 'querySignUp'],
    async run(stage) {
      const { id, ref } = await signedAgreement(stage);
      const decline = () => stage.site.payer.decline(id);
      const fact = await pushedAbout(stage, { noun: 'agreement', id }, decline);
      const { active } = await agreementTruth(stage, id);
      if (active) notApplicable('no payer of the site can sign off');
      const ending = await asked(stage.client, ref);
      requireOver(ending, 'querySignUp after the payer signed off');
      if (fact !== undefined) {
        requireOver({ result: fact as Agreement }, 'the push about a sign-off of the payer');
      }
    },
  },
  ...agreementChargeLaws,
  ...agreementOtpLaws,
  ...agreementCardLaws,
];
