/** conformance · shape-facts: laws about the channel object and the facts it states of itself. */
import assert from 'node:assert/strict';
import {
  type Capabilities,
  type Channel,
  contractVersion,
  dayOf,
  exponentOf,
  type IdRule,
  type Verb,
} from '@polyrail/core';
import type { Law } from '../law.ts';
import { requirePlain } from '../plain.ts';
import { scenesOfTheContract, verbsOfTheContract } from '../vocabulary.ts';

type Facts = Capabilities;

/** Verbs that stand or fall together: who has the first needs one of the others. */
const companions: readonly (readonly [verb: Verb, others: readonly Verb[], why: string])[] = [
  ['pay', ['query'], 'an unknown payment must be asked for'],
  ['confirmPay', ['pay'], 'there must be a payment to confirm'],
  ['close', ['pay'], 'there must be a payment to close'],
  ['cancel', ['pay', 'capture'], 'there must be a payment to cancel'],
  ['queryCancellation', ['cancel', 'reverse', 'cancelAuthorization', 'cancelCapture'], 'of what'],
  ['refund', ['queryRefund'], 'an unknown refund must be asked for'],
  ['queryRefund', ['refund'], 'of what'],
  ['authorize', ['queryAuthorization'], 'an unknown authorization must be asked for'],
  ['authorize', ['capture'], 'a hold is of no use without'],
  ['capture', ['authorize'], 'there must be something to capture'],
  ['cancelAuthorization', ['authorize'], 'there must be something to cancel'],
  ['cancelCapture', ['capture'], 'there must be something to cancel'],
  ['signUp', ['querySignUp'], 'an unknown agreement must be asked for'],
  ['confirmSignUp', ['signUp'], 'there must be something to confirm'],
  ['payout', ['queryPayout'], 'an unknown payout must be asked for'],
  ['cancelPayout', ['payout'], 'there must be something to cancel'],
  ['receive', ['acknowledge'], 'a notification wants an answer'],
  ['acknowledge', ['receive'], 'there must be something to answer'],
];

const some = (list: readonly unknown[] | undefined): boolean => (list ?? []).length > 0;
const told = (value: unknown): boolean => value !== undefined;

/** Facts that stand or fall with verbs. `needed`: the verb cannot be used without the fact. */
const bonds: readonly {
  readonly verbs: readonly Verb[];
  readonly fact: string;
  readonly stated: (facts: Facts) => boolean;
  readonly needed?: boolean;
}[] = [
  { verbs: ['pay'], fact: 'scenes.pay', stated: (f) => some(f.scenes?.pay), needed: true },
  {
    verbs: ['authorize'],
    fact: 'scenes.authorize',
    stated: (f) => some(f.scenes?.authorize),
    needed: true,
  },
  { verbs: ['signUp'], fact: 'scenes.signUp', stated: (f) => some(f.scenes?.signUp), needed: true },
  {
    verbs: ['statement'],
    fact: 'statements',
    stated: (f) => some(Object.keys(f.statements ?? {})),
    needed: true,
  },
  {
    verbs: ['refund'],
    fact: 'merchantRefundId',
    stated: (f) => told(f.merchantRefundId),
    needed: true,
  },
  {
    verbs: ['cancel', 'cancelAuthorization', 'cancelCapture'],
    fact: 'merchantCancelId',
    stated: (f) => told(f.merchantCancelId),
    needed: true,
  },
  {
    verbs: ['payout'],
    fact: 'merchantPayoutId',
    stated: (f) => told(f.merchantPayoutId),
    needed: true,
  },
  {
    verbs: ['signUp'],
    fact: 'merchantAgreementId',
    stated: (f) => told(f.merchantAgreementId),
    needed: true,
  },
  {
    verbs: ['receive'],
    fact: 'notificationLadderMs',
    stated: (f) => told(f.notificationLadderMs),
    needed: true,
  },
  {
    verbs: ['confirmPay'],
    fact: 'confirmPay',
    stated: (f) => told(f.confirmPay),
    needed: true,
  },
  {
    verbs: ['confirmSignUp'],
    fact: 'confirmSignUp',
    stated: (f) => told(f.confirmSignUp),
    needed: true,
  },
  { verbs: ['close'], fact: 'closeProvesAbsence', stated: (f) => f.closeProvesAbsence },
  { verbs: ['reverse'], fact: 'resolve.then', stated: (f) => f.resolve.then === 'reverse' },
  { verbs: ['reverse'], fact: 'reversalErases', stated: (f) => f.reversalErases === true },
  { verbs: ['refund'], fact: 'windows.refundMs', stated: (f) => told(f.windows?.refundMs) },
  { verbs: ['cancel'], fact: 'windows.cancelMs', stated: (f) => told(f.windows?.cancelMs) },
  {
    verbs: ['cancel'],
    fact: 'windows.cancelUntilDayEnds',
    stated: (f) => f.windows?.cancelUntilDayEnds === true,
  },
  { verbs: ['refund'], fact: 'partialRefunds', stated: (f) => f.partialRefunds === true },
  { verbs: ['authorize'], fact: 'holdsExpire', stated: (f) => told(f.holdsExpire) },
  { verbs: ['capture'], fact: 'partialCaptures', stated: (f) => told(f.partialCaptures) },
  { verbs: ['capture'], fact: 'captureLimitPercent', stated: (f) => told(f.captureLimitPercent) },
  { verbs: ['capture'], fact: 'captureIdMaxLength', stated: (f) => told(f.captureIdMaxLength) },
  {
    verbs: ['cancelAuthorization'],
    fact: 'partialReleases',
    stated: (f) => told(f.partialReleases),
  },
];

