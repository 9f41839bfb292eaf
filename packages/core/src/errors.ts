/** core · errors: the one error class. Codes are API, messages are for people. */
import type { Doubt, Evidence, Reason } from './reason.ts';

/**
 * Before anything is sent: `CONFIG_INVALID`, `REQUEST_INVALID`, `UNSUPPORTED`, `NOT_SENT`, `ABORTED`.
 * Any verb, on a verified rejection of the message: `REFUSED`.
 * Reading verbs only: `UNAVAILABLE`, `REPLY_UNVERIFIED`, `REPLY_UNREADABLE`, `NOT_READY`.
 * `receive` only: `NOTIFICATION_UNVERIFIED`, `NOTIFICATION_STALE`, `NOTIFICATION_FOREIGN`.
 * `INTERNAL` is a defect of the adapter met while only reading.
 */
export const codes = [
  'CONFIG_INVALID',
  'REQUEST_INVALID',
  'UNSUPPORTED',
  'NOT_SENT',
  'ABORTED',
  'REFUSED',
  'UNAVAILABLE',
  'REPLY_UNVERIFIED',
  'REPLY_UNREADABLE',
  'NOT_READY',
  'NOTIFICATION_UNVERIFIED',
  'NOTIFICATION_STALE',
  'NOTIFICATION_FOREIGN',
  'INTERNAL',
] as const;
export type Code = (typeof codes)[number];

export interface PolyrailErrorFields {
  readonly channel?: string;
  readonly verb?: string;
  /** Path of the offending member: `amount`, `extra.storeId`, `config.merchantKey`. */
  readonly field?: string;
  readonly reason?: Reason;
  /** The channel's own code and words, as received. */
  readonly channelCode?: string;
  readonly channelMessage?: string;
  readonly retryAfterMs?: number;
  /** With `UNAVAILABLE`, `REPLY_*`: what the guard answers when the verb moves money. */
  readonly doubt?: Doubt;
  /** With `REFUSED`: how the rejection was verified. */
  readonly evidence?: Evidence;
  readonly cause?: unknown;
}

const brand = Symbol.for('polyrail.error');

/** The members an error carries, and no others: what somebody hangs on it is not printed. */
const fieldNames = [
  'channel',
  'verb',
  'field',
  'reason',
  'channelCode',
  'channelMessage',
  'retryAfterMs',
  'doubt',
  'evidence',
] as const satisfies readonly (keyof PolyrailErrorFields)[];

/** The one error class of the contract. Ask `isPolyrailError`, never `instanceof`. */
export class PolyrailError extends Error {
  override readonly name = 'PolyrailError';
  readonly code: Code;
  declare readonly channel?: string;
  declare readonly verb?: string;
  declare readonly field?: string;
  declare readonly reason?: Reason;
  declare readonly channelCode?: string;
  declare readonly channelMessage?: string;
  declare readonly retryAfterMs?: number;
  declare readonly doubt?: Doubt;
  declare readonly evidence?: Evidence;

  constructor(code: Code, message: string, fields: PolyrailErrorFields = {}) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = code;
    for (const name of fieldNames) {
      const value = fields[name];
      if (value !== undefined) Object.defineProperty(this, name, { value, enumerable: true });
    }
    Object.defineProperty(this, brand, { value: true });
  }

  /** Plain and complete except for the stack and the cause, which may hold what nobody redacted. */
  toJSON(): Record<string, unknown> {
    return { ...(this as object), message: this.message };
  }
}

/** True for errors of any installed copy of this package: the brand is a registered symbol. */
export const isPolyrailError = (value: unknown): value is PolyrailError =>
  typeof value === 'object' && value !== null && Reflect.get(value, brand) === true;
