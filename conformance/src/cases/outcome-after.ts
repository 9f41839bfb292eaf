/** conformance · outcome, after the first byte: what was not heard is unknown, never failed. */
import assert from 'node:assert/strict';
import { type Clock, type Logger, PolyrailError, type Transport } from '@polyrail/core';
import { arm, attempt, struck, truthOf, wordsOf } from '../acts.ts';
import { giveUp, movingDrills, requireUnknown, sentBy, settledOf } from '../calls.ts';
import type { Ready } from '../drills.ts';
import { moment } from '../instruments.ts';
import { type Law, notApplicable } from '../law.ts';
import { cutAt, edited, type Intervention, interventions, served } from '../spy.ts';
import type { Client, Stage } from '../stage.ts';

/** Runs one moving call with its first exchange spoilt. */
async function spoilt(ready: Ready, client: Client, intervention: Intervention) {
  client.spy.plan(intervention);
  const where = ready.where;
  return settledOf(
    attempt(() => ready.call(client)),
    where,
  );
}

const html = (text: string): Uint8Array => new TextEncoder().encode(`<html>${text}</html>`);

/** Errors from in front of the channel, some of them with the channel's own answer attached. */
const serverErrors: Readonly<Record<string, Intervention>> = {
  '503, nothing done': served({ status: 503, headers: {}, body: html('Service Unavailable') }),
  '502 without a body': served({ status: 502, headers: {}, body: new Uint8Array() }),
  '500 after the work was done': edited(() => ({ status: 500, body: html('Internal error') })),
  '504 with the body of a success': edited(() => ({ status: 504 })),
};

const elsewhere = 'http://elsewhere.invalid/';
const redirects: Readonly<Record<string, Intervention>> = Object.fromEntries(
  [301, 302, 307, 308].map((status) => {
    const reply = { status, headers: { location: elsewhere }, body: new Uint8Array() };
    return [String(status), served(reply)];
  }),
);

/** Most that a body without end gives to who goes on reading. */
const floodChunks = 1024;
const floodChunk = new Uint8Array(64 * 1024).fill(0x20);

/** A body without end; counts what was read. Keeps to the cap the caller named, as transports do. */
function flooding(count: { chunks: number }): Intervention {
  return async ({ forward, exchange }) => {
    const reply = await forward();
    const cap = exchange.options.maxBodyBytes ?? Number.POSITIVE_INFINITY;
    async function* endless() {
      while (count.chunks < floodChunks && count.chunks * floodChunk.length <= cap) {
        count.chunks += 1;
        yield floodChunk;
      }
      throw new PolyrailError('REPLY_UNREADABLE', 'The body is longer than allowed');
    }
    return { ...reply, body: endless() };
  };
}

/** What a careless transport rejects with once the request is on its way. */
const strangers: readonly (readonly [what: string, thrown: unknown])[] = [
  ['a TypeError', new TypeError('socket is undefined')],
  ['nothing', undefined],
  ['a text', 'ECONNRESET'],
  ['null', null],
];

const rejecting =
  (thrown: unknown): Intervention =>
  async ({ forward }) => {
    await forward();
    throw thrown;
  };

const breakingBody: Intervention = async ({ forward }) => {
  const reply = await forward();
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield reply.body.subarray(0, 1);
    throw new RangeError('inflate: invalid distance');
  }
  return { ...reply, body: broken() };
};

const noReplyAtAll: Intervention = async ({ forward }) => {
  await forward();
  return undefined as never;
};

const brokenLog = (): never => {
  throw new Error('the log is full');
};
const brokenLogger: Logger = {
  debug: brokenLog,
  info: brokenLog,
  warn: brokenLog,
  error: brokenLog,
};
const rejectingLogger = Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map((level) => [
    level,
    () => Promise.reject(new Error('the log is gone')),
  ]),
) as unknown as Logger;

/** A clock that fails from the first byte of a request on. */
function failingClock(clock: Clock, transport: Transport) {
  let failed = false;
  const failing: Clock = {
    now() {
      if (failed) throw new Error('the clock stopped');
      return clock.now();
    },
    schedule: (delayMs, task) => clock.schedule(delayMs, task),
  };
  const watching: Transport = {
    exchange: (request, options = {}) =>
      transport.exchange(request, {
        ...options,
        onFirstByte() {
          options.onFirstByte?.();
          failed = true;
        },
      }),
  };
  return { clock: failing, transport: watching };
}

/** Whatever breaks around a call, it ends with a result. */
async function requireResult(stage: Stage, context: object, what: string): Promise<void> {
  for (const drill of await movingDrills(stage)) {
    const ready = await drill.ready();
    const client = stage.connect({ context });
    const where = `${ready.where} with ${what}`;
    const ending = await settledOf(
      attempt(() => ready.call(client)),
      where,
    );
    const { status } = (ending.result ?? {}) as { status?: unknown };
    const fine = ['succeeded', 'pending', 'unknown'];
    assert.ok(fine.includes(status as string), `${where}: ${wordsOf(ending)}`);
  }
}

