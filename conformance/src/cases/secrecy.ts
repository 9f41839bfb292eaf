/** conformance · secrecy: laws about what never stands in a log, an error, a result or a journal. */
import assert from 'node:assert/strict';
import { type Card, type Noun, type Ref, revealText, secret } from '@polyrail/core';
import { attempt, orderFor, pay, verbOf, wordsOf } from '../acts.ts';
import { signUp, signUpFor } from '../agreements.ts';
import { drillsOf } from '../drills.ts';
import { needlesOf, requireHidden } from '../exposure.ts';
import { type Failure, failuresOf } from '../failures.ts';
import { requireCardHidden } from '../hidden.ts';
import { type Law, notApplicable } from '../law.ts';
import { type Intervention, interventions } from '../spy.ts';
import type { Client, Stage } from '../stage.ts';

function secretsOf(stage: Stage): readonly string[] {
  const needles = needlesOf(stage.subject.secrets?.(stage.site) ?? []);
  return needles.length > 0 ? needles : notApplicable('the subject names no secrets');
}

const journalOf = ({ site }: Stage): string => JSON.stringify(site.journal.entries());

/** Whatever a call left behind: its ending, what was stored, what was logged. */
function requireClean(
  client: Client,
  left: { readonly ending: unknown; readonly refs: readonly Ref<Noun>[] },
  { needles, where }: { needles: readonly string[]; where: string },
): void {
  requireHidden(left.ending, needles, where);
  requireHidden(left.refs, needles, `${where}, the reference to be stored`);
  requireHidden(client.log.entries, needles, `${where}, the log`);
}

/** A transport that throws what it was given, key and all. */
const confessing: Intervention = async ({ exchange }) => {
  exchange.options.onFirstByte?.();
  throw Object.assign(new Error(`failed: ${JSON.stringify(exchange.request)}`), exchange);
};

const confessions: readonly Failure[] = [
  {
    what: 'a transport that throws what it was given',
    arrange({ spy }) {
      spy.plan(confessing, { times: 3 });
      return true;
    },
  },
];

/** Like a card's number, and a valid one at that. */
const cardNumber = '6222021234567890128';

/** Requests that carry a card's number where none belongs. Only the bounds of an amount are told. */
function indiscretions(stage: Stage): readonly (readonly [string, unknown, object?])[] {
  const [scene = 'qr'] = stage.scenes;
  const order = orderFor(stage, { scene });
  const wrapped = secret(cardNumber);
  const members = ['scene', 'merchantPaymentId', 'description', 'amount', 'notifyUrl', 'expiresAt'];
  const values: readonly unknown[] = [
    `${cardNumber} `,
    `card ${cardNumber} \u0000`,
    [cardNumber],
    { cardNumber },
    Number(cardNumber),
    wrapped,
  ];
  const misplaced = members.flatMap((name) =>
    values.map((value) => [`${name}`, { ...order, [name]: value }] as const),
  );
  return [
    ...misplaced,
    ['cardNumber', { ...order, cardNumber }],
    ['card', { ...order, scene: 'card', card: { number: cardNumber, securityCode: '123' } }],
    ['extra', { ...order, extra: { cardNumber } }],
    ['payer', { ...order, payer: { account: cardNumber } }],
    ['authCode', { ...order, authCode: [cardNumber] }],
    ['amount.currency', { ...order, amount: { amount: 1, currency: cardNumber } }],
    ['a text for a request', `pay ${cardNumber}`],
    ['options', order, { timeoutMs: cardNumber }],
    ['an unknown option', order, { cardNumber }],
  ];
}

const methods = ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir'] as const;

/** What is printed to the console while something runs. */
async function printedWhile(run: () => Promise<void>): Promise<readonly string[]> {
  const { console } = globalThis;
  const kept = methods.map((name) => [name, console[name]] as const);
  const heard: string[] = [];
  for (const name of methods) {
    console[name] = (...given: unknown[]) => {
      heard.push(`console.${name}: ${String(given[0]).slice(0, 60)}`);
    };
  }
  try {
    await run();
  } finally {
    for (const [name, method] of kept) console[name] = method as typeof console.log;
  }
  return heard;
}

/** Runs every drill under each of the failures, one after the other on the same payment. */
async function requireCleanEndings(
  stage: Stage,
  needles: readonly string[],
  failures: readonly Failure[],
): Promise<void> {
  for (const drill of await drillsOf(stage)) {
    const ready = await drill.ready();
    for (const { what, arrange } of failures) {
      const client = stage.connect();
      if (!arrange(client)) continue;
      const refs: Ref<Noun>[] = [];
      const onPrepared = async (ref: Ref<Noun>) => void refs.push(ref);
      const ending = await attempt(() => ready.call(client, { onPrepared }));
      stage.site.faults.clear();
      const where = `${drill.where} after ${what} (${wordsOf(ending)})`;
      requireClean(client, { ending: ending.result ?? ending.error, refs }, { needles, where });
    }
  }
}

type Carried = { readonly card?: Card };

