/** conformance · outcome of defects: what breaks around a call changes nothing about its end. */
import assert from 'node:assert/strict';
import type { Clock, Logger, Transport, TransportReply } from '@polyrail/core';
import { attempt, wordsOf } from '../acts.ts';
import { type Aim, movingTarget } from '../aim.ts';
import { excessOf, movesOf, pictureOf, repeated } from '../book.ts';
import { movingDrills, settledOf } from '../calls.ts';
import type { Law } from '../law.ts';
import { edited, type Intervention, type Reply, served } from '../spy.ts';
import type { Stage } from '../stage.ts';
import { requireDoubt } from './outcome-after.ts';

/** Whatever reads a member of it fails. */
const untouchable = (): object =>
  new Proxy(
    {},
    {
      get: () => {
        throw new Error('touched');
      },
      getPrototypeOf: () => {
        throw new Error('looked at');
      },
    },
  );

/** What a careless transport rejects with once the request is on its way. */
const strangers: readonly (readonly [what: string, thrown: unknown])[] = [
  ['a TypeError', new TypeError('socket is undefined')],
  ['nothing', undefined],
  ['a text', 'ECONNRESET'],
  ['null', null],
  ['a symbol', Symbol('gone')],
  ['what nobody can look at', untouchable()],
];

const rejecting =
  (thrown: unknown): Intervention =>
  async ({ forward }) => {
    await forward();
    throw thrown;
  };

/** The site acts; what comes back is no reply of the contract. */
const mangled =
  (make: (reply: Reply, honest: TransportReply) => unknown): Intervention =>
  async (crossing) => {
    const honest = await edited(() => ({}))(crossing);
    return make(crossing.exchange.reply as Reply, honest) as TransportReply;
  };

async function* broken(reply: Reply): AsyncGenerator<Uint8Array> {
  yield reply.body.subarray(0, 1);
  throw new RangeError('inflate: invalid distance');
}

async function* ofNoBytes(): AsyncGenerator<unknown> {
  yield null;
}

/** A body of which nothing more than a text can be made. */
async function* ofTexts(reply: Reply): AsyncGenerator<unknown> {
  yield Buffer.from(reply.body).toString('latin1').slice(1);
}

const mangledReplies: Readonly<Record<string, Intervention>> = {
  'a body that throws': mangled((reply, honest) => ({ ...honest, body: broken(reply) })),
  'no reply at all': mangled(() => undefined),
  'no body': mangled((_reply, { status, headers }) => ({ status, headers })),
  'a body that is none': mangled((_reply, honest) => ({ ...honest, body: 5 })),
  'a body of no bytes': mangled((_reply, honest) => ({ ...honest, body: ofNoBytes() })),
  'a body of texts': mangled((reply, honest) => ({ ...honest, body: ofTexts(reply) })),
  'no status': mangled((_reply, { headers, body }) => ({ headers, body })),
};

/** The whole answer is there, and so it may be believed; or else it is not. */
const headerless: Readonly<Record<string, Intervention>> = {
  'no headers': mangled((_reply, { status, body }) => ({ status, body })),
  'null instead of headers': mangled((_reply, honest) => ({ ...honest, headers: null })),
};

const failing = (): never => {
  throw new Error('the log is full');
};
const loggerThat = (act: () => unknown): Logger =>
  Object.fromEntries(
    ['debug', 'info', 'warn', 'error'].map((level) => [level, act]),
  ) as unknown as Logger;

const loggers: Readonly<Record<string, Logger>> = {
  'a logger that throws': loggerThat(failing),
  'a logger that rejects': loggerThat(() => Promise.reject(new Error('the log is gone'))),
  'a logger that never ends': loggerThat(() => new Promise(() => {})),
};

type Breakage = (clock: Clock, hasLeft: () => boolean) => Clock;
const guarded = (hasLeft: () => boolean): void => {
  if (hasLeft()) throw new Error('the clock stopped');
};

const clocks: Readonly<Record<string, Breakage>> = {
  'a clock that stops at the first byte': (clock, hasLeft) => ({
    schedule: (delayMs, task) => clock.schedule(delayMs, task),
    now() {
      guarded(hasLeft);
      return clock.now();
    },
  }),
  'a clock that sets no timer after the first byte': (clock, hasLeft) => ({
    now: () => clock.now(),
    schedule(delayMs, task) {
      guarded(hasLeft);
      return clock.schedule(delayMs, task);
    },
  }),
  'a clock whose timers cannot be stopped': (clock) => ({
    now: () => clock.now(),
    schedule(delayMs, task) {
      clock.schedule(delayMs, task);
      return failing;
    },
  }),
};

/** A context whose clock breaks from the first byte of the exchange that moves on. */
function breaking({ site }: Stage, breakage: Breakage, { only, skip }: Aim) {
  let left = false;
  let passed = 0;
  const transport: Transport = {
    exchange: (request, options = {}) =>
      site.transport.exchange(request, {
        ...options,
        onFirstByte() {
          options.onFirstByte?.();
          if (only(request)) passed += 1;
          left ||= passed > skip;
        },
      }),
  };
  return { clock: breakage(site.clock, () => left), transport };
}