/** A fault of the site that turns a request away: nothing may have moved, nothing is decided. */
async function requireTurnedAway(stage: Stage, fault: string): Promise<number> {
  let seen = 0;
  for (const drill of await movingDrills(stage)) {
    const ready = await drill.ready();
    const before = await truthOf(stage, ready.id);
    const client = stage.connect();
    arm(stage, fault);
    const ending = await attempt(() => ready.call(client));
    const hit = struck(stage, fault);
    stage.site.faults.clear();
    if (!hit) continue;
    seen += 1;
    const words = wordsOf(ending);
    const where = `${ready.where} with ${fault}: ${words}`;
    assert.ok(words === 'throws REFUSED' || words.startsWith('unknown'), where);
    assert.deepEqual(await truthOf(stage, ready.id), before, `${where}, yet the book changed`);
  }
  return seen;
}

/** The same call again under the same id: it may tell more, it must not move more. */
async function requireOnce(stage: Stage, ready: Ready, where: string): Promise<void> {
  const first = await truthOf(stage, ready.id);
  await attempt(() => ready.call(stage.connect(), { repeat: true }));
  const { debits, paid, refunds, refunded } = await truthOf(stage, ready.id);
  assert.ok(debits <= 1, `${where}, repeated under the same id: ${debits} debits`);
  assert.ok(refunded <= paid, `${where}, repeated: ${refunded} given back of ${paid}`);
  const moved = first.debits + first.refunds > 0;
  if (!moved) return;
  const both = [first.debits, first.refunds];
  assert.deepEqual([debits, refunds], both, `${where}, repeated: moved once more`);
}

