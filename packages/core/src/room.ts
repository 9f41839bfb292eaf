/** core · room: what the guard keeps about one channel, and how it names channel and verb on errors. */
import type { Capabilities } from './capabilities.ts';
import type { Shape, Verb } from './channel.ts';
import type { Matter } from './conclude.ts';
import type { Clock, Logger } from './context.ts';
import { isPolyrailError, PolyrailError } from './errors.ts';
import { located, neverSent } from './failure.ts';
import { instantOf } from './instant.ts';
import type { OutcomeVerb, Supply } from './supply.ts';
import { verbRules } from './verbs.ts';

/** What the guard itself needs. */
export interface GuardContext {
  readonly clock: Clock;
  readonly logger?: Logger | undefined;
}

/** The supply without its types: the guard is generic over every shape. */
export interface AnySupply {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly extra?: Supply<Shape>['extra'];
  readonly secretFields?: readonly string[];
  dispose?(): Promise<void>;
  readonly [verb: string]: unknown;
}

export interface Room extends GuardContext {
  readonly supply: AnySupply;
  /** Set by the first disposal; later ones wait for the same. */
  disposal?: Promise<void>;
}

/**
 * Runs what comes before a call, naming channel and verb on what it throws. A stranger's error -
 * a getter of the request, a clock - becomes `NOT_SENT`.
 */
export function locate<T>(room: Room, verb: Verb, check: () => T): T {
  try {
    return check();
  } catch (error) {
    const place = { channel: room.supply.name, verb };
    throw isPolyrailError(error) ? located(error, place) : neverSent(place, error);
  }
}

export function requireOpen(room: Room): void {
  if (room.disposal !== undefined) throw new PolyrailError('NOT_SENT', 'The channel was disposed');
}

/** Runs what must not change what became of a call, such as a clock or a log that throws. */
export function quietly<T>(task: () => T): T | undefined {
  try {
    return task();
  } catch {
    return undefined;
  }
}

/** The call as its conclusion sees it. `sinceMs` stands in for a clock that has failed meanwhile. */
export function matterOf(room: Room, verb: Verb, call: { sent: boolean; sinceMs: number }): Matter {
  const { name, capabilities, secretFields } = room.supply;
  const family = Object.hasOwn(verbRules, verb) ? verbRules[verb as OutcomeVerb].family : 'reading';
  const observedAt = quietly(() => instantOf(room.clock.now())) ?? instantOf(call.sinceMs);
  return { channel: name, verb, family, capabilities, secretFields, observedAt, sent: call.sent };
}

/** Writes one line about a finished call. Never rejects, whatever the logger does. */
export async function report(
  room: Room,
  verb: Verb,
  fields: { readonly sinceMs: number; readonly [name: string]: unknown },
): Promise<void> {
  if (room.logger === undefined) return;
  try {
    const { sinceMs, ...told } = fields;
    const durationMs = room.clock.now() - sinceMs;
    const line = { channel: room.supply.name, verb, ...told, durationMs };
    await room.logger.info('polyrail.call', line);
  } catch {
    // A logger that throws must not change what became of a payment.
  }
}
