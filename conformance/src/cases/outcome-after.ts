/** conformance · outcome, after the first byte: what was not heard is unknown, never failed. */
import assert from 'node:assert/strict';
import { type Noun, PolyrailError, type Ref } from '@polyrail/core';
import { arm, attempt, struck, wordsOf } from '../acts.ts';
import { movingTarget, type Target } from '../aim.ts';
import { excessOf, movesOf, type Picture, pictureOf } from '../book.ts';
import { giveUp, movingDrills, requireUnknown, settledOf, spoilt, waysToGiveUp } from '../calls.ts';
import { type Drill, type Ready, shareOf } from '../drills.ts';
import { askedAbout, canAsk } from '../inquiry.ts';
import { moment } from '../instruments.ts';
import { type Law, notApplicable } from '../law.ts';
import { cutAt, edited, type Intervention, interventions, served } from '../spy.ts';
import type { Client, Stage } from '../stage.ts';

const html = (text: string): Uint8Array => new TextEncoder().encode(`<html>${text}</html>`);
const nothing = new Uint8Array();

/** Errors from in front of the channel, some of them with the channel's own answer attached. */
const serverErrors: Readonly<Record<string, Intervention>> = {
  '503, nothing done': served({ status: 503, headers: {}, body: html('Service Unavailable') }),
  '502 without a body': served({ status: 502, headers: {}, body: nothing }),
  '500 after the work was done': edited(() => ({ status: 500, body: html('Internal error') })),
  '599 of nobody': served({ status: 599, headers: {}, body: nothing }),
  ...Object.fromEntries(
    [500, 501, 502, 503, 504, 520].map((status) => [
      `${status} with the body of a success`,
      edited(() => ({ status })),
    ]),
  ),
};

const elsewhere = 'http://elsewhere.invalid/';

/** Replies that point somewhere: at a stranger, and back at where the request went. */
function redirects(): readonly (readonly [what: string, Intervention])[] {
  const strange = [300, 301, 302, 303, 307, 308].map((status) => {
    const reply = { status, headers: { location: elsewhere }, body: nothing };
    return [`${status} to elsewhere`, served(reply)] as const;
  });
  const back = [302, 307, 308].map((status) => {
    const again: Intervention = (crossing) => {
      const { url } = crossing.exchange.request;
      return served({ status, headers: { location: url }, body: nothing })(crossing);
    };
    return [`${status} to itself`, again] as const;
  });
  return [...strange, ...back];
}

/** Most that a body without end gives to who goes on reading. */
const floodChunks = 1024;
const floodChunk = new Uint8Array(64 * 1024).fill(0x20);

/**
 * The honest body, and then blanks without end; counts what was read. Keeps to the cap the caller
 * named, as transports do.
 */
function flooding(count: { chunks: number }): Intervention {
  return async ({ forward, exchange }) => {
    const reply = await forward();
    const cap = exchange.options.maxBodyBytes ?? Number.POSITIVE_INFINITY;
    async function* endless() {
      yield reply.body;
      while (count.chunks < floodChunks && count.chunks * floodChunk.length <= cap) {
        count.chunks += 1;
        yield floodChunk;
      }
      throw new PolyrailError('REPLY_UNREADABLE', 'The body is longer than allowed');
    }
    return { ...reply, body: endless() };
  };
}

/** A fault of the site that turns a request away: nothing may have moved, nothing is decided. */
async function requireTurnedAway(stage: Stage, fault: string): Promise<number> {
  let seen = 0;
  for (const drill of await movingDrills(stage)) {
    const { ready, client } = await movingTarget(stage, drill);
    const before = await pictureOf(stage, ready.about);
    const operation = stage.subject.samples?.operations?.[drill.verb];
    arm(stage, fault, operation ? { operation } : {});
    const ending = await attempt(() => ready.call(client));
    const hit = struck(stage, fault);
    stage.site.faults.clear();
    if (!hit) continue;
    seen += 1;
    const words = wordsOf(ending);
    const where = `${ready.where} with ${fault}: ${words}`;
    assert.ok(words === 'throws REFUSED' || words.startsWith('unknown'), where);
    assert.deepEqual(await pictureOf(stage, ready.about), before, `${where}, yet the book changed`);
  }
  return seen;
}