/** Calls that pass a card on: each is made, and what it sent and left behind is looked at. */
function cardCalls(stage: Stage) {
  const { signUp: consents = [], pay: orders = [] } =
    stage.client.channel.capabilities.scenes ?? {};
  const calls: { where: string; card: Card | undefined; call(client: Client): Promise<unknown> }[] =
    [];
  if (orders.includes('card')) {
    const request = orderFor(stage, { scene: 'card' });
    const { card } = request as Carried;
    calls.push({ where: 'pay (card)', card, call: (client) => pay(client, request) });
  }
  if (consents.includes('card')) {
    const request = signUpFor(stage, 'card');
    const { card } = request as unknown as Carried;
    calls.push({ where: 'signUp (card)', card, call: (client) => signUp(client, request) });
  }
  if (consents.includes('otp')) {
    const request = signUpFor(stage, 'otp');
    const { card } = request as unknown as Carried;
    calls.push({
      where: 'signUp and confirmSignUp (otp)',
      card,
      async call(client) {
        const { ref: agreement } = await signUp(client, request);
        const otp = secret('123456');
        const confirm = verbOf(client.channel, 'confirmSignUp');
        const withCard = card === undefined ? {} : { card };
        return attempt(() => confirm({ agreement, otp, ...withCard }));
      },
    });
  }
  return calls;
}

export const secrecyLaws: readonly Law[] = [
  {
    id: 'SECRET-01',
    sentence: 'No secret stands in a result, a reference, a log, the channel object or the journal',
    why: 'these are stored, printed and sent to support: a key in them is a key given away',
    level: 2,
    verbs: ['pay'],
    async run(stage) {
      const needles = secretsOf(stage);
      const honest = { what: 'an honest reply', arrange: () => true } as const;
      await requireCleanEndings(stage, needles, [honest]);
      for (const scene of stage.scenes) {
        const client = stage.connect();
        const ending = await pay(client, orderFor(stage, { scene }));
        const where = `pay (${scene})`;
        requireClean(client, { ending, refs: [ending.ref] }, { needles, where });
        requireHidden(client.channel, needles, 'the channel object');
      }
      for (const message of stage.heard) {
        const { receive } = stage.client.channel;
        if (receive === undefined) break;
        const ending = await attempt(() => receive.call(stage.client.channel, message));
        const left = { ending: ending.result ?? ending.error, refs: [] };
        requireClean(stage.client, left, { needles, where: 'receive' });
      }
      requireHidden(journalOf(stage), needles, "the site's journal");
    },
  },
  {
    id: 'SECRET-02',
    sentence: 'No secret stands in an error or a log, however a call fails',
    why: 'errors are where requests get printed, and outages are when everybody reads them',
    level: 2,
    verbs: ['pay'],
    async run(stage) {
      const needles = secretsOf(stage);
      await requireCleanEndings(stage, needles, [...failuresOf(stage), ...confessions]);
      requireHidden(journalOf(stage), needles, "the site's journal");
    },
  },
  {
    id: 'SECRET-03',
    sentence: 'A request or configuration that is refused is not repeated in what refuses it',
    why: 'a card number in the wrong member ends up in the log of every server on the way',
    level: 1,
    verbs: ['pay'],
    async run(stage) {
      const { client, site, subject } = stage;
      const needles = needlesOf([cardNumber]);
      for (const [what, request, options] of indiscretions(stage)) {
        const ending = await attempt(() => pay(client, request, options));
        const where = `pay with a card's number as ${what}`;
        requireClean(client, { ending: ending.error, refs: [] }, { needles, where });
      }
      const secrets = needlesOf(subject.secrets?.(site) ?? []);
      for (const { what, credentials } of subject.samples?.invalidCredentials?.(site) ?? []) {
        const [scene = 'qr'] = stage.scenes;
        const make = async () => stage.connect({ credentials });
        const ending = await attempt(async () => pay(await make(), orderFor(stage, { scene })));
        requireHidden(ending.error, secrets, `a channel made with ${what}`);
      }
    },
  },
  {
    id: 'SECRET-04',
    sentence: 'A channel prints nothing: what it has to say goes to the logger it was given',
    why: 'a line on the console passes by every filter that was set up for the log',
    level: 2,
    verbs: ['pay'],
    async run(stage) {
      const drills = await drillsOf(stage);
      const heard = await printedWhile(async () => {
        for (const drill of drills) {
          const ready = await drill.ready();
          const client = stage.connect();
          await attempt(() => ready.call(client));
          client.spy.plan(interventions.dropReply);
          await attempt(() => ready.call(client));
        }
      });
      assert.deepEqual(heard, [], 'something was printed to the console');
    },
  },
  {
    id: 'SECRET-05',
    sentence: 'Card data crosses the wire hidden, and is left behind nowhere',
    why: 'a card number that a proxy can read is one that somebody sells',
    level: 2,
    verbs: ['pay'],
    async run(stage) {
      const calls = cardCalls(stage);
      if (calls.length === 0) notApplicable('no card passes through this channel');
      for (const { where, card, call } of calls) {
        if (card === undefined) notApplicable('the subject names no card');
        const client = stage.connect();
        const ending = await attempt(() => call(client));
        assert.ok(client.spy.exchanges.length > 0, `${where}: nothing was sent`);
        for (const { request } of client.spy.exchanges) requireCardHidden(request, card, where);
        const needles = needlesOf([revealText(card.number)]);
        requireClean(
          client,
          { ending: ending.result ?? ending.error, refs: [] },
          { needles, where },
        );
      }
    },
  },
];
