/** conformance · shape-requests: laws about requests the contract or the channel does not take. */
import assert from 'node:assert/strict';
import { instantOf, type Scene, secret, type Verb } from '@polyrail/core';
import { attempt, orderFor, pay, requireError, verbOf } from '../acts.ts';
import { signUp, signUpFor } from '../agreements.ts';
import { drillsOf, type Ready, yesterday } from '../drills.ts';
import { authorize } from '../holds.ts';
import type { Law } from '../law.ts';
import type { Client, Stage } from '../stage.ts';
import {
  scenesOfTheContract,
  signUpScenesOfTheContract,
  statementKindsOfTheContract,
} from '../vocabulary.ts';

function requireSilence({ spy }: Client, where: string): void {
  assert.equal(spy.exchanges.length, 0, `${where}: something was sent all the same`);
}

interface Refusal {
  readonly code: 'REQUEST_INVALID' | 'UNSUPPORTED';
  readonly field: string;
  readonly where: string;
}

/** A call must end with this code, blame this member, and have sent nothing. */
async function requireRefusal(
  client: Client,
  run: () => Promise<unknown>,
  { code, field, where }: Refusal,
): Promise<void> {
  client.spy.reset();
  const error = requireError(await attempt(run), [code], where);
  const blamed = `${where}: the error blames ${error.field}: ${error.message}`;
  assert.equal(error.field, field, blamed);
  requireSilence(client, where);
}

/** Members of the scenes, so that a scene is refused for itself and not for what it lacks. */
const membersOf: { readonly [S in Scene]: Readonly<Record<string, unknown>> } = {
  qr: {},
  barcode: { authCode: '280000000000000000' },
  page: {},
  h5: {},
  app: {},
  'in-wallet': { payerId: 'somebody' },
  agreement: {
    agreement: { noun: 'agreement', merchantId: 'A1', startedAt: '2026-01-01T00:00:00.000Z' },
  },
  card: { card: { number: secret('4111111111111111') } },
};

/** An order of a scene, whether the channel takes it or not. */
const orderIn = (stage: Stage, scene: Scene) =>
  orderFor(stage, { scene, members: stage.scenes.includes(scene) ? {} : membersOf[scene] });

/** The same of the verbs beside `pay` that are called in scenes. */
async function requireHoldAndSignUpScenes(stage: Stage): Promise<void> {
  const { client } = stage;
  const { channel } = client;
  const { scenes } = channel.capabilities;
  for (const scene of channel.authorize ? scenesOfTheContract : []) {
    if (scenes?.authorize?.includes(scene)) continue;
    const order = orderFor(stage, { scene, members: membersOf[scene] });
    const refusal = { code: 'UNSUPPORTED', field: 'scene', where: `authorize (${scene})` } as const;
    await requireRefusal(client, () => authorize(client, order), refusal);
  }
  for (const scene of channel.signUp ? signUpScenesOfTheContract : []) {
    if (scenes?.signUp?.includes(scene)) continue;
    const hasCard = scene === 'otp' || scene === 'card';
    const request = { ...signUpFor(stage, scene), ...(hasCard ? membersOf.card : {}) };
    const refusal = { code: 'UNSUPPORTED', field: 'scene', where: `signUp (${scene})` } as const;
    await requireRefusal(client, () => signUp(client, request), refusal);
  }
}

/** A spoilt call: what is wrong with it, and the member to blame where one can be named. */
interface Spoilt {
  readonly what: string;
  readonly request: unknown;
  readonly options?: object;
  readonly fields?: readonly string[];
}

const stranger = 'polyrailUnknown';

/** The same call with one member more than it may have. */
function withStrangers({ verb, request }: Ready): readonly Spoilt[] {
  const members = request as Record<string, unknown>;
  const nested = Object.entries(members).filter(([, value]) => value?.constructor === Object);
  const extra = { ...(members['extra'] as object | undefined), [stranger]: 1 };
  const always: readonly Spoilt[] = [
    { what: 'an unknown option', request, options: { [stranger]: 1 }, fields: [stranger] },
  ];
  if (verb === 'balance') return always;
  return [
    ...always,
    { what: 'an unknown member', request: { ...members, [stranger]: 1 }, fields: [stranger] },
    {
      what: 'an unknown member of extra',
      request: { ...members, extra },
      fields: [`extra.${stranger}`, 'extra'],
    },
    ...nested.map(([name, value]) => ({
      what: `an unknown member of ${name}`,
      request: { ...members, [name]: { ...(value as object), [stranger]: 1 } },
      fields: [`${name}.${stranger}`],
    })),
  ];
}

/** Members without which a request of the verb means nothing. */
const requiredOf: { readonly [V in Verb]?: readonly string[] } = {
  pay: ['scene', 'merchantPaymentId', 'amount', 'description'],
  query: ['noun', 'merchantId', 'startedAt'],
  close: ['noun', 'merchantId', 'startedAt'],
  cancel: ['payment', 'merchantCancelId'],
  reverse: ['noun', 'merchantId', 'startedAt'],
  queryCancellation: ['noun', 'merchantId', 'startedAt'],
  refund: ['payment', 'merchantRefundId', 'amount'],
  queryRefund: ['noun', 'merchantId', 'startedAt'],
  statement: ['kind', 'date'],
};