/** Whatever breaks around a call, it ends with a result, and the result is true. */
async function requireResult(
  stage: Stage,
  context: (aim: Aim) => object,
  what: string,
): Promise<void> {
  for (const drill of await movingDrills(stage)) {
    const { ready, aim } = await movingTarget(stage, drill);
    const client = stage.connect({ context: context(aim) });
    const where = `${ready.where} with ${what}`;
    const ending = await settledOf(
      attempt(() => ready.call(client)),
      where,
    );
    const { status } = (ending.result ?? {}) as { status?: unknown };
    const fine = ['succeeded', 'pending', 'unknown'];
    assert.ok(fine.includes(status as string), `${where}: ${wordsOf(ending)}`);
    if (drill.verb !== 'pay') continue;
    const { debits } = await pictureOf(stage, ready.about);
    const told = status === 'succeeded';
    assert.ok(!told || debits === 1, `${where}: succeeded, and the book knows ${debits} debits`);
  }
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Another body than the channel wrote, though the channel did its work. */
const rewritten = (make: (text: string) => Uint8Array): Intervention =>
  edited(({ body }) => ({ body: make(Buffer.from(body).toString('utf8')) }));

/** Statuses with which proxies, load balancers and captive portals answer for the channel. */
const pageStatuses = [200, 204, 400, 401, 403, 404, 405, 408, 409, 413, 429, 451];

/** Answers that are none of the channel's. */
function strangeAnswers(): readonly (readonly [what: string, Intervention])[] {
  const headers = { 'content-type': 'text/html', 'retry-after': '1' };
  const page = (status: number, body: string) =>
    [
      `${body ? 'a page' : 'nothing'} with ${status}`,
      served({ status, headers, body: bytesOf(body) }),
    ] as const;
  const pages = pageStatuses.map((status) => page(status, '<h1>Sorry</h1>'));
  const empty = [200, 204, 404].map((status) => page(status, ''));
  const json = { 'content-type': 'application/json' };
  const words = ['null', '[]', '"ok"', '{}', '{"status":"ok"}', '{"error":"not found"}'];
  const others = words.map(
    (text) =>
      [`the JSON ${text}`, served({ status: 200, headers: json, body: bytesOf(text) })] as const,
  );
  return [
    ...pages,
    ...empty,
    ...others,
    [
      'the answer in UTF-16',
      rewritten((text) => new Uint8Array(Buffer.from(text || '-', 'utf16le'))),
    ],
    ['bytes that are no text', rewritten(() => Uint8Array.of(0xff, 0xfe, 0x81, 0x30, 0x00))],
    ['a page after the work was done', rewritten(() => bytesOf('<h1>OK</h1>'))],
    // Some calls are answered with nothing: for those, something is no answer.
    ['nothing after the work was done', rewritten((text) => bytesOf(text === '' ? '-' : ''))],
  ];
}

export const outcomeDefectLaws: readonly Law[] = [
  {
    id: 'OUT-16',
    sentence: 'A defect after the first byte leaves the call unknown: nothing is thrown any more',
    why: 'an exception says to the merchant that nothing happened, and the payer was charged',
    level: 2,
    async run(stage) {
      const thrown = strangers.map(
        ([what, it]) => [`the transport rejecting with ${what}`, rejecting(it)] as const,
      );
      await requireDoubt(stage, [...thrown, ...Object.entries(mangledReplies)]);
      await requireDoubt(stage, Object.entries(headerless), ({ result }, where) => {
        const { status = 'an error' } = (result ?? {}) as { status?: string };
        assert.ok(['succeeded', 'pending', 'unknown'].includes(status), `${where}: ${status}`);
      });
    },
  },
  {
    id: 'OUT-17',
    sentence: 'A log that fails or a clock that stops does not change what became of a call',
    why: 'a full disk must not turn a payment that was made into one that was not',
    level: 2,
    async run(stage) {
      for (const [what, logger] of Object.entries(loggers)) {
        await requireResult(stage, () => ({ logger }), what);
      }
      for (const [what, breakage] of Object.entries(clocks)) {
        await requireResult(stage, (aim) => breaking(stage, breakage, aim), what);
      }
    },
  },
];

/** Stands with the laws that were numbered later. */
export const strangeAnswerLaw: Law = {
  id: 'OUT-23',
  sentence: 'What is no answer of the channel is unknown, whatever its status, body or charset',
  why: 'proxies and portals answer too, and a page that says 404 knows nothing of a payment',
  level: 2,
  run: (stage) => requireDoubt(stage, strangeAnswers()),
};

/** Calls made at once under one id. */
const callers = 4;

/** One movement may be asked for by several clerks at the same moment. */
export const sameCallAtOnceLaw: Law = {
  id: 'OUT-24',
  sentence: 'One call made several times at once under its id moves once',
  why: 'a double click, two servers and a queue that delivers twice are one payment',
  level: 2,
  async run(stage) {
    for (const drill of await movingDrills(stage)) {
      const { ready } = await movingTarget(stage, drill);
      const before = await pictureOf(stage, ready.about);
      const clients = Array.from({ length: callers }, () => stage.connect());
      const same = clients.slice(0, callers / 2).flatMap((client) => [client, client]);
      const endings = await Promise.all(same.map((client) => attempt(() => ready.call(client))));
      const after = await pictureOf(stage, ready.about);
      const words = endings.map(wordsOf).join(', ');
      const where = `${drill.where}, ${callers} times at once: ${words}`;
      const excess = excessOf(after) ?? repeated(before, after, ready.request);
      assert.equal(excess, undefined, `${where}: ${excess}`);
      if (JSON.stringify(movesOf(after)) === JSON.stringify(movesOf(before))) continue;
      const failed = endings.some(
        ({ result }) => (result as { status?: string })?.status === 'failed',
      );
      assert.ok(!failed, `${where}, and yet it was done`);
    }
  },
};
