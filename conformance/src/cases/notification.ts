/** conformance · notification: laws of what the channel pushes - verified, told once, never lost. */
import assert from 'node:assert/strict';
import {
  epochMsOf,
  type Fact,
  type Incoming,
  instantOf,
  type Notification,
  type Verdict,
} from '@polyrail/core';
import {
  type Attempt,
  arm,
  attempt,
  gist,
  type Paid,
  paidOrder,
  query,
  requireError,
  struck,
  truthOf,
  verbOf,
  wordsOf,
} from '../acts.ts';
import { type Forgery, flips, garbage, omissions, weakened } from '../forgeries.ts';
import { type Law, notApplicable } from '../law.ts';
import { requirePlain } from '../plain.ts';
import type { Client, Stage } from '../stage.ts';
import { probeLaw } from './notification-probe.ts';

const receive = (client: Client, message: Incoming, options?: { receivedAt: string }) =>
  attempt(() => verbOf(client.channel, 'receive')(message, options));

const acknowledge = (client: Client, verdict: Verdict) =>
  verbOf(client.channel, 'acknowledge')(verdict);

const hourMs = 3_600_000;

/** A fault that strikes notifications and nothing else. */
function armPush(stage: Stage, fault: string, details: object = {}): void {
  const operation = stage.subject.samples?.operations?.receive;
  if (operation === undefined) notApplicable('the samples name no operation of notifications');
  arm(stage, fault, { operation, ...details });
}

/** A payment and the notifications that came of it. */
async function pushed(stage: Stage): Promise<{ paid: Paid; messages: readonly Incoming[] }> {
  const before = stage.heard.length;
  const paid = await paidOrder(stage);
  await stage.settled();
  return { paid, messages: stage.heard.slice(before) };
}

/** The genuine notification of a payment, which must come without being asked for. */
async function genuine(stage: Stage): Promise<{ paid: Paid; message: Incoming }> {
  const { paid, messages } = await pushed(stage);
  const [message] = messages;
  assert.ok(message, 'no notification came of a payment that named a notify URL');
  return { paid, message };
}

const factsOf = ({ result }: Attempt<Notification>): readonly Fact[] => result?.facts ?? [];

const isAbout = ({ noun, ref }: Fact, { id }: Paid): boolean =>
  noun === 'payment' && ref.merchantId === id;

function requirePayment(ending: Attempt<Notification>, paid: Paid, where: string): Fact {
  const fact = factsOf(ending).find((one) => isAbout(one, paid));
  assert.ok(fact, `${where}: ${wordsOf(ending)} tells nothing of payment ${paid.id}`);
  assert.equal(fact.status, 'succeeded', `${where}: told as ${fact.status}`);
  return fact;
}

const refusals = ['NOTIFICATION_UNVERIFIED', 'NOTIFICATION_STALE', 'NOTIFICATION_FOREIGN'];

const tellings = (ending: Attempt<Notification>): string =>
  JSON.stringify(factsOf(ending).map(({ raw: _raw, ...fact }) => fact));

/** None of these forgeries may tell anything but what the genuine message tells. */
async function requireForgeriesRefused(
  stage: Stage,
  forge: (reply: Parameters<typeof omissions>[0]) => readonly Forgery[],
): Promise<void> {
  const { message } = await genuine(stage);
  const receivedAt = instantOf(stage.site.clock.now());
  const honest = tellings(await receive(stage.client, message, { receivedAt }));
  const named = Object.entries(message.headers).map(([name, value = '']) => [name, value]);
  const reply = { status: 200, headers: Object.fromEntries(named), body: message.body };
  for (const { what, reply: forged } of forge(reply)) {
    const spoilt = { ...message, headers: forged.headers, body: forged.body };
    const ending = await receive(stage.client, spoilt, { receivedAt });
    const same = ending.error === undefined && tellings(ending) === honest;
    if (!same) requireError(ending, refusals, `a notification with ${what}`);
  }
}

/** One honest message struck by a fault; every message that came is refused with this code. */
async function requireStruckRefused(stage: Stage, fault: string, code: string): Promise<void> {
  armPush(stage, fault);
  const { messages } = await pushed(stage);
  if (!struck(stage, fault)) notApplicable(`${fault} did not come to bear on a notification`);
  assert.ok(messages.length > 0, `no notification came with ${fault}`);
  for (const message of messages) {
    requireError(await receive(stage.client, message), [code], `a notification with ${fault}`);
  }
}

