/** core · reading: guards the verbs that answer with something else than an outcome. */
import type { Balance } from './balance.ts';
import type { Options, Verb } from './channel.ts';
import { readingError } from './conclude.ts';
import { isPolyrailError, PolyrailError } from './errors.ts';
import { instantOf } from './instant.ts';
import { type Journey, setOut, travel } from './journey.ts';
import { type Batch, linesOf } from './lines.ts';
import { plain } from './plain.ts';
import { redactorOf } from './redact.ts';
import { locate, matterOf, type Room, report, requireOpen } from './room.ts';
import {
  type Statement,
  type StatementLine,
  type StatementRequest,
  statementSchema,
} from './statement.ts';
import type { Call, SuppliedLines } from './supply.ts';
import { requireCapable, requireValid } from './validate.ts';
import { optionsSchema } from './verbs.ts';
import { isExactMoney } from './wellformed.ts';

/** Sets out for a verb that has no reference: there is nothing for `onPrepared` to persist. */
export function setOutNameless(room: Room, verb: Verb, options: Options): Journey {
  const { onPrepared: _none, ...rest } = options;
  const startedAt = instantOf(room.clock.now());
  const ref = Object.freeze({ noun: 'payment', merchantId: verb, startedAt } as const);
  return setOut(room, verb, { ref, options: rest });
}

/** Ends a reading call with an error, logged and named. */
function failed(room: Room, journey: Journey, error: unknown): unknown {
  const { verb } = journey.call;
  journey.stop();
  const named = readingError(matterOf(room, verb, journey), error);
  void report(room, verb, { sinceMs: journey.sinceMs, code: named.code });
  return named;
}

async function read<T>(room: Room, journey: Journey, run: (call: Call) => Promise<T>): Promise<T> {
  const end = await travel(journey, run);
  if ('value' in end) return end.value;
  throw failed(room, journey, end.error);
}

function balancesOf(told: readonly Balance[]): readonly Balance[] {
  const exact =
    Array.isArray(told) &&
    told.every(({ available, pending = available, frozen = available }) =>
      [available, pending, frozen].every(isExactMoney),
    );
  if (!exact) throw new TypeError('Balances without exact amounts');
  return plain(told);
}

export function makeBalance(room: Room) {
  const supplied = room.supply.balance as (call: Call) => Promise<readonly Balance[]>;
  return async (options: Options = {}): Promise<readonly Balance[]> => {
    const journey = locate(room, 'balance', () => {
      requireOpen(room);
      const wishes = requireValid(optionsSchema, options, 'options') as Options;
      return setOutNameless(room, 'balance', wishes);
    });
    const balances = await read(room, journey, async (call) => {
      return balancesOf(await supplied.call(room.supply, call));
    });
    journey.finish();
    void report(room, 'balance', { sinceMs: journey.sinceMs, accounts: balances.length });
    return balances;
  };
}

function lineOf(room: Room, line: StatementLine): StatementLine {
  if (!isExactMoney(line.amount) || line.amount.amount < 0) {
    throw new TypeError('A line of a statement without an exact amount');
  }
  const raw = redactorOf(room.supply.secretFields)(line.raw) ?? null;
  const copy: Record<string, unknown> = { ...line, raw };
  for (const name of Object.keys(copy)) {
    const item = copy[name];
    if (item === undefined || name === '__proto__') delete copy[name];
    else if (typeof item !== 'string' && name !== 'raw') copy[name] = plain(item);
  }
  return Object.freeze(copy) as unknown as StatementLine;
}

type SuppliedIterator = ReturnType<SuppliedLines[typeof Symbol.asyncIterator]>;

/**
 * The batches as the adapter reads them, a single line being one of its own. Each has the deadline of a
 * call; the merchant's own time between two lines has none.
 */
async function* guardedBatches(
  room: Room,
  iterator: SuppliedIterator,
  journey: Journey,
): AsyncGenerator<Batch<StatementLine>, undefined> {
  let count = 0;
  /** Making the lines of a batch may fail as well as reading it. */
  function* guarded(told: StatementLine | Iterable<StatementLine>) {
    try {
      for (const line of Symbol.iterator in told ? told : [told]) {
        count += 1;
        yield lineOf(room, line);
      }
    } catch (error) {
      throw failed(room, journey, error);
    }
    return undefined;
  }
  try {
    for (;;) {
      journey.arm();
      const { done, value } = await read(room, journey, () => iterator.next());
      journey.disarm();
      if (done === true) {
        void report(room, 'statement', { sinceMs: journey.sinceMs, lines: count });
        return undefined;
      }
      yield guarded(value);
    }
  } catch (error) {
    throw isPolyrailError(error) ? error : failed(room, journey, error);
  } finally {
    journey.stop();
    // Whatever closing the file does, nobody waits for it: the signal has told it to stop.
    (async () => iterator.return?.())().catch(() => {});
  }
}

export function makeStatement(room: Room) {
  type Supplied = (request: StatementRequest, call: Call) => Promise<SuppliedLines>;
  const supplied = room.supply.statement as Supplied;
  return async (request: StatementRequest, options: Options = {}): Promise<Statement> => {
    const { valid, journey } = locate(room, 'statement', () => {
      requireOpen(room);
      const wishes = requireValid(optionsSchema, options, 'options') as Options;
      const checked = requireValid(statementSchema, request);
      requireCapable(checked, room.supply.capabilities, room.clock.now());
      return { valid: checked, journey: setOutNameless(room, 'statement', wishes) };
    });
    const lines = await read(room, journey, async (call) => {
      return (await supplied.call(room.supply, valid, call))[Symbol.asyncIterator]();
    });
    // The deadline goes on running until the first line is asked for: nothing waits for ever.
    let iterated = false;
    return Object.freeze({
      ...valid,
      [Symbol.asyncIterator]() {
        if (iterated) {
          const fields = { channel: room.supply.name, verb: 'statement' };
          throw new PolyrailError('REQUEST_INVALID', 'A statement iterates once', fields);
        }
        iterated = true;
        return linesOf(guardedBatches(room, lines, journey), () => journey.over);
      },
    });
  };
}
