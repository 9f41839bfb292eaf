/** core · room: what the guard keeps about one channel, and how it names channel and verb on errors. */
import type { Capabilities } from './capabilities.ts';
import type { Shape, Verb } from './channel.ts';
import { located } from './conclude.ts';
import type { Clock, Logger } from './context.ts';
import { isPolyrailError } from './errors.ts';
import type { Supply } from './supply.ts';

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
  disposed: boolean;
}

/** Runs `check`, naming channel and verb on what it throws. */
export function locate<T>(room: Room, verb: Verb, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (isPolyrailError(error)) throw located(error, { channel: room.supply.name, verb });
    throw error;
  }
}
