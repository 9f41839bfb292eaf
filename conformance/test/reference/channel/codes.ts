/** reference channel · codes: acme's states and error codes, and what each decides. */
import type { Doubt, Reason } from '@polyrail/core';

export type Operation =
  | 'payments.create'
  | 'payments.query'
  | 'payments.close'
  | 'payments.cancel'
  | 'payments.reverse'
  | 'refunds.create'
  | 'refunds.query'
  | 'statements.download';

/**
 * - `failed`: acme decided the movement: what the id names will not happen.
 * - `refused`: acme rejected the message; the id is as free as before.
 * - `unknown`: it may have happened, or the answer speaks of the id and not of this call.
 * - `closed`: nothing was there to close, and nothing can come any more.
 */
export type Verdict =
  | {
      readonly end: 'failed';
      readonly reason: Reason;
      readonly retry: 'same-id' | 'new-id' | 'never';
    }
  | { readonly end: 'refused'; readonly reason: Reason }
  | { readonly end: 'unknown'; readonly doubt: Doubt }
  | { readonly end: 'closed' };

type Table = Readonly<Record<string, Verdict>>;

const failed = (reason: Reason, retry: 'same-id' | 'new-id' | 'never'): Verdict => ({
  end: 'failed',
  reason,
  retry,
});
const refused = (reason: Reason): Verdict => ({ end: 'refused', reason });
const unknown = (doubt: Doubt): Verdict => ({ end: 'unknown', doubt });

/** Whatever was asked for. */
const generalCodes: Table = {
  SIGNATURE_INVALID: refused('credential-invalid'),
  PARAMETER_INVALID: refused('parameter-invalid'),
  RATE_LIMITED: refused('rate-limited'),
  MAINTENANCE: refused('maintenance'),
  // Quirk: the work may have been done before something broke.
  SYSTEM_ERROR: unknown('server-error'),
};

const codes: Readonly<Record<Operation, Table>> = {
  'payments.create': {
    ID_REUSED: refused('id-reused'),
    ID_CLOSED: failed('order-closed', 'new-id'),
    EXPIRES_IN_PAST: refused('order-expired'),
    AUTH_CODE_INVALID: refused('instrument-invalid'),
  },
  'payments.query': {
    // A reading, not a proof of absence: the payment may still be on its way.
    NOT_FOUND: unknown('not-found'),
    ID_CLOSED: failed('order-closed', 'new-id'),
  },
  'payments.close': {
    // Quirk: acme closes an id it has never seen; whatever comes late under it is refused.
    NOT_FOUND: { end: 'closed' },
    ALREADY_PAID: failed('already-paid', 'never'),
  },
  'payments.cancel': {
    NOT_FOUND: refused('parameter-invalid'),
    ID_CLOSED: failed('order-closed', 'never'),
    ID_REUSED: refused('id-reused'),
    NOT_PAID: failed('other', 'same-id'),
    ALREADY_UNDONE: failed('refund-exceeds', 'never'),
    WINDOW_PASSED: failed('window-passed', 'never'),
  },
  'payments.reverse': {},
  'refunds.create': {
    NOT_FOUND: refused('parameter-invalid'),
    ID_REUSED: refused('id-reused'),
    NOT_PAID: failed('other', 'same-id'),
    REFUND_EXCEEDS: failed('refund-exceeds', 'never'),
    WINDOW_PASSED: failed('window-passed', 'never'),
  },
  'refunds.query': { NOT_FOUND: unknown('not-found') },
  // NOT_READY is read by statement.ts.
  'statements.download': {},
};

/** A code outside the tables decides nothing that anybody knows. */
export function verdictOf(operation: Operation, code: string): Verdict {
  const table: Table = { ...generalCodes, ...codes[operation] };
  const found = Object.hasOwn(table, code) ? table[code] : undefined;
  return found ?? unknown('unreadable-reply');
}

/** What a state says about a payment. */
export type Standing =
  | { readonly status: 'pending' }
  | { readonly status: 'succeeded' }
  | {
      readonly status: 'failed';
      readonly reason: Reason;
      readonly retry: 'same-id' | 'new-id' | 'never';
    };

const states: Readonly<Record<string, Standing>> = {
  OPEN: { status: 'pending' },
  PAID: { status: 'succeeded' },
  CLOSED: { status: 'failed', reason: 'order-closed', retry: 'new-id' },
  EXPIRED: { status: 'failed', reason: 'order-expired', retry: 'new-id' },
  DECLINED: { status: 'failed', reason: 'payer-declined', retry: 'new-id' },
};

/** `undefined` for a state that is not documented. */
export const stateOf = (state: string): Standing | undefined =>
  Object.hasOwn(states, state) ? states[state] : undefined;
