/** core · guard: wraps what an adapter supplies and owns the point of no return. */
import {
  type ChannelOf,
  contractVersion,
  type Options,
  type ReceiveOptions,
  type Shape,
  type Verb,
} from './channel.ts';
import { concludeFailure, concludeFinding, freeze, type Matter, readingError } from './conclude.ts';
import { isPolyrailError, PolyrailError } from './errors.ts';
import { makeAcknowledge, makeReceive } from './inbox.ts';
import { instantOf } from './instant.ts';
import type { Outcome } from './outcome.ts';
import type { Noun, Ref } from './ref.ts';
import { type AnySupply, type GuardContext, locate, type Room } from './room.ts';
import type { Statement, StatementLine, StatementRequest } from './statement.ts';
import type { Call, Finding, OutcomeVerb, Supply } from './supply.ts';
import { requireCapable, requireValid } from './validate.ts';
import { optionsSchema, type Subject, statementSchema, verbRules } from './verbs.ts';

const fallbackTimeoutMs = 30_000;

/** How a call stands, from building the request to the last byte of the answer. */
interface Journey {
  readonly call: Call;
  readonly cancel: (why: 'aborted' | 'expired') => void;
  readonly interrupted: Promise<'aborted' | 'expired'>;
  readonly release: () => void;
  prepared: boolean;
  sent: boolean;
  over: boolean;
  ref: Ref<Noun>;
}

const interruptions = {
  aborted: { before: 'ABORTED', message: 'The caller aborted' },
  expired: { before: 'NOT_SENT', message: 'The deadline passed' },
} as const;

function setOut(room: Room, verb: Verb, ref: Ref<Noun>, options: Options): Journey {
  const controller = new AbortController();
  let resolve: (why: 'aborted' | 'expired') => void = () => {};
  const interrupted = new Promise<'aborted' | 'expired'>((settle) => {
    resolve = settle;
  });
  const cancel = (why: 'aborted' | 'expired'): void => {
    resolve(why);
    controller.abort();
  };
  const onAbort = () => cancel('aborted');
  options.signal?.addEventListener('abort', onAbort, { once: true });
  if (options.signal?.aborted) cancel('aborted');
  const timeoutMs =
    options.timeoutMs ?? room.supply.capabilities.defaultTimeoutMs ?? fallbackTimeoutMs;
  const stopTimer = room.clock.schedule(timeoutMs, () => cancel('expired'));
  const release = (): void => {
    stopTimer();
    options.signal?.removeEventListener('abort', onAbort);
  };
  const mayGoOn = (): void => {
    if (!journey.over && !controller.signal.aborted) return;
    throw new PolyrailError('ABORTED', 'The call was given up before anything was sent');
  };
  const call: Call = {
    ...options,
    verb,
    signal: controller.signal,
    get ref() {
      return journey.ref;
    },
    async prepared(handle) {
      mayGoOn();
      if (journey.prepared) return;
      if (handle !== undefined) journey.ref = freeze({ ...journey.ref, handle });
      try {
        await options.onPrepared?.(journey.ref);
      } catch (cause) {
        throw new PolyrailError('NOT_SENT', 'onPrepared rejected: nothing was sent', { cause });
      }
      mayGoOn();
      journey.prepared = true;
    },
    sent() {
      mayGoOn();
      if (!journey.prepared) {
        throw new PolyrailError('NOT_SENT', 'The adapter sends before it awaited call.prepared');
      }
      journey.sent = true;
    },
  };
  const journey: Journey = {
    call,
    cancel,
    interrupted,
    release,
    prepared: false,
    sent: false,
    over: false,
    ref,
  };
  return journey;
}

type End<T> = { readonly value: T } | { readonly error: unknown };

/** Runs the adapter's verb until it ends or the caller or the deadline gives it up. */
async function travel<T>(journey: Journey, run: (call: Call) => Promise<T>): Promise<End<T>> {
  const work = (async () => run(journey.call))().then(
    (value): End<T> => ({ value }),
    (error: unknown): End<T> => ({ error }),
  );
  const givenUp = journey.interrupted.then((why): End<T> => {
    const { before, message } = interruptions[why];
    const code = journey.sent ? 'UNAVAILABLE' : before;
    const state = journey.sent ? 'after the request may have been received' : 'before it was sent';
    return { error: new PolyrailError(code, `${message} ${state}`) };
  });
  const end = await Promise.race([work, givenUp]);
  journey.over = true;
  return end;
}

function report(room: Room, journey: Journey, fields: Record<string, unknown>): void {
  try {
    const { verb } = journey.call;
    const { merchantId } = journey.ref;
    room.logger?.info('polyrail.call', { channel: room.supply.name, verb, merchantId, ...fields });
  } catch {
    // A logger that throws must not change what became of a payment.
  }
}

function requireOpen(room: Room, verb: Verb): void {
  if (!room.disposed) return;
  const fields = { channel: room.supply.name, verb };
  throw new PolyrailError('NOT_SENT', 'The channel was disposed', fields);
}

const refFor = (noun: Noun, subject: Subject, nowMs: number): Ref<Noun> => {
  const { merchantId, channelId, amount, startedAt, handle } = subject;
  return freeze({
    noun,
    merchantId,
    ...(channelId === undefined ? {} : { channelId }),
    ...(amount === undefined ? {} : { amount }),
    startedAt: startedAt ?? instantOf(nowMs),
    ...(handle === undefined ? {} : { handle }),
  });
};

function matterOf(room: Room, verb: Verb, sent: boolean): Matter {
  const { name, capabilities, secretFields = [] } = room.supply;
  const family = Object.hasOwn(verbRules, verb) ? verbRules[verb as OutcomeVerb].family : 'reading';
  const observedAt = instantOf(room.clock.now());
  return { channel: name, verb, family, capabilities, secretFields, observedAt, sent };
}