function requireAgreement(channel: Channel): void {
  const { capabilities } = channel;
  const has = (verb: Verb): boolean => channel[verb] !== undefined;
  for (const [verb, others, why] of companions) {
    const wanted = others.join(' or ');
    assert.ok(!has(verb) || others.some(has), `the channel has ${verb} without ${wanted}: ${why}`);
  }
  for (const { verbs, fact, stated, needed } of bonds) {
    const names = verbs.join(' or ');
    const offered = verbs.some(has);
    if (stated(capabilities)) {
      assert.ok(offered, `capabilities.${fact} speaks of ${names}, which the channel has not`);
    } else if (needed) {
      assert.ok(!offered, `the channel has ${names}, but capabilities.${fact} is not stated`);
    }
  }
  for (const verb of capabilities.unsigned ?? []) {
    assert.ok(has(verb as Verb), `capabilities.unsigned names ${verb}, which the channel has not`);
    const { sealing } = capabilities;
    assert.notEqual(sealing, 'transport', 'capabilities.unsigned: nothing is signed anyway');
  }
}

const timeOfDay = /^([01]\d|2[0-3]):[0-5]\d$/;

function requireTimes(facts: Facts): void {
  const { timeZone, dayEndsAt = '24:00' } = facts;
  const known = () => dayOf(0, timeZone, dayEndsAt);
  assert.doesNotThrow(known, `capabilities.timeZone ${timeZone} or dayEndsAt ${dayEndsAt}`);
  assert.match(timeZone, /\/|^UTC$/, 'capabilities.timeZone is no IANA name');
  for (const [kind, rule] of Object.entries(facts.statements ?? {})) {
    assert.match(rule.readyAt, timeOfDay, `capabilities.statements.${kind}.readyAt`);
  }
  const { queryAfterMs, then } = facts.resolve;
  assert.ok(['reverse', 'escalate'].includes(then), `capabilities.resolve.then is ${then}`);
  assert.ok(queryAfterMs.length > 0, 'capabilities.resolve.queryAfterMs: nobody ever asks');
  let before = -1;
  for (const delay of queryAfterMs) {
    const rising = Number.isSafeInteger(delay) && delay > before;
    assert.ok(rising, `capabilities.resolve.queryAfterMs: ${delay} after ${before}`);
    before = delay;
  }
}

const wholes: readonly (readonly [name: string, read: (facts: Facts) => unknown])[] = [
  ['visibilityMs', (facts) => facts.visibilityMs],
  ['defaultTimeoutMs', (facts) => facts.defaultTimeoutMs ?? 1],
  ['windows.refundMs', (facts) => facts.windows?.refundMs ?? 1],
  ['windows.cancelMs', (facts) => facts.windows?.cancelMs ?? 1],
  ['captureLimitPercent', (facts) => facts.captureLimitPercent ?? 100],
  ['captureIdMaxLength', (facts) => facts.captureIdMaxLength ?? 1],
];