const moved = (before: Picture, moves: ReturnType<typeof movesOf>): boolean =>
  JSON.stringify(movesOf(before)) !== JSON.stringify(moves);

/** The same call again under the same id: it may tell more, it must not move more. */
async function requireOnce(
  stage: Stage,
  { ready, before }: { readonly ready: Ready; readonly before: Picture },
  where: string,
): Promise<void> {
  const first = movesOf(await pictureOf(stage, ready.about));
  await attempt(() => ready.call(stage.connect(), { repeat: true }));
  const after = await pictureOf(stage, ready.about);
  const excess = excessOf(after);
  assert.equal(excess, undefined, `${where}, repeated under the same id: ${excess}`);
  if (!moved(before, first)) return;
  assert.deepEqual(movesOf(after), first, `${where}, repeated: moved once more`);
}

/** A lost reply leaves the call in doubt, asking tells the truth, and repeating moves nothing. */
async function requireDoubtResolved(stage: Stage, drill: Drill): Promise<void> {
  const at = await movingTarget(stage, drill);
  const { ready } = at;
  const where = `${drill.where}, reply lost`;
  const before = await pictureOf(stage, ready.about);
  const ending = await spoilt(at, interventions.dropReply);
  requireUnknown(ending, where);
  const after = await pictureOf(stage, ready.about);
  if (canAsk(stage.client, drill.verb)) {
    const { ref: stored } = ending.result as { ref: Ref<Noun> };
    const found = await askedAbout({ client: stage.connect(), ready, stored }, { before, after });
    assert.equal(found, undefined, `${where}: ${found}`);
  }
  await requireOnce(stage, { ready, before }, where);
}

/** What may come back without the exchange being made a second time. */
function waysNotToRepeat(): Readonly<Record<string, Intervention>> {
  const { dropRequest, dropReply, refuse, hangAfter, hangBefore } = interventions;
  const again = { 'retry-after': '1', 'content-type': 'text/html' };
  return {
    'a lost request': dropRequest,
    'a lost reply': dropReply,
    'a refused connection': refuse,
    'HTTP 503': served({ status: 503, headers: again, body: html('Service Unavailable') }),
    'HTTP 429': served({ status: 429, headers: again, body: html('Too Many Requests') }),
    'HTTP 401': served({ status: 401, headers: {}, body: nothing }),
    'HTTP 408': served({ status: 408, headers: {}, body: nothing }),
    'a reply cut off': cutAt(3),
    'headers gone': edited(() => ({ headers: {} })),
    'a deadline that passes before the first byte': hangBefore,
    'a deadline that passes after the first byte': hangAfter,
  };
}

interface Trial {
  readonly at: Target;
  readonly where: string;
}

/** One call, and everything that comes back asks for another: by a fault of the wire or the site. */
async function trialsOf(stage: Stage, drill: Drill, index: number): Promise<readonly Trial[]> {
  const trials: Trial[] = [];
  const ways = shareOf(stage, index, Object.entries(waysNotToRepeat()));
  for (const [way, intervention] of ways) {
    const at = await movingTarget(stage, drill);
    at.spoil(intervention, 20);
    const where = `${drill.where} with ${way}`;
    await giveUp(stage, { at, how: 'deadline' }, where);
    trials.push({ at, where });
  }
  for (const fault of ['rate-limit', 'maintenance']) {
    const at = await movingTarget(stage, drill);
    const where = `${drill.where} with ${fault}`;
    const armed = await attempt(async () => stage.site.faults.arm({ fault, times: 20 }));
    if (armed.error !== undefined) continue;
    await settledOf(
      attempt(() => at.ready.call(at.client)),
      where,
    );
    stage.site.faults.clear();
    trials.push({ at, where });
  }
  return trials;
}

/** How long the reply of an honest call of this drill is. */
async function lengthOfReply(stage: Stage, drill: Drill): Promise<number> {
  const at = await movingTarget(stage, drill);
  let length = 0;
  const measuring = edited(({ body }) => {
    length = body.length;
    return {};
  });
  await spoilt(at, measuring);
  return length;
}

/** Every moving drill with its exchange spoilt in every one of these ways is in doubt. */
export async function requireDoubt(
  stage: Stage,
  ways: Iterable<readonly [what: string, Intervention]>,
  check: (ending: Awaited<ReturnType<typeof spoilt>>, where: string) => void = requireUnknown,
): Promise<void> {
  const all = [...ways];
  for (const [index, drill] of (await movingDrills(stage)).entries()) {
    for (const [what, intervention] of shareOf(stage, index, all)) {
      const at = await movingTarget(stage, drill);
      check(await spoilt(at, intervention), `${drill.where}, ${what}`);
    }
  }
}

