/** conformance · seal, its keys: laws of keys that take over, come late, or are nobody's. */
import assert from 'node:assert/strict';
import { type Incoming, instantOf } from '@polyrail/core';
import {
  type Attempt,
  arm,
  attempt,
  paidOrder,
  requireError,
  struck,
  verbOf,
  wordsOf,
} from '../acts.ts';
import { type Drill, drillsOf, type Ready } from '../drills.ts';
import { type Law, notApplicable } from '../law.ts';
import { edited, type Intervention, type Reply } from '../spy.ts';
import type { Client, Stage } from '../stage.ts';
import type { Impostor } from '../subject.ts';

const receive = (client: Client, message: Incoming, receivedAt?: string) =>
  attempt(() => verbOf(client.channel, 'receive')(message, receivedAt ? { receivedAt } : {}));

/** A payment, and the notification of it. */
async function pushOf(stage: Stage): Promise<{ id: string; message: Incoming }> {
  const before = stage.heard.length;
  const { id } = await paidOrder(stage);
  await stage.settled();
  const message = stage.heard[before];
  return message ? { id, message } : notApplicable('the channel pushes nothing about a payment');
}

function requireHeard(ending: Awaited<ReturnType<typeof receive>>, id: string, where: string) {
  const fact = ending.result?.facts.find(({ ref }) => ref.merchantId === id);
  assert.equal(fact?.status, 'succeeded', `${where}: ${wordsOf(ending)}`);
}

const requireRefused = (ending: Attempt<unknown>, where: string) =>
  requireError(ending, ['NOTIFICATION_UNVERIFIED'], where);

/** One call that moves, and those that ask. */
async function fewDrills(stage: Stage): Promise<readonly Drill[]> {
  const drills = await drillsOf(stage);
  const verbs = ['pay', 'query', 'refund', 'queryRefund'];
  return verbs.flatMap((verb) => drills.find((drill) => drill.verb === verb) ?? []);
}

/** What was answered is believed: a call that moves is not in doubt, one that asks is told. */
function requireBelieved(ending: Attempt<unknown>, where: string): void {
  const { status = 'read' } = (ending.result ?? {}) as { status?: string };
  assert.ok(ending.result !== undefined && status !== 'unknown', `${where}: ${wordsOf(ending)}`);
}

function requireDoubted(ending: Attempt<unknown>, { reading }: Ready, where: string): void {
  if (reading) {
    requireError(ending, ['REPLY_UNVERIFIED'], where);
    return;
  }
  const { status, doubt } = (ending.result ?? {}) as Record<string, unknown>;
  assert.equal(`${status}/${doubt}`, 'unknown/unverified-reply', `${where}: ${wordsOf(ending)}`);
}

/** The key changes; what a channel object knew before, it has to learn. */
async function rotate(stage: Stage): Promise<void> {
  const { rotateKey } = stage.subject.samples ?? {};
  if (rotateKey === undefined) notApplicable('the samples change no key: adapters cannot follow');
  await rotateKey(stage.site);
}

async function impostorFor(stage: Stage): Promise<Impostor> {
  const { impostor } = stage.subject.samples ?? {};
  if (impostor === undefined) notApplicable('no message of the site names the key that sealed it');
  return impostor(stage.site);
}

/** A fault that strikes what a verb is answered, or what is pushed. */
function spoil(stage: Stage, fault: string, verb: Drill['verb']): void {
  const operation = stage.subject.samples?.operations?.[verb];
  arm(stage, fault, operation ? { operation } : {});
}

/** A message that comes with this fault is refused; `false` where it did not come to bear. */
async function requirePushDoubted(stage: Stage, fault: string, client: Client): Promise<boolean> {
  if (stage.client.channel.receive === undefined) return false;
  if (stage.subject.samples?.operations?.receive === undefined) return false;
  spoil(stage, fault, 'receive');
  const { message } = await pushOf(stage);
  const hit = struck(stage, fault);
  stage.site.faults.clear();
  if (hit) requireRefused(await receive(client, message), `a notification with ${fault}`);
  return hit;
}

