/** core · guard: wraps what an adapter supplies and owns the point of no return. */
import {
  type ChannelBase,
  type ChannelOf,
  contractVersion,
  type Options,
  type Shape,
  type Verb,
} from './channel.ts';
import { concludeError, concludeFinding, inDefect, type Matter, readingError } from './conclude.ts';
import { isPolyrailError, PolyrailError } from './errors.ts';
import { makeAcknowledge, makeReceive } from './inbox.ts';
import { instantOf } from './instant.ts';
import { type End, setOut, travel } from './journey.ts';
import type { Outcome } from './outcome.ts';
import { plain } from './plain.ts';
import { makeBalance, makeStatement } from './reading.ts';
import type { Noun, Ref } from './ref.ts';
import {
  type AnySupply,
  type GuardContext,
  locate,
  matterOf,
  type Room,
  report,
  requireOpen,
} from './room.ts';
import type { Call, FactsOf, Finding, Further, OutcomeVerb, Supply } from './supply.ts';
import { requireCapable, requireValid, rulesOf } from './validate.ts';
import { optionsSchema, type Subject, type VerbRule, verbRules } from './verbs.ts';

const refFor = (noun: Noun, subject: Subject, nowMs: number): Ref<Noun> => {
  const { merchantId, channelId, amount, startedAt = instantOf(nowMs), handle } = subject;
  return plain({ noun, merchantId, channelId, amount, startedAt, handle }) as Ref<Noun>;
};

interface Supplied {
  readonly rule: VerbRule;
  readonly run: (request: never, call: Call<never>) => Promise<Finding<Noun>>;
}

/** A function that answers with an outcome: a verb of the contract, or a further one. */
function makeOutcomeVerb(room: Room, verb: Verb, { rule, run }: Supplied) {
  const { capabilities, extra } = room.supply;
  return async (request: unknown, options: Options = {}): Promise<Outcome<Noun>> => {
    const { valid, within, journey } = locate(room, verb, () => {
      requireOpen(room);
      const wishes = requireValid(optionsSchema, options, 'options') as Options;
      const checked = requireValid(rule.schema(request, extra?.[verb], capabilities), request);
      const nowMs = room.clock.now();
      requireCapable(checked, capabilities, nowMs);
      const subject = rule.subject(checked as never);
      const ref = refFor(rule.noun, subject, nowMs);
      const started = setOut(room, verb, { ref, options: wishes });
      return { valid: checked, within: subject.within, journey: started };
    });
    const end = await travel(journey, async (call) => {
      const finding = await run.call(room.supply, valid as never, call as never);
      // Scenes without an exchange hand the order to the payer: it must be stored before that.
      if (rule.family !== 'reading' && !journey.prepared) await call.prepared();
      return finding;
    });
    journey.finish();
    const { ref, sinceMs } = journey;
    const line = { sinceMs, merchantId: ref.merchantId };
    try {
      const { family } = rule;
      const outcome = conclude({ ...matterOf(room, verb, journey), family, within }, ref, end);
      void report(room, verb, { ...line, status: outcome.status });
      return outcome;
    } catch (error) {
      void report(room, verb, { ...line, code: isPolyrailError(error) ? error.code : 'INTERNAL' });
      throw error;
    }
  };
}

function conclude(matter: Matter, ref: Ref<Noun>, end: End<Finding<Noun>>): Outcome<Noun> {
  const reading = matter.family === 'reading';
  if ('value' in end) {
    try {
      return concludeFinding(matter, ref, end.value);
    } catch (error) {
      // A finding of a moving verb never throws by itself: it can only have failed to be read.
      if (!reading) return inDefect(matter, ref, error);
      throw isPolyrailError(error) ? error : readingError(matter, error);
    }
  }
  if (reading) throw readingError(matter, end.error);
  const concluded = concludeError(matter, ref, end.error);
  if (isPolyrailError(concluded)) throw concluded;
  return concluded;
}

function makeVerb(room: Room, verb: string): unknown {
  if (verb === 'statement') return makeStatement(room);
  if (verb === 'balance') return makeBalance(room);
  if (verb === 'acknowledge') return makeAcknowledge(room);
  if (Object.hasOwn(verbRules, verb)) {
    const rule = verbRules[verb as OutcomeVerb];
    const run = room.supply[verb] as Supplied['run'];
    return makeOutcomeVerb(room, verb as OutcomeVerb, { rule, run });
  }
  throw new TypeError(`The adapter ${room.supply.name} supplies ${verb}: no verb of the contract`);
}

/** The rooms of the channels made here, for what their packages export beside the verbs. */
const rooms = new WeakMap<object, Room>();

/**
 * Puts a further function of a channel's package under the same guard as the verbs: for what the
 * channel can do and the contract has no verb for. It keeps the laws: if it throws, nothing changed.
 *
 * @throws PolyrailError `REQUEST_INVALID` for a channel that this core did not make
 */
export function guardFunction<N extends Noun, R>(channel: ChannelBase, further: Further<N, R>) {
  const room = rooms.get(channel);
  if (room === undefined) {
    const message = 'channel must be one that its package made';
    throw new PolyrailError('REQUEST_INVALID', message, { field: 'channel' });
  }
  const { name, family, noun, schema, subject, run } = further;
  const rule: VerbRule = { family, noun, schema: () => schema, subject };
  const guarded = makeOutcomeVerb(room, name as Verb, { rule, run });
  return guarded as unknown as (request: R, options?: Options) => Promise<Outcome<N, FactsOf[N]>>;
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
  const room: Room = { ...context, supply: supply as unknown as AnySupply };
  rulesOf(supply.capabilities);
  const verbs: Record<string, unknown> = {};
  for (const name of Object.keys(supply)) {
    if (notVerbs.has(name)) continue;
    if (typeof room.supply[name] !== 'function') {
      throw new TypeError(`The adapter ${supply.name} supplies ${name}, which is no function`);
    }
    verbs[name] = makeVerb(room, name);
  }
  if ('open' in supply) {
    verbs.receive = makeReceive(room);
  }
  const dispose = (): Promise<void> => {
    room.disposal ??= (async () => room.supply.dispose?.())();
    return room.disposal;
  };
  const channel = Object.freeze({
    name: supply.name,
    contract: contractVersion,
    capabilities: supply.capabilities,
    ...verbs,
    [Symbol.asyncDispose]: dispose,
  });
  rooms.set(channel, room);
  return channel as unknown as ChannelOf<S>;
}