const encoder = new TextEncoder();
const pollution = '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}';
const junk: Readonly<Record<string, Uint8Array>> = {
  'no body': new Uint8Array(),
  'one byte': new Uint8Array([0xff]),
  'no text': new Uint8Array([0xfe, 0xff, 0x00, 0x81, 0x30, 0x81]),
  'an empty object': encoder.encode('{}'),
  'JSON that ends early': encoder.encode('{"a":'),
  'a prototype in JSON': encoder.encode(pollution),
  'a prototype in a form': encoder.encode('__proto__=1&__proto__.polluted=yes&sign=AAAA'),
  'an XML entity': encoder.encode('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
  'a percent sign alone': encoder.encode('a=%&b=%zz&sign=%E4%B8'),
  'deeply nested JSON': encoder.encode('['.repeat(20_000)),
  'two megabytes': new Uint8Array(2 * 1024 * 1024).fill(0x61),
};

/** How often a message comes when each delivery is answered like this. */
async function deliveriesUntil(stage: Stage, verdictOf: (n: Notification) => Verdict) {
  const told: string[] = [];
  stage.site.listen(async (message) => {
    const { result } = await receive(stage.client, message);
    assert.ok(result, `delivery ${told.length + 1} was not received`);
    told.push(...result.facts.map(({ ref }) => ref.merchantId));
    return acknowledge(stage.client, verdictOf(result));
  });
  const { id } = await paidOrder(stage);
  const ladderMs = stage.client.channel.capabilities.notificationLadderMs ?? [];
  for (const gapMs of ladderMs) await stage.site.clock.advance(gapMs);
  await stage.site.clock.advance(hourMs);
  const count = told.filter((about) => about === id).length;
  return { count, ladder: ladderMs.length };
}

export const notificationLaws: readonly Law[] = [
  {
    id: 'NOTE-01',
    sentence: 'What is pushed and what is queried tell the same, member by member',
    why: 'two truths about one payment are a reconciliation that never ends',
    level: 2,
    verbs: ['pay', 'query', 'receive'],
    async run(stage) {
      const { paid, message } = await genuine(stage);
      const ending = await receive(stage.client, message);
      const fact = gist(requirePayment(ending, paid, 'the notification of a payment'));
      const found = gist(await query(stage.client, paid.ref));
      for (const [member, told] of Object.entries(fact)) {
        const asked = found[member];
        if (told === undefined || asked === undefined) continue;
        assert.deepEqual(told, asked, `${member}: pushed ${told}, queried ${asked}`);
      }
      assert.deepEqual(fact['amount'], paid.amount, 'the amount of the pushed payment');
      requirePlain(ending.result, 'the notification');
    },
  },
  {
    id: 'NOTE-02',
    sentence: 'A notification with any byte changed is refused, or tells the very same',
    why: 'whoever turns one digit of an amount ships goods for a cent',
    level: 2,
    verbs: ['pay', 'receive'],
    run: (stage) => requireForgeriesRefused(stage, (reply) => flips(reply, stage.dice)),
  },
  {
    id: 'NOTE-03',
    sentence: 'A notification with parts left out, doubled, added or weakened is refused',
    why: 'parsers disagree about such messages, and forgers read all of them',
    level: 2,
    verbs: ['pay', 'receive'],
    run: (stage) =>
      requireForgeriesRefused(stage, (reply) => [
        ...omissions(reply, stage.dice),
        ...garbage(reply, stage.dice),
        ...weakened(reply, stage.dice),
      ]),
  },
  {
    id: 'NOTE-04',
    sentence: 'A wrong signature, or a right one by the wrong key, is NOTIFICATION_UNVERIFIED',
    why: 'the notify URL is public: anybody may write to it',
    level: 3,
    verbs: ['pay', 'receive'],
    async run(stage) {
      await requireStruckRefused(stage, 'bad-signature', 'NOTIFICATION_UNVERIFIED');
      stage.site.faults.clear();
      await requireStruckRefused(stage, 'foreign-signature', 'NOTIFICATION_UNVERIFIED');
    },
  },
  {
    id: 'NOTE-05',
    sentence: 'A forged notification is refused, and the genuine one beside it is heard',
    why: 'a forger who is faster than the channel must not win, nor silence it',
    level: 3,
    verbs: ['pay', 'receive'],
    async run(stage) {
      armPush(stage, 'forged-notification');
      const { paid, messages } = await pushed(stage);
      if (!struck(stage, 'forged-notification')) notApplicable('nothing was forged');
      const endings = await Promise.all(messages.map((one) => receive(stage.client, one)));
      const heard = endings.filter(({ error }) => error === undefined);
      const refused = endings.filter(({ error }) => error !== undefined);
      assert.equal(refused.length, 1, `of ${messages.length} messages ${refused.length} refused`);
      for (const ending of refused) {
        requireError(ending, ['NOTIFICATION_UNVERIFIED'], 'the forged notification');
      }
      const [ending] = heard;
      assert.ok(ending, 'the genuine notification was refused as well');
      requirePayment(ending, paid, 'the genuine notification');
    },
  },
  {
    id: 'NOTE-06',
    sentence: 'A genuine notification that is too old is NOTIFICATION_STALE',
    why: 'who recorded one may play it again after the refund',
    level: 3,
    verbs: ['pay', 'receive'],
    alone: true,
    async run(stage) {
      const { paid, message } = await genuine(stage);
      const receivedAt = instantOf(stage.site.clock.now());
      await stage.site.clock.advance(400 * 24 * hourMs);
      const late = await receive(stage.client, message);
      requireError(late, ['NOTIFICATION_STALE'], 'a notification of more than a year ago');
      const inTime = await receive(stage.client, message, { receivedAt });
      requirePayment(inTime, paid, 'the same one with the time at which it was received');
    },
  },
  {
    id: 'NOTE-07',
    sentence: 'A notification that comes twice carries the same event and the same facts',
    why: 'it will come twice: without a common name it is booked twice',
    level: 3,
    verbs: ['pay', 'receive'],
    async run(stage) {
      armPush(stage, 'duplicate-notification');
      const { messages } = await pushed(stage);
      if (messages.length < 2) notApplicable('the site does not repeat notifications');
      const endings = await Promise.all(messages.map((one) => receive(stage.client, one)));
      const events = new Set(endings.map(({ result }) => result?.eventId));
      assert.equal(events.size, 1, `the repetitions name events ${[...events].join(', ')}`);
      assert.ok(!events.has(undefined), 'the event has no name');
      const told = new Set(endings.map(tellings));
      assert.equal(told.size, 1, `the repetitions tell ${[...told].join(' and ')}`);
    },
  },
  {
    id: 'NOTE-08',
    sentence: 'A success that is told after the order was closed is heard as what it is',
    why: 'late money that is dropped belongs to nobody',
    level: 3,
    verbs: ['pay', 'close', 'receive'],
    alone: true,
    async run(stage) {
      const delayMs = 10 * 60_000;
      armPush(stage, 'late-notification', { delayMs });
      const { paid, messages } = await pushed(stage);
      if (messages.length > 0) notApplicable('the site tells a payment twice');
      await attempt(() => verbOf(stage.client.channel, 'close')(paid.ref));
      const before = stage.heard.length;
      await stage.site.clock.advance(delayMs);
      const endings = await Promise.all(
        stage.heard.slice(before).map((message) => receive(stage.client, message)),
      );
      const ending = endings.find((one) => factsOf(one).some((fact) => isAbout(fact, paid)));
      assert.ok(ending, 'the late notification never came, or was refused');
      requirePayment(ending, paid, 'a notification after the order was closed');
    },
  },
  {
    id: 'NOTE-09',
    sentence: 'Whatever is posted to the merchant, receive refuses it and breaks nothing',
    why: 'the address is public, and a crash there is an outage anybody can cause',
    level: 1,
    verbs: ['receive'],
    async run(stage) {
      for (const [what, body] of Object.entries(junk)) {
        const headers = { 'content-type': 'application/x-www-form-urlencoded' };
        for (const message of [
          { headers: {}, body },
          { method: 'POST', headers, body },
        ]) {
          const ending = await receive(stage.client, message);
          requireError(ending, ['NOTIFICATION_UNVERIFIED'], `a message with ${what}`);
        }
        assert.ok(!('polluted' in {}), `a message with ${what} changed every object`);
      }
    },
  },
  {
    id: 'NOTE-10',
    sentence: 'A body that somebody has parsed already is REQUEST_INVALID',
    why: 'the signature covers bytes: what a framework made of them verifies never, or wrongly',
    level: 1,
    verbs: ['receive'],
    async run(stage) {
      for (const body of ['a=b', { a: 'b' }, undefined, null, [97]]) {
        const message = { headers: {}, body } as never;
        const error = requireError(
          await receive(stage.client, message),
          ['REQUEST_INVALID'],
          `receive with a body of type ${typeof body}`,
        );
        assert.match(String(error.field), /body/, `the error blames ${error.field}`);
      }
    },
  },
  {
    id: 'NOTE-11',
    sentence: 'The channel hears yes when a notification is stored, and stops telling it',
    why: 'an answer it does not understand brings the same message for a day',
    level: 2,
    verbs: ['pay', 'receive', 'acknowledge'],
    alone: true,
    async run(stage) {
      const { count } = await deliveriesUntil(stage, (notification) => ({ stored: notification }));
      assert.equal(count, 1, `stored and acknowledged, and delivered ${count} times`);
    },
  },
  {
    id: 'NOTE-12',
    sentence: 'The channel hears no when one is refused or wanted again, and tells it again',
    why: 'a yes said before it was stored is a payment nobody will hear of',
    level: 2,
    verbs: ['pay', 'receive', 'acknowledge'],
    alone: true,
    unless: ({ capabilities }) =>
      (capabilities.notificationLadderMs ?? []).length === 0 ? 'it repeats nothing' : undefined,
    async run(stage) {
      const verdicts: readonly Verdict[] = [
        { again: new Error('the database is down') },
        { refused: new Error('not ours') },
      ];
      for (const verdict of verdicts) {
        const { count, ladder } = await deliveriesUntil(stage, () => verdict);
        const [word] = Object.keys(verdict);
        assert.equal(count, ladder + 1, `answered ${word}: delivered ${count} times`);
      }
    },
  },
  {
    id: 'NOTE-13',
    sentence: 'Only a notification that receive returned can be acknowledged as stored',
    why: 'what never passed the checks must not be answered with yes by mistake',
    level: 2,
    verbs: ['pay', 'receive', 'acknowledge'],
    async run(stage) {
      const { message } = await genuine(stage);
      const { result } = await receive(stage.client, message);
      assert.ok(result, 'the genuine notification was refused');
      const imitations = [{ ...result }, structuredClone({ facts: [] }), {}, undefined, 'yes'];
      for (const stored of imitations) {
        const verdict = { stored } as never;
        const ending = await attempt(async () => acknowledge(stage.client, verdict));
        requireError(ending, ['REQUEST_INVALID'], 'acknowledging an imitation as stored');
      }
      assert.equal(typeof acknowledge(stage.client, { stored: result }).status, 'number');
    },
  },
  {
    id: 'NOTE-14',
    sentence: 'Receiving a notification sends nothing that moves, and changes nothing',
    why: 'whoever can post a message could otherwise make us act',
    level: 2,
    verbs: ['pay', 'receive'],
    async run(stage) {
      const { paid, message } = await genuine(stage);
      const client = stage.connect();
      const before = await truthOf(stage, paid.id);
      const ending = await receive(client, message);
      requirePayment(ending, paid, 'a notification received by another channel object');
      assert.deepEqual(await truthOf(stage, paid.id), before, 'the book changed');
      const posted = client.spy.exchanges.filter(({ request }) => request.method !== 'GET');
      assert.equal(posted.length, 0, 'receive sent something');
      const { sentAt, receivedAt } = ending.result ?? {};
      assert.ok(epochMsOf(receivedAt ?? ''), `receivedAt: ${receivedAt}`);
      assert.ok(sentAt === undefined || epochMsOf(sentAt), `sentAt: ${sentAt}`);
    },
  },
  probeLaw,
];