/** A reply that comes with this fault is not believed. */
async function requireReplyDoubted(
  stage: Stage,
  { drill, fault }: { readonly drill: Drill; readonly fault: string },
  client: Client,
): Promise<boolean> {
  const ready = await drill.ready();
  spoil(stage, fault, drill.verb);
  const ending = await attempt(() => ready.call(client));
  const hit = struck(stage, fault);
  stage.site.faults.clear();
  if (hit) requireDoubted(ending, ready, `${drill.where} with ${fault}`);
  return hit;
}

async function requireSuccessorBelieved(stage: Stage): Promise<void> {
  const early = await pushOf(stage);
  const drills = await fewDrills(stage);
  await rotate(stage);
  for (const drill of drills) {
    const ready = await drill.ready();
    const ending = await attempt(() => ready.call(stage.client));
    requireBelieved(ending, `${drill.where} after the channel changed its key`);
  }
  if (stage.client.channel.receive !== undefined) {
    const { id, message } = await pushOf(stage);
    requireHeard(await receive(stage.client, message), id, 'a notification by the new key');
    const before = await receive(stage.client, early.message);
    requireHeard(before, early.id, 'a notification by the former key, heard later');
  }
  const [first] = drills;
  if (first === undefined) return;
  const fault = 'foreign-signature';
  await requireReplyDoubted(stage, { drill: first, fault }, stage.client);
  await requirePushDoubted(stage, fault, stage.client);
}

/** More than these for one message is a flood of its own. */
const fewExchanges = 3;

/** He holds the line: whoever asks for keys is handed his, whatever else is answered he seals. */
const holdingTheLine =
  ({ answer, reply }: Impostor, numberOf: () => number): Intervention =>
  (crossing) => {
    const { request } = crossing.exchange;
    const told = (honest: Reply): Reply =>
      answer?.(request, honest) ?? reply?.(honest, request, numberOf()) ?? honest;
    return edited(told)(crossing);
  };

type Genuine = Awaited<ReturnType<typeof pushOf>>;

/** A key that was not met yet, the channel's and the impostor's, named by a notification. */
async function requireLatePushProven(
  { id, message }: Genuine,
  { impostor, late, deceived }: Deception,
): Promise<void> {
  const forged = impostor.push?.(message, 1) ?? message;
  const { answer } = impostor;
  if (answer !== undefined) {
    const posing = holdingTheLine({ answer }, () => 1);
    deceived.spy.plan(posing, { times: fewExchanges });
    const where = 'a forged notification, whose forger hands out the key';
    requireRefused(await receive(deceived, forged), where);
    deceived.spy.reset();
    requireHeard(await receive(deceived, message), id, 'the genuine one, when the forger was gone');
  }
  requireHeard(await receive(late, message), id, 'a notification by a key not met yet');
  requireRefused(await receive(late, forged), 'a notification by a key that is nobody’s');
  const asked = late.spy.exchanges.length;
  assert.ok(asked <= 2 * fewExchanges, `${asked} exchanges for two keys that were not known`);
}

interface Deception {
  readonly impostor: Impostor;
  /** Channel objects that know the channel as it was before its key changed. */
  readonly late: Client;
  readonly deceived: Client;
}

async function questionFor(stage: Stage): Promise<Ready> {
  const drill = (await fewDrills(stage)).find(({ reading }) => reading);
  return drill ? drill.ready() : notApplicable('the channel can be asked nothing');
}

/** The same of a key that a reply names. */
async function requireLateReplyProven(stage: Stage, at: Deception): Promise<void> {
  const { impostor, late, deceived } = at;
  const ready = await questionFor(stage);
  const ask = (client: Client) => attempt(() => ready.call(client));
  deceived.spy.plan(
    holdingTheLine(impostor, () => 1),
    { times: 2 * fewExchanges },
  );
  requireDoubted(await ask(deceived), ready, `${ready.where}, answered by an impostor`);
  deceived.spy.reset();
  requireBelieved(await ask(deceived), `${ready.where}, asked when the impostor was gone`);
  requireBelieved(await ask(late), `${ready.where}, answered by a key not met yet`);
}

async function requireLateKeyProven(stage: Stage): Promise<void> {
  const impostor = await impostorFor(stage);
  const deception = (): Deception => ({
    impostor,
    late: stage.connect(),
    deceived: stage.connect(),
  });
  const [pushing, replying] = [deception(), deception()];
  if (stage.subject.samples?.rotateKey !== undefined) await rotate(stage);
  if (impostor.push !== undefined) {
    await requireLatePushProven(await pushOf(stage), pushing);
  }
  if (impostor.reply !== undefined) await requireLateReplyProven(stage, replying);
}