export const outcomeAfterLaws: readonly Law[] = [
  {
    id: 'OUT-07',
    sentence: 'A request that was lost on its way is unknown, never failed',
    why: 'from here it looks like a lost reply, and then the payer was charged',
    level: 2,
    run: (stage) =>
      requireDoubt(stage, [['request lost', interventions.dropRequest]], (ending, where) => {
        assert.equal(wordsOf(ending), 'unknown/no-reply', where);
      }),
  },
  {
    id: 'OUT-08',
    sentence: 'A lost reply is unknown, asking then tells the truth, and repeating moves nothing',
    why: 'done but unheard is the case that loses money: whoever retries blindly pays twice',
    level: 2,
    async run(stage) {
      for (const drill of await movingDrills(stage)) await requireDoubtResolved(stage, drill);
    },
  },
  {
    id: 'OUT-09',
    sentence: 'A call given up after its first byte returns unknown at once',
    why: 'a deadline says that we stopped waiting, not that the channel stopped working',
    level: 2,
    async run(stage) {
      const { hangAfter, hangInBody, deafAfter } = interventions;
      const places = {
        'waiting for the head of the reply': hangAfter,
        'waiting for the body of the reply': hangInBody,
        'and the whole reply comes afterwards': deafAfter,
      };
      for (const drill of await movingDrills(stage)) {
        for (const [place, intervention] of Object.entries(places)) {
          for (const how of waysToGiveUp) {
            const at = await movingTarget(stage, drill);
            at.spoil(intervention);
            const where = `${drill.where}, ${how}, ${place}`;
            requireUnknown(await giveUp(stage, { at, how }, where), where);
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
    run: (stage) =>
      requireDoubt(
        stage,
        Object.entries(serverErrors).map(([what, way]) => [`HTTP ${what}`, way] as const),
      ),
  },
  {
    id: 'OUT-11',
    sentence: 'A reply cut off at any byte is unknown',
    why: 'half an answer may be the half that leaves out the refusal, or the success',
    level: 2,
    async run(stage) {
      for (const drill of await movingDrills(stage)) {
        const length = await lengthOfReply(stage, drill);
        const cuts = new Set([0, 1, length - 1, ...stage.dice.sample(4, length)]);
        for (const cut of cuts) {
          const at = await movingTarget(stage, drill);
          requireUnknown(await spoilt(at, cutAt(cut)), `${drill.where}, cut after ${cut} bytes`);
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
        const count = { chunks: 0 };
        const at = await movingTarget(stage, drill);
        requireUnknown(await spoilt(at, flooding(count)), `${drill.where}, a reply without end`);
        const megabytes = (count.chunks * floodChunk.length) / 1024 ** 2;
        assert.ok(count.chunks < floodChunks, `${drill.where}: read all ${megabytes} MiB of it`);
      }
    },
  },
  {
    id: 'OUT-13',
    sentence: 'A redirect is not followed, and leaves the call unknown',
    why: 'a signed payment sent to whoever a stranger points at is given away',
    level: 2,
    async run(stage) {
      const followed = ({ spy }: Client) =>
        spy.exchanges.some(({ request }) => request.url.startsWith(elsewhere));
      for (const [index, drill] of (await movingDrills(stage)).entries()) {
        for (const [what, intervention] of shareOf(stage, index, redirects())) {
          const at = await movingTarget(stage, drill);
          const where = `${drill.where}, redirected with ${what}`;
          requireUnknown(await spoilt(at, intervention), where);
          assert.ok(!followed(at.client) && at.tries() <= 1, `${where}: followed`);
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
      const trials: Trial[] = [];
      for (const [index, drill] of (await movingDrills(stage)).entries()) {
        trials.push(...(await trialsOf(stage, drill, index)));
      }
      await stage.site.clock.advance(120_000);
      await moment();
      for (const { at, where } of trials) {
        const tries = at.tries();
        assert.ok(tries <= 1, `${where}: tried ${tries} times, ${at.sent()} of them sent`);
      }
    },
  },
];