/** What a scene needs beside the order. */
const requiredIn: { readonly [S in Scene]?: readonly string[] } = {
  barcode: ['authCode'],
  'in-wallet': ['payerId'],
  agreement: ['agreement'],
  card: ['card'],
};

function requiredBy({ verb, request }: Ready): readonly string[] {
  const { scene } = request as { scene?: Scene };
  const own = verb === 'pay' && scene !== undefined ? requiredIn[scene] : undefined;
  return [...(requiredOf[verb] ?? []), ...(own ?? [])];
}

/** The same call with one member less than it must have, or with one that is none. */
function withHoles(ready: Ready): readonly Spoilt[] {
  const { verb, request } = ready;
  const holes = requiredBy(ready).flatMap((name) => {
    const { [name]: _left, ...rest } = request as Record<string, unknown>;
    const instead = (what: string, value: unknown): Spoilt => ({
      what: `${name} ${what}`,
      request: { ...request, [name]: value },
      fields: [name],
    });
    return [
      { what: `${name} left out`, request: rest, fields: [name] },
      instead('empty', ''),
      instead('null', null),
      instead('a list', []),
    ];
  });
  const options = [{ timeoutMs: 0 }, { timeoutMs: 1.5 }, { timeoutMs: '9' }, { signal: {} }];
  return [
    ...(verb === 'balance' ? [] : [null, 'text', []].map((r) => ({ what: `${r}`, request: r }))),
    ...holes,
    ...options.map((wrong) => ({
      what: `options ${JSON.stringify(wrong)}`,
      request,
      options: wrong,
      fields: Object.keys(wrong),
    })),
  ];
}

const fits = (field: string | undefined, wanted: readonly string[]): boolean =>
  wanted.some((name) => [name, `options.${name}`].some((at) => `${field}.`.startsWith(`${at}.`)));

/** Every spoilt form of every call ends with `REQUEST_INVALID`, names the member, sends nothing. */
async function requireRefusals(
  stage: Stage,
  ready: Ready,
  spoilt: readonly Spoilt[],
): Promise<void> {
  const { client } = stage;
  const verb = verbOf(client.channel, ready.verb) as (...given: unknown[]) => Promise<unknown>;
  for (const { what, request, options, fields } of spoilt) {
    const where = `${ready.where} with ${what}`;
    client.spy.reset();
    const given = ready.verb === 'balance' ? [options] : [request, options];
    const error = requireError(await attempt(() => verb(...given)), ['REQUEST_INVALID'], where);
    const named = fields === undefined || fits(error.field, fields);
    assert.ok(named, `${where}: the error blames ${error.field}: ${error.message}`);
    requireSilence(client, where);
  }
}

/** Calls of every verb, and of `pay` in the scenes that talk to nobody. */
async function readies(stage: Stage): Promise<readonly Ready[]> {
  const made = await Promise.all((await drillsOf(stage)).map((drill) => drill.ready()));
  const told = new Set(made.map(({ where }) => where));
  const handed = stage.scenes
    .filter((scene) => !told.has(`pay (${scene})`))
    .map((scene): Ready => {
      const request = orderFor(stage, { scene });
      return {
        verb: 'pay',
        where: `pay (${scene})`,
        reading: false,
        about: { payment: request.merchantPaymentId },
        request,
        call: (client, options) => pay(client, request, options),
      };
    });
  return [...made, ...handed];
}

/** Orders the channel's own rules exclude, with the member to blame. */
function beyondRules(stage: Stage, scene: Scene): readonly (readonly [string, object])[] {
  const { capabilities } = stage.client.channel;
  const { pattern, maxLength } = capabilities.merchantPaymentId;
  const matched = new RegExp(`^(?:${pattern})$`, 'u');
  const { description, attachment } = capabilities;
  const past = new Date(stage.site.clock.now() - 1000).toISOString();
  const strange = ['with blank', 'tab\t', 'é', '😀', '<x>'].filter((id) => !matched.test(id));
  const order = (members: Readonly<Record<string, unknown>>) => orderFor(stage, { scene, members });
  return [
    ...strange.map((id) => ['merchantPaymentId', order({ merchantPaymentId: id })] as const),
    ['merchantPaymentId', order({ merchantPaymentId: 'A'.repeat(maxLength + 1) })],
    ...(description === undefined
      ? []
      : [['description', order({ description: 'A'.repeat(description.maxLength + 1) })] as const]),
    ...[...(description?.forbidden ?? '')].map(
      (sign) => ['description', order({ description: `Tea ${sign} cake` })] as const,
    ),
    ...(attachment === undefined
      ? []
      : [['attachment', order({ attachment: 'A'.repeat(attachment.maxLength + 1) })] as const]),
    ['expiresAt', order({ expiresAt: past })],
    ['expiresAt', order({ expiresAt: 'tomorrow' })],
    ['startedAt', order({ startedAt: '2026-02-30T00:00:00.000Z' })],
    ['startedAt', order({ startedAt: 1_700_000_000 })],
    ['notifyUrl', order({ notifyUrl: 'shop.example/hook' })],
    ['notifyUrl', order({ notifyUrl: 'javascript:alert(1)' })],
  ];
}