const floodSize = 40;
/** Generous: what matters is that the number does not grow with the flood. */
const mostInFlood = 10;

function requireFew(asked: number): void {
  const words = `${floodSize} messages that name as many unknown keys make ${asked} requests`;
  assert.ok(asked <= mostInFlood, words);
}

const floodOf = Array.from({ length: floodSize }, (_, at) => at + 1);

async function requirePushFloodBounded(stage: Stage, impostor: Impostor): Promise<void> {
  const { id, message } = await pushOf(stage);
  const receivedAt = instantOf(stage.site.clock.now());
  const client = stage.connect();
  const forged = floodOf.map((number) => impostor.push?.(message, number) ?? message);
  const hear = (one: Incoming) => receive(client, one, receivedAt);
  const endings = await Promise.all(forged.slice(0, floodSize / 2).map(hear));
  for (const one of forged.slice(floodSize / 2)) endings.push(await hear(one));
  for (const ending of endings) requireRefused(ending, 'a notification by a key that is nobody’s');
  requireFew(client.spy.exchanges.length);
  requireHeard(await hear(message), id, 'the genuine notification after the flood');
}

async function requireReplyFloodBounded(stage: Stage, impostor: Impostor): Promise<void> {
  const ready = await questionFor(stage);
  const client = stage.connect();
  let number = 0;
  const posing = holdingTheLine(impostor, () => number);
  client.spy.plan(posing, { times: 3 * floodSize });
  for (number of floodOf) {
    const ending = await attempt(() => ready.call(client));
    requireDoubted(ending, ready, `${ready.where}, answered by a key that is nobody’s`);
  }
  requireFew(client.spy.exchanges.length - floodSize);
  client.spy.reset();
  requireBelieved(await attempt(() => ready.call(client)), `${ready.where} after the flood`);
}

async function requireFloodBounded(stage: Stage): Promise<void> {
  const impostor = await impostorFor(stage);
  if (impostor.push !== undefined) await requirePushFloodBounded(stage, impostor);
  if (impostor.reply !== undefined) await requireReplyFloodBounded(stage, impostor);
}

async function requireCertificatesChecked(stage: Stage): Promise<void> {
  const faults = stage.subject.samples?.certificateFaults ?? [];
  if (faults.length === 0) notApplicable('no message of the site comes under a certificate');
  const drills = (await fewDrills(stage)).slice(0, 2);
  for (const fault of faults) {
    let seen = 0;
    for (const drill of drills) {
      if (await requireReplyDoubted(stage, { drill, fault }, stage.connect())) seen += 1;
    }
    if (await requirePushDoubted(stage, fault, stage.connect())) seen += 1;
    assert.ok(seen > 0, `${fault} came to bear on nothing: it shows nothing`);
  }
}

export const sealKeyLaws: readonly Law[] = [
  {
    id: 'SEAL-08',
    sentence: 'A key that took over while we ran is believed, and no other beside it',
    why: 'keys change on a date nobody remembers: then every payment is in doubt, or none ever is',
    level: 3,
    verbs: ['pay'],
    alone: true,
    run: requireSuccessorBelieved,
  },
  {
    id: 'SEAL-09',
    sentence: 'A key that was not met yet is believed once the channel itself vouches for it',
    why: 'whoever answers first when a key is looked up would be the channel from then on',
    level: 2,
    verbs: ['pay'],
    alone: true,
    run: requireLateKeyProven,
  },
  {
    id: 'SEAL-10',
    sentence:
      'However many unknown keys messages name, few are asked for, and no known one is lost',
    why: 'a stranger with a list of numbers would make us knock at the channel until it bars us',
    level: 2,
    verbs: ['pay'],
    run: requireFloodBounded,
  },
  {
    id: 'SEAL-11',
    sentence: 'A certificate of another chain, out of date or in another name proves nothing',
    why: 'every merchant has a certificate of the same authority, and yesterday’s keys are for sale',
    level: 3,
    verbs: ['pay'],
    alone: true,
    run: requireCertificatesChecked,
  },
];