/** One verb that answers with an outcome. */
function makeOutcomeVerb(room: Room, verb: OutcomeVerb) {
  const rule = verbRules[verb];
  const { capabilities, extra } = room.supply;
  const supplied = room.supply[verb] as (r: unknown, call: Call) => Promise<Finding<Noun>>;
  return async (request: unknown, options: Options = {}): Promise<Outcome<Noun>> => {
    const nowMs = room.clock.now();
    const valid = locate(room, verb, () => {
      requireOpen(room, verb);
      requireValid(optionsSchema, options, 'options');
      const checked = requireValid(rule.schema(request, extra?.[verb], capabilities), request);
      requireCapable(checked, capabilities, nowMs);
      return checked;
    });
    const journey = setOut(
      room,
      verb,
      refFor(rule.noun, rule.subject(valid as never), nowMs),
      options,
    );
    const end = await travel(journey, async (call) => {
      const finding = await supplied.call(room.supply, valid, call);
      // Scenes without an exchange hand the order to the payer: it must be stored before that.
      if (rule.family !== 'reading') await call.prepared();
      return finding;
    });
    journey.release();
    const matter = matterOf(room, verb, journey.sent);
    try {
      const outcome = conclude(matter, journey.ref, end);
      report(room, journey, { status: outcome.status, durationMs: room.clock.now() - nowMs });
      return outcome;
    } catch (error) {
      const code = isPolyrailError(error) ? error.code : 'INTERNAL';
      report(room, journey, { code, durationMs: room.clock.now() - nowMs });
      throw error;
    }
  };
}

function conclude(matter: Matter, ref: Ref<Noun>, end: End<Finding<Noun>>): Outcome<Noun> {
  if ('value' in end) return concludeFinding(matter, ref, end.value);
  if (matter.family === 'reading') throw readingError(matter, end.error);
  return concludeFailure(matter, ref, end.error);
}

/** Runs a verb that reads and answers with something else than an outcome. */
async function readOnly<T>(
  room: Room,
  verb: Verb,
  options: Options,
  run: (call: Call) => Promise<T>,
): Promise<{ value: T; journey: Journey }> {
  locate(room, verb, () => {
    requireOpen(room, verb);
    requireValid(optionsSchema, options, 'options');
  });
  const ref = refFor('payment', { merchantId: verb }, room.clock.now());
  const journey = setOut(room, verb, ref, options);
  const end = await travel(journey, run);
  if ('value' in end) return { value: end.value, journey };
  journey.release();
  throw readingError(matterOf(room, verb, journey.sent), end.error);
}

function makeBalance(room: Room) {
  const supplied = room.supply.balance as (call: Call) => Promise<readonly unknown[]>;
  return async (options: Options = {}) => {
    const run = (call: Call) => supplied.call(room.supply, call);
    const { value, journey } = await readOnly(room, 'balance', options, run);
    journey.release();
    return freeze(value);
  };
}

async function* guardedLines(
  room: Room,
  lines: AsyncIterable<StatementLine>,
  journey: Journey,
): AsyncGenerator<StatementLine> {
  try {
    for await (const line of lines) yield Object.freeze(line);
  } catch (error) {
    throw readingError(matterOf(room, 'statement', true), error);
  } finally {
    journey.release();
  }
}

function makeStatement(room: Room) {
  type Lines = AsyncIterable<StatementLine>;
  const supplied = room.supply.statement as (r: StatementRequest, call: Call) => Promise<Lines>;
  return async (request: StatementRequest, options: Options = {}): Promise<Statement> => {
    const valid = locate(room, 'statement', () => {
      const checked = requireValid(statementSchema, request);
      requireCapable(checked, room.supply.capabilities, room.clock.now());
      return checked;
    });
    const run = (call: Call) => supplied.call(room.supply, valid, call);
    const { value, journey } = await readOnly(room, 'statement', options, run);
    const lines = guardedLines(room, value, journey);
    return Object.freeze({ ...valid, [Symbol.asyncIterator]: () => lines });
  };
}

function makeVerb(room: Room, verb: string): unknown {
  if (verb === 'statement') return makeStatement(room);
  if (verb === 'balance') return makeBalance(room);
  if (verb === 'acknowledge') return makeAcknowledge(room);
  if (Object.hasOwn(verbRules, verb)) return makeOutcomeVerb(room, verb as OutcomeVerb);
  throw new TypeError(`The adapter ${room.supply.name} supplies ${verb}: no verb of the contract`);
}

const notVerbs = new Set(['name', 'capabilities', 'extra', 'secretFields', 'dispose', 'open']);

/**
 * Makes a channel of what an adapter supplies. Name the shape: `defineChannel<AlipayShape>(...)`;
 * inference would accept a misspelt verb and print unreadable hovers.
 */
export function defineChannel<S extends Shape>(
  supply: Supply<S>,
  context: GuardContext,
): ChannelOf<S> {
  const room: Room = { ...context, supply: supply as unknown as AnySupply, disposed: false };
  const verbs: Record<string, unknown> = {};
  for (const name of Object.keys(supply)) {
    if (!notVerbs.has(name)) verbs[name] = makeVerb(room, name);
  }
  if ('open' in supply) {
    verbs.receive = makeReceive(room) as (m: unknown, o?: ReceiveOptions) => Promise<unknown>;
  }
  const dispose = async (): Promise<void> => {
    if (room.disposed) return;
    room.disposed = true;
    await room.supply.dispose?.();
  };
  return Object.freeze({
    name: supply.name,
    contract: contractVersion,
    capabilities: freeze(supply.capabilities),
    ...verbs,
    [Symbol.asyncDispose]: dispose,
  }) as unknown as ChannelOf<S>;
}