const idOf = { refund: 'merchantRefundId', cancel: 'merchantCancelId' } as const;

/** Refunds and cancellations under ids the channel's rules exclude. */
function beyondIdRules(stage: Stage, verb: 'refund' | 'cancel'): readonly object[] {
  const rule = stage.client.channel.capabilities[idOf[verb]];
  if (rule === undefined || stage.client.channel[verb] === undefined) return [];
  const { amount } = orderFor(stage, { scene: stage.scenes[0] as Scene });
  const startedAt = instantOf(stage.site.clock.now());
  const payment = { noun: 'payment', merchantId: stage.freshId(), amount, startedAt };
  const matched = new RegExp(`^(?:${rule.pattern})$`, 'u');
  const strange = ['with blank', 'tab\t', 'é'].filter((id) => !matched.test(id));
  return [...strange, 'A'.repeat(rule.maxLength + 1)].map((id) => ({
    payment,
    [idOf[verb]]: id,
    ...(verb === 'refund' ? { amount } : {}),
  }));
}

export const requestLaws: readonly Law[] = [
  {
    id: 'SHAPE-06',
    sentence: 'A scene or kind of statement the channel does not offer is UNSUPPORTED, unsent',
    why: 'a gateway routes by it: it tries the next channel only if it knows nothing was sent',
    level: 1,
    async run(stage) {
      const { client, scenes } = stage;
      const { channel } = client;
      const { capabilities } = channel;
      for (const scene of channel.pay ? scenesOfTheContract : []) {
        if (scenes.includes(scene)) continue;
        const refusal = { code: 'UNSUPPORTED', field: 'scene', where: `pay (${scene})` } as const;
        await requireRefusal(client, () => pay(client, orderIn(stage, scene)), refusal);
      }
      const invented = { ...orderIn(stage, 'qr'), scene: 'telepathy' };
      if (channel.pay) {
        const refusal = { code: 'REQUEST_INVALID', field: 'scene', where: 'pay (telepathy)' };
        await requireRefusal(client, () => pay(client, invented), refusal as Refusal);
      }
      await requireHoldAndSignUpScenes(stage);
      const kinds = Object.keys(capabilities.statements ?? {});
      if (channel.statement) {
        const request = { kind: 'weather', date: yesterday(stage) } as never;
        const ask = () => verbOf(channel, 'statement')(request);
        const refusal = { code: 'REQUEST_INVALID', field: 'kind', where: 'statement (weather)' };
        await requireRefusal(client, ask, refusal as Refusal);
      }
      for (const kind of channel.statement ? statementKindsOfTheContract : []) {
        if (kinds.includes(kind)) continue;
        const ask = () => verbOf(channel, 'statement')({ kind, date: yesterday(stage) });
        const refusal = { code: 'UNSUPPORTED', field: 'kind', where: `statement (${kind})` };
        await requireRefusal(client, ask, refusal as Refusal);
      }
    },
  },
  {
    id: 'SHAPE-07',
    sentence: 'A member nobody knows is refused by its name and nothing is sent',
    why: 'a misspelt expiry or notification address that is dropped in silence costs money later',
    level: 2,
    verbs: ['pay'],
    async run(stage) {
      for (const ready of await readies(stage)) {
        await requireRefusals(stage, ready, withStrangers(ready));
      }
    },
  },
  {
    id: 'SHAPE-08',
    sentence: 'A member that is missing or of no sense is refused by its name and nothing is sent',
    why: 'the channel would refuse it in words of its own, or worse, take it for something else',
    level: 2,
    verbs: ['pay'],
    async run(stage) {
      for (const ready of await readies(stage)) {
        await requireRefusals(stage, ready, withHoles(ready));
      }
    },
  },
  {
    id: 'SHAPE-09',
    sentence:
      'What the rules of the capabilities exclude is refused by its name and nothing is sent',
    why: 'rules that are stated and not kept are found out by the first payer who meets them',
    level: 1,
    verbs: ['pay'],
    async run(stage) {
      for (const scene of stage.scenes) {
        for (const [field, request] of beyondRules(stage, scene)) {
          const value = JSON.stringify((request as Record<string, unknown>)[field])?.slice(0, 40);
          const where = `pay (${scene}) with ${field} ${value}`;
          const refusal = { code: 'REQUEST_INVALID', field, where } as const;
          await requireRefusal(stage.client, () => pay(stage.client, request), refusal);
        }
      }
      for (const verb of ['refund', 'cancel'] as const) {
        for (const request of beyondIdRules(stage, verb)) {
          const where = `${verb} as ${JSON.stringify(Reflect.get(request, idOf[verb])).slice(0, 40)}`;
          const refusal = { code: 'REQUEST_INVALID', field: idOf[verb], where } as const;
          const run = verbOf(stage.client.channel, verb) as (given: object) => Promise<unknown>;
          await requireRefusal(stage.client, () => run(request), refusal);
        }
      }
    },
  },
];
