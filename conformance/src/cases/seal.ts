/** conformance · seal: laws about trust in messages - what is signed is believed, nothing else. */
import assert from 'node:assert/strict';
import type { Channel, Notification } from '@polyrail/core';
import {
  type Attempt,
  arm,
  attempt,
  orderFor,
  pay,
  requireError,
  struck,
  wordsOf,
} from '../acts.ts';
import { type Drill, drillsOf, shareOf } from '../drills.ts';
import { type Forgery, flips, garbage, omissions, weakened } from '../forgeries.ts';
import type { Dice } from '../instruments.ts';
import { type Law, notApplicable } from '../law.ts';
import type { Reply, Spy } from '../spy.ts';
import type { Stage } from '../stage.ts';
import { believed, record, replay, sayings, type Tape } from '../tape.ts';
import { sealKeyLaws } from './seal-keys.ts';
import { sealTlsLaws } from './seal-tls.ts';

const unsealed = ({ capabilities }: Channel): string | undefined =>
  capabilities.sealing === 'transport' ? 'the protocol signs no reply' : undefined;

interface Recorded {
  readonly drill: Drill;
  readonly tape: Tape;
}

/**
 * Whether the channel signed what it answered. A verb that the capabilities call unsigned may have
 * signed answers all the same - grants, mostly: the evidence of this one says it.
 */
function isSigned(stage: Stage, { drill, tape }: Recorded): boolean {
  const { unsigned = [] } = stage.client.channel.capabilities;
  const { evidence } = (tape.honest.result ?? {}) as Record<string, unknown>;
  return evidence === undefined ? !unsigned.includes(drill.verb) : evidence === 'signed';
}

/** Every drill with its tape, where the answer is signed. A statement's file has its own laws. */
async function signedDrills(stage: Stage): Promise<readonly Recorded[]> {
  const recorded: Recorded[] = [];
  for (const drill of await drillsOf(stage)) {
    if (drill.verb === 'statement') continue;
    const one = { drill, tape: await record(stage, drill) };
    if (isSigned(stage, one)) recorded.push(one);
  }
  return recorded.length > 0 ? recorded : notApplicable('no verb of the suite has a signed reply');
}

/** Records every drill. What a tape says again by itself must be the same, or nothing is seen. */
async function tapesOf(stage: Stage): Promise<readonly Tape[]> {
  const tapes: Tape[] = [];
  for (const { drill, tape } of await signedDrills(stage)) {
    const again = await replay(stage, tape);
    const where = `${drill.where}, played again with the same randomness at the same time`;
    assert.equal(sayings(again), sayings(tape.honest), where);
    if (tape.replies.length > 0) tapes.push(tape);
  }
  return tapes;
}

/** Nothing of these is believed, at whichever reply of the call it stands. */
async function requireForgeriesDoubted(
  stage: Stage,
  forge: (reply: Reply, dice: Dice) => readonly Forgery[],
): Promise<void> {
  for (const [index, tape] of (await tapesOf(stage)).entries()) {
    for (const [at, honest] of tape.replies.entries()) {
      for (const { what, reply } of shareOf(stage, index, forge(honest, stage.dice))) {
        const found = believed(tape, await replay(stage, tape, { at, reply }), at);
        const { where } = tape.ready;
        assert.ok(found === undefined, `${where}, reply ${at + 1} with ${what}: ${found}`);
      }
    }
  }
}

const wireOf = ({ exchanges }: Spy) =>
  exchanges.map(({ request: { method, url, headers, body = '' } }) => ({
    method,
    url,
    headers,
    body: Buffer.from(body).toString('latin1'),
  }));

/** What one order puts on the wire, or into the payer's hands, under a seed. */
async function bytesOf(stage: Stage, request: object, seed: number) {
  const client = stage.connect({ seed });
  const started = await pay(client, request);
  const handed = started.status === 'pending' ? started.nextAction : undefined;
  const sent = wireOf(client.spy);
  return { sent, handed: sent.length === 0 ? handed : undefined };
}