function requireNumbers(facts: Facts): void {
  for (const [name, read] of wholes) {
    const value = read(facts);
    const least = name === 'visibilityMs' ? 0 : 1;
    const sane = Number.isSafeInteger(value) && (value as number) >= least;
    assert.ok(sane, `capabilities.${name} is ${value}`);
  }
  for (const gap of facts.notificationLadderMs ?? []) {
    assert.ok(Number.isSafeInteger(gap) && gap > 0, `capabilities.notificationLadderMs: ${gap}`);
  }
  const { min, max } = facts.amount ?? { min: 1, max: Number.MAX_SAFE_INTEGER };
  const bounded = Number.isSafeInteger(min) && Number.isSafeInteger(max) && min >= 1 && max >= min;
  assert.ok(bounded, `capabilities.amount is ${min} to ${max}`);
  assert.ok(facts.currencies.length > 0, 'capabilities.currencies is empty');
  for (const code of facts.currencies) {
    assert.notEqual(exponentOf(code), undefined, `capabilities.currencies: no currency is ${code}`);
  }
}

const idRules = [
  'merchantPaymentId',
  'merchantRefundId',
  'merchantCancelId',
  'merchantAgreementId',
  'merchantPayoutId',
] as const;

function requireIdRule(name: string, rule: IdRule): void {
  const { pattern, maxLength } = rule;
  const compiled = () => new RegExp(`^(?:${pattern})$`, 'u');
  assert.doesNotThrow(compiled, `capabilities.${name}.pattern is no regular expression`);
  const sane = Number.isSafeInteger(maxLength) && maxLength >= 8 && maxLength <= 256;
  assert.ok(sane, `capabilities.${name}.maxLength is ${maxLength}`);
}

function requireNames(facts: Facts): void {
  for (const name of idRules) {
    const rule = facts[name];
    if (rule !== undefined) requireIdRule(name, rule);
  }
  for (const scene of [...(facts.scenes?.pay ?? []), ...(facts.scenes?.authorize ?? [])]) {
    assert.ok(scenesOfTheContract.includes(scene), `capabilities.scenes: no scene is ${scene}`);
  }
}

/** What every channel has beside its verbs. */
const base = ['name', 'contract', 'capabilities'];

function requireContractMembers(channel: Channel): void {
  assert.ok(Object.isFrozen(channel), 'the channel object is not frozen');
  const known: readonly PropertyKey[] = [...base, ...verbsOfTheContract, Symbol.asyncDispose];
  for (let at: object = channel; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const member of Reflect.ownKeys(at)) {
      const inherited = at !== channel && member === 'constructor';
      assert.ok(
        known.includes(member) || inherited,
        `the channel has a member ${String(member)} that is none of the contract`,
      );
    }
    if (Object.getPrototypeOf(at) === null) break;
  }
  for (const verb of verbsOfTheContract) {
    const type = typeof channel[verb];
    assert.ok(type === 'undefined' || type === 'function', `${verb} is of type ${type}`);
  }
  assert.match(channel.name, /^[a-z][a-z0-9-]{1,31}$/, 'the name is no lower-case word');
  assert.equal(channel.contract, contractVersion, 'the version of the contract');
  assert.equal(typeof channel[Symbol.asyncDispose], 'function', 'the channel cannot be disposed');
}

export const factLaws: readonly Law[] = [
  {
    id: 'SHAPE-01',
    sentence: 'The channel is frozen, names its contract and has only members of the contract',
    why: 'code for any channel asks for members; a further one binds merchants to one channel',
    level: 1,
    async run({ client }) {
      requireContractMembers(client.channel);
    },
  },
  {
    id: 'SHAPE-02',
    sentence: 'A verb is there exactly when the capabilities speak of it',
    why: 'merchants decide by presence, gateways by the capabilities: they must decide alike',
    level: 1,
    async run({ client }) {
      requireAgreement(client.channel);
    },
  },
  {
    id: 'SHAPE-03',
    sentence:
      'The capabilities are plain frozen data whose zones, bounds, rules and schedules hold',
    why: 'a schedule that never asks or a zone that is none leaves payments unknown for ever',
    level: 1,
    async run({ client, connect }) {
      const { capabilities } = client.channel;
      requirePlain(capabilities, 'capabilities');
      requireTimes(capabilities);
      requireNumbers(capabilities);
      requireNames(capabilities);
      const again = connect().channel.capabilities;
      assert.deepEqual(again, capabilities, 'another channel object states other capabilities');
    },
  },
];