export const outcomeAfterLaws: readonly Law[] = [
  {
    id: 'OUT-07',
    sentence: 'A request that was lost on its way is unknown, never failed',
    why: 'from here it looks like a lost reply, and then the payer was charged',
    level: 2,
    async run(stage) {
      for (const drill of await movingDrills(stage)) {
        const ready = await drill.ready();
        const client = stage.connect();
        const ending = await spoilt(ready, client, interventions.dropRequest);
        requireUnknown(ending, `${ready.where}, request lost`);
        assert.equal(wordsOf(ending), 'unknown/no-reply', `${ready.where}, request lost`);
      }
    },
  },
  {
    id: 'OUT-08',
    sentence: 'A lost reply is unknown, and the same call again under its id moves nothing twice',
    why: 'done but unheard is the case that loses money: whoever retries blindly pays twice',
    level: 2,
    async run(stage) {
      for (const drill of await movingDrills(stage)) {
        const ready = await drill.ready();
        const where = `${ready.where}, reply lost`;
        requireUnknown(await spoilt(ready, stage.connect(), interventions.dropReply), where);
        await requireOnce(stage, ready, where);
      }
    },
  },
  {
    id: 'OUT-09',
    sentence: 'A call given up after its first byte returns unknown at once',
    why: 'a deadline says that we stopped waiting, not that the channel stopped working',
    level: 2,
    async run(stage) {
      const places = { head: interventions.hangAfter, body: interventions.hangInBody };
      for (const drill of await movingDrills(stage)) {
        for (const [place, intervention] of Object.entries(places)) {
          for (const how of ['deadline', 'abort'] as const) {
            const ready = await drill.ready();
            const client = stage.connect();
            client.spy.plan(intervention);
            const where = `${ready.where}, ${how} while waiting for the ${place} of the reply`;
            requireUnknown(await giveUp(stage, { ready, client, how }, where), where);
          }
        }
      }
    },
  },
  {
    id: 'OUT-10',
    sentence: 'A server error is unknown, whatever stands in its body',
    why: 'a gateway that gives up says nothing about the payment behind it',
    level: 2,
    async run(stage) {
      for (const drill of await movingDrills(stage)) {
        for (const [what, intervention] of Object.entries(serverErrors)) {
          const ready = await drill.ready();
          const ending = await spoilt(ready, stage.connect(), intervention);
          requireUnknown(ending, `${ready.where}, HTTP ${what}`);
        }
      }
    },
  },
  {
    id: 'OUT-11',
    sentence: 'A reply cut off at any byte is unknown',
    why: 'half an answer may be the half that leaves out the refusal, or the success',
    level: 2,
    async run(stage) {
      for (const drill of await movingDrills(stage)) {
        const seen = stage.connect();
        await attempt(async () => (await drill.ready()).call(seen));
        const length = seen.spy.exchanges[0]?.reply?.body.length ?? 0;
        const cuts = new Set([0, 1, length - 1, ...stage.dice.sample(4, length)]);
        for (const cut of cuts) {
          const ready = await drill.ready();
          const ending = await spoilt(ready, stage.connect(), cutAt(cut));
          requireUnknown(ending, `${ready.where}, cut after ${cut} bytes`);
        }
      }
    },
  },
  {
    id: 'OUT-12',
    sentence: 'A reply without end is unknown, and is not read to the end',
    why: 'one endless answer must not fill the memory of everybody who pays',
    level: 2,
    async run(stage) {
      for (const drill of await movingDrills(stage)) {
        const ready = await drill.ready();
        const client = stage.connect();
        const count = { chunks: 0 };
        const ending = await spoilt(ready, client, flooding(count));
        requireUnknown(ending, `${ready.where}, a reply without end`);
        const megabytes = (count.chunks * floodChunk.length) / 1024 ** 2;
        assert.ok(count.chunks < floodChunks, `${ready.where}: read all ${megabytes} MiB of it`);
      }
    },
  },
  {
    id: 'OUT-13',
    sentence: 'A redirect is not followed, and leaves the call unknown',
    why: 'a signed payment sent to whoever a stranger points at is given away',
    level: 2,
    async run(stage) {
      for (const drill of await movingDrills(stage)) {
        for (const [status, intervention] of Object.entries(redirects)) {
          const ready = await drill.ready();
          const client = stage.connect();
          const where = `${ready.where}, redirected with ${status}`;
          requireUnknown(await spoilt(ready, client, intervention), where);
          const followed = client.spy.exchanges.some(({ request }) =>
            request.url.startsWith(elsewhere),
          );
          assert.ok(!followed, `${where}: followed`);
        }
      }
    },
  },
  {
    id: 'OUT-14',
    sentence: 'A rate limit or maintenance is refused or unknown, never failed, and moves nothing',
    why: 'try again later says nothing about the payment: taken for no, an order is lost',
    level: 3,
    async run(stage) {
      const limited = await requireTurnedAway(stage, 'rate-limit');
      const maintained = await requireTurnedAway(stage, 'maintenance');
      if (limited + maintained === 0) notApplicable('neither fault came to bear on a call');
    },
  },
  {
    id: 'OUT-15',
    sentence: 'One call is sent once, whatever comes back, and never again by itself',
    why: 'a retry that nobody decided on is a second payment that nobody stored',
    level: 2,
    async run(stage) {
      const { dropRequest, dropReply, refuse } = interventions;
      const unavailable = serverErrors['503, nothing done'] as Intervention;
      const ways = { dropRequest, dropReply, refuse, unavailable, cut: cutAt(3) };
      for (const drill of await movingDrills(stage)) {
        for (const [way, intervention] of Object.entries(ways)) {
          const ready = await drill.ready();
          const client = stage.connect();
          client.spy.plan(intervention, { times: 20 });
          await settledOf(
            attempt(() => ready.call(client)),
            ready.where,
          );
          await stage.site.clock.advance(120_000);
          await moment();
          const { length } = client.spy.exchanges;
          const where = `${ready.where} with ${way}`;
          assert.equal(length, 1, `${where}: ${length} exchanges, ${sentBy(client)} of them sent`);
        }
      }
    },
  },
  {
    id: 'OUT-16',
    sentence: 'A defect after the first byte leaves the call unknown: nothing is thrown any more',
    why: 'an exception says to the merchant that nothing happened, and the payer was charged',
    level: 2,
    async run(stage) {
      const ways = new Map(strangers.map(([what, thrown]) => [what, rejecting(thrown)]));
      ways.set('a body that throws', breakingBody).set('no reply object', noReplyAtAll);
      for (const drill of await movingDrills(stage)) {
        for (const [what, intervention] of ways) {
          const ready = await drill.ready();
          const ending = await spoilt(ready, stage.connect(), intervention);
          requireUnknown(ending, `${ready.where}, the transport rejecting with ${what}`);
        }
      }
    },
  },
  {
    id: 'OUT-17',
    sentence: 'A log that fails or a clock that stops does not change what became of a call',
    why: 'a full disk must not turn a payment that was made into one that was not',
    level: 2,
    async run(stage) {
      await requireResult(stage, { logger: brokenLogger }, 'a logger that throws');
      await requireResult(stage, { logger: rejectingLogger }, 'a logger that rejects');
      for (const drill of await movingDrills(stage)) {
        const ready = await drill.ready();
        const context = failingClock(stage.site.clock, stage.site.transport);
        const where = `${ready.where} with a clock that stops at the first byte`;
        const client = stage.connect({ context });
        const ending = await settledOf(
          attempt(() => ready.call(client)),
          where,
        );
        assert.equal(ending.error, undefined, `${where}: ${wordsOf(ending)}`);
      }
    },
  },
];