async function requireFaultDoubted(stage: Stage, drill: Drill, fault: string): Promise<boolean> {
  const ready = await drill.ready();
  const operation = stage.subject.samples?.operations?.[drill.verb];
  arm(stage, fault, operation ? { operation } : {});
  const ending = await attempt(() => ready.call(stage.client));
  const hit = struck(stage, fault);
  stage.site.faults.clear();
  if (!hit) return false;
  const where = `${drill.where} with ${fault}`;
  if (drill.reading) {
    requireError(ending, ['REPLY_UNVERIFIED'], where);
    return true;
  }
  const { status, doubt } = (ending.result ?? {}) as Record<string, unknown>;
  assert.equal(`${status}/${doubt}`, 'unknown/unverified-reply', `${where}: ${wordsOf(ending)}`);
  return true;
}

/**
 * Whether a call was granted. What tells otherwise may name neither its call nor its payment: which
 * one it answers, then, only the connection says.
 */
function isYes({ result }: Attempt<unknown>): boolean {
  const { status = 'read' } = (result ?? {}) as Record<string, unknown>;
  return result !== undefined && status !== 'failed' && status !== 'unknown';
}

/** A balance is asked for without naming anything: an earlier answer is one to the same question. */
const isSameQuestion = (tape: Tape, other: Tape): boolean =>
  tape.ready.verb === other.ready.verb && Object.keys(tape.ready.about).length === 0;

/**
 * Whether a reply says whom it is about. One that names neither id - the code of an order, a yes
 * without content - cannot be told from the answer to this call: whose it is, only the connection says.
 */
function namesSomebody({ body }: Reply, { ready, honest }: Tape): boolean {
  const text = Buffer.from(body).toString('utf8');
  const { ref } = (honest.result ?? {}) as { ref?: { merchantId?: string; channelId?: string } };
  const ids = [...Object.values(ready.about), ref?.merchantId, ref?.channelId];
  return ids.some((id) => id !== undefined && text.includes(id));
}

/** Most calls whose replies are tried on one other call, beside those of its own verb. */
const mostOthers = 6;

/** Of all that was granted: the same verb about something else, and some others. */
function othersFor(stage: Stage, tape: Tape, granted: readonly Tape[]): readonly Tape[] {
  const strange = granted.filter((other) => !isSameQuestion(tape, other));
  const isSame = ({ ready }: Tape) => ready.verb === tape.ready.verb;
  const same = strange.filter(isSame);
  const different = strange.filter((other) => !isSame(other));
  const some = stage.dice.sample(mostOthers, different.length);
  return [...same, ...some.map((at) => different[at] as Tape)];
}

/** Replies that may not pass for the answer to another call. */
async function requireOwnRepliesOnly(stage: Stage): Promise<void> {
  const [mine, others] = [await tapesOf(stage), await tapesOf(stage)];
  const granted = others.filter(({ honest }) => isYes(honest));
  let seen = 0;
  for (const tape of mine) {
    for (const other of othersFor(stage, tape, granted)) {
      for (const [at, reply] of other.replies.slice(0, tape.replies.length).entries()) {
        if (!namesSomebody(reply, other)) continue;
        seen += 1;
        const found = believed(tape, await replay(stage, tape, { at, reply }), at);
        const what = `the genuine reply to ${other.ready.where} about another payment`;
        assert.ok(found === undefined, `${tape.ready.where} with ${what}: ${found}`);
      }
    }
  }
  if (seen === 0) notApplicable('no reply of the site names whom it is about');
}

/** What a notification was found to tell. */
const factsIn = ({ result, error }: Attempt<Notification>): string =>
  sayings(result === undefined ? { error } : { result: result.facts });

