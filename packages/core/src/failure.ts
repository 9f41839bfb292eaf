/** core · failure: errors as callers may see them - located, and with causes that may be printed. */
import type { Verb } from './channel.ts';
import { type Code, isPolyrailError, PolyrailError, type PolyrailErrorFields } from './errors.ts';

/** Where something failed. */
export interface Place {
  readonly channel: string;
  readonly verb: Verb;
}

const maximumCauses = 8;

/** Errors of the merchant's own code: they go back to the merchant as they came. */
const ownErrors = new WeakSet<object>();

/** Marks what the merchant's `onPrepared` threw; it is shown as it is. */
export function keepOwn(error: unknown): unknown {
  if (typeof error === 'object' && error !== null) ownErrors.add(error);
  return error;
}

const textOf = (value: unknown, fallback: string): string =>
  typeof value === 'string' ? value : fallback;

const nameOf = (error: unknown): string =>
  error instanceof Error ? textOf(error.name, 'Error') : typeof error;

/**
 * A cause that may be printed: another error of ours keeps its message, a stranger's only its name
 * and code, since nobody has taken secrets out of it.
 */
function printable(cause: unknown, depth: number): unknown {
  if (typeof cause !== 'object' || cause === null) return cause && { name: typeof cause };
  if (ownErrors.has(cause)) return cause;
  if (isPolyrailError(cause)) return depth < maximumCauses ? rebuilt(cause, {}, depth) : undefined;
  const code: unknown = Reflect.get(cause, 'code');
  return { name: nameOf(cause), ...(typeof code === 'string' ? { code } : {}) };
}

/** The same error where it was thrown, with the members of the contract and a printable cause. */
function rebuilt(error: PolyrailError, fields: PolyrailErrorFields, depth = 0): PolyrailError {
  const cause = printable(error.cause, depth + 1);
  const copy = new PolyrailError(error.code, error.message, { ...error, ...fields, cause });
  Object.defineProperty(copy, 'stack', { value: error.stack, enumerable: false });
  return copy;
}

/** The same error with channel and verb on it. */
export const located = (error: PolyrailError, { channel, verb }: Place): PolyrailError =>
  rebuilt(error, { channel, verb });

/** A failure that is no error of the contract, named without repeating what it may say. */
export function defect(place: Place, error: unknown, code: Code): PolyrailError {
  const message = `The adapter failed with ${nameOf(error)}`;
  return located(new PolyrailError(code, message, { doubt: 'defect', cause: error }), place);
}

/** The same failure under a code that the verb may throw. */
export function renamed(place: Place, error: PolyrailError, code: Code): PolyrailError {
  return located(new PolyrailError(code, error.message, { cause: error }), place);
}

/** Whatever failed before the first byte left. */
export function neverSent(place: Place, error: unknown): PolyrailError {
  const message = 'The adapter failed before anything was sent';
  return located(new PolyrailError('NOT_SENT', message, { cause: error }), place);
}