/** Notifications with changed content that claim to need no signature. */
async function requireWeakPushesRefused(stage: Stage): Promise<void> {
  const { channel } = stage.client;
  const { receive } = channel;
  if (receive === undefined) return;
  for (const message of stage.heard.slice(0, 2)) {
    const headers = Object.entries(message.headers).map(([name, value = '']) => [name, value]);
    const reply = { status: 200, headers: Object.fromEntries(headers), body: message.body };
    const honest = factsIn(await attempt(() => receive.call(channel, message)));
    for (const { what, reply: forged } of weakened(reply, stage.dice)) {
      const spoilt = { ...message, headers: forged.headers, body: forged.body };
      const ending = await attempt(() => receive.call(channel, spoilt));
      if (factsIn(ending) === honest) continue;
      requireError(ending, ['NOTIFICATION_UNVERIFIED'], `a notification with ${what}`);
    }
  }
}

export const sealLaws: readonly Law[] = [
  {
    id: 'SEAL-01',
    sentence: 'With clock and randomness fixed, the same request is the same bytes on the wire',
    why: 'hidden time or randomness makes tests flaky and a disputed request impossible to replay',
    level: 2,
    verbs: ['pay'],
    async run(stage) {
      for (const scene of stage.scenes) {
        const request = orderFor(stage, { scene });
        const first = await bytesOf(stage, request, 7);
        const again = await bytesOf(stage, request, 7);
        assert.deepEqual(again, first, `pay (${scene}): the same request differs on the wire`);
        const other = await bytesOf(stage, orderFor(stage, { scene }), 7);
        assert.notDeepEqual(other, first, `pay (${scene}): another id changes nothing on the wire`);
      }
    },
  },
  {
    id: 'SEAL-02',
    sentence: 'A reply with any byte changed is never believed to say anything new',
    why: 'who changes a digit on the way must not be able to turn a refusal into a payment',
    level: 2,
    verbs: ['pay'],
    unless: unsealed,
    run: (stage) => requireForgeriesDoubted(stage, flips),
  },
  {
    id: 'SEAL-03',
    sentence: 'A reply that lacks any of its parts, its signature above all, is never believed',
    why: 'an adapter that verifies only what is signed believes whatever is not',
    level: 2,
    verbs: ['pay'],
    unless: unsealed,
    run: (stage) => requireForgeriesDoubted(stage, omissions),
  },
  {
    id: 'SEAL-04',
    sentence: 'A body that is empty, foreign, cut, doubled or says two things is never believed',
    why: 'parsers disagree about such bodies: what was verified is not what is then read',
    level: 2,
    verbs: ['pay'],
    unless: unsealed,
    run: (stage) => requireForgeriesDoubted(stage, garbage),
  },
  {
    id: 'SEAL-05',
    sentence: 'A message cannot choose how it is verified',
    why: 'whoever may name the algorithm names none',
    level: 2,
    verbs: ['pay'],
    unless: unsealed,
    async run(stage) {
      await requireForgeriesDoubted(stage, weakened);
      await requireWeakPushesRefused(stage);
    },
  },
  {
    id: 'SEAL-06',
    sentence: 'A wrong signature, or a right one by the wrong key, leaves a call in doubt',
    why: 'anybody can sign: it is the key that makes it the channel, and only the channel knows',
    level: 3,
    verbs: ['pay'],
    unless: unsealed,
    async run(stage) {
      const drills = await signedDrills(stage);
      let seen = 0;
      for (const fault of ['bad-signature', 'foreign-signature']) {
        for (const { drill } of drills) {
          if (await requireFaultDoubted(stage, drill, fault)) seen += 1;
        }
      }
      if (seen === 0) notApplicable('no reply of the site is signed');
    },
  },
  {
    id: 'SEAL-07',
    sentence: 'The genuine yes to another call is not taken for the answer to this one',
    why: 'a recorded yes, or a crossed connection, would pay for every order there is',
    level: 2,
    verbs: ['pay'],
    unless: unsealed,
    run: requireOwnRepliesOnly,
  },
  ...sealKeyLaws,
  ...sealTlsLaws,
];
