/** reference channel · codes: acme's states and error codes, and what each decides. */
import type { Doubt, Reason } from '@polyrail/core';

export type Operation =
  | 'payments.create'
  | 'payments.query'
  | 'payments.close'
  | 'payments.cancel'
  | 'payments.reverse'
  | 'cancellations.query'
  | 'refunds.create'
  | 'refunds.query'
  | 'agreements.create'
  | 'agreements.confirm'
  | 'agreements.query'
  | 'agreements.end'
  | 'holds.create'
  | 'holds.query'
  | 'holds.capture'
  | 'holds.release'
  | 'holds.reverse'
  | 'payouts.create'
  | 'payouts.query'
  | 'balances.query'
  | 'statements.download';

/**
 * - `failed`: acme decided the movement: what the id names will not happen.
 * - `refused`: acme rejected the message; the id is as free as before.
 * - `unknown`: it may have happened, or the answer speaks of the id and not of this call.
 * - `accepted`: acme will do it, and has not done it yet.
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
  | { readonly end: 'accepted' }
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
  ACCEPTED: { end: 'accepted' },
  SIGNATURE_INVALID: refused('credential-invalid'),
  CERTIFICATE_NEEDED: refused('credential-invalid'),
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
    AGREEMENT_INACTIVE: failed('agreement-inactive', 'new-id'),
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
  'cancellations.query': { NOT_FOUND: unknown('not-found') },
  'agreements.create': {
    ID_REUSED: refused('id-reused'),
    CARD_REFUSED: failed('payer-unverified', 'new-id'),
  },
  'agreements.confirm': {
    NOT_FOUND: refused('parameter-invalid'),
    OTP_WRONG: refused('payer-unverified'),
  },
  'agreements.query': { NOT_FOUND: unknown('not-found') },
  'agreements.end': { NOT_FOUND: refused('parameter-invalid') },
  'holds.create': {
    ID_REUSED: refused('id-reused'),
    ID_CLOSED: failed('order-closed', 'new-id'),
    EXPIRES_IN_PAST: refused('order-expired'),
    AUTH_CODE_INVALID: refused('instrument-invalid'),
  },
  'holds.query': {
    NOT_FOUND: unknown('not-found'),
    ID_CLOSED: failed('order-closed', 'new-id'),
  },
  'holds.capture': {
    NOT_FOUND: refused('parameter-invalid'),
    ID_REUSED: refused('id-reused'),
    ID_CLOSED: failed('order-closed', 'never'),
    HOLD_INACTIVE: failed('other', 'same-id'),
    HOLD_EXCEEDED: failed('limit-exceeded', 'same-id'),
  },
  'holds.release': {
    NOT_FOUND: refused('parameter-invalid'),
    ID_REUSED: refused('id-reused'),
    ID_CLOSED: failed('order-closed', 'never'),
    HOLD_INACTIVE: failed('other', 'same-id'),
    HOLD_EXCEEDED: failed('refund-exceeds', 'same-id'),
  },
  // Quirk: a hold of which anything was captured is not reversed: refund the payments instead.
  'holds.reverse': { HOLD_CAPTURED: failed('already-paid', 'never') },
  'payouts.create': {
    ID_REUSED: refused('id-reused'),
    INSUFFICIENT_FUNDS: failed('merchant-funds', 'same-id'),
  },
  'payouts.query': { NOT_FOUND: unknown('not-found') },
  'balances.query': {},
  // NOT_READY is read by statement.ts.
  'statements.download': {},
};

/** A code outside the tables decides nothing that anybody knows. */
export function verdictOf(operation: Operation, code: string): Verdict {
  const table: Table = { ...generalCodes, ...codes[operation] };
  const found = Object.hasOwn(table, code) ? table[code] : undefined;
  return found ?? unknown('unreadable-reply');
}

/** What a state says about a payment, a hold, an agreement or a payout. */
export type Standing =
  | { readonly status: 'pending' }
  | { readonly status: 'succeeded' }
  | {
      readonly status: 'failed';
      readonly reason: Reason;
      readonly retry: 'same-id' | 'new-id' | 'never';
    };

const paymentStates: Readonly<Record<string, Standing>> = {
  OPEN: { status: 'pending' },
  PAID: { status: 'succeeded' },
  CLOSED: { status: 'failed', reason: 'order-closed', retry: 'new-id' },
  EXPIRED: { status: 'failed', reason: 'order-expired', retry: 'new-id' },
  DECLINED: { status: 'failed', reason: 'payer-declined', retry: 'new-id' },
};

const holdStates: Readonly<Record<string, Standing>> = {
  OPEN: { status: 'pending' },
  HELD: { status: 'succeeded' },
  CLOSED: { status: 'failed', reason: 'order-closed', retry: 'new-id' },
  EXPIRED: { status: 'failed', reason: 'order-expired', retry: 'new-id' },
  DECLINED: { status: 'failed', reason: 'payer-declined', retry: 'new-id' },
};

const agreementStates: Readonly<Record<string, Standing>> = {
  OPEN: { status: 'pending' },
  ACTIVE: { status: 'succeeded' },
  // What was an agreement stays one: its standing tells that it has ended.
  ENDED: { status: 'succeeded' },
  REFUSED: { status: 'failed', reason: 'payer-declined', retry: 'new-id' },
  CANCELLED: { status: 'failed', reason: 'cancelled', retry: 'new-id' },
};

const payoutStates: Readonly<Record<string, Standing>> = {
  PENDING: { status: 'pending' },
  ARRIVED: { status: 'succeeded' },
  FAILED: { status: 'failed', reason: 'payee-invalid', retry: 'new-id' },
  // It arrived, and came back later: it stays succeeded and tells of the return.
  RETURNED: { status: 'succeeded' },
};

export type StateNoun = 'payment' | 'hold' | 'agreement' | 'payout';

const states: Readonly<Record<StateNoun, Readonly<Record<string, Standing>>>> = {
  payment: paymentStates,
  hold: holdStates,
  agreement: agreementStates,
  payout: payoutStates,
};

/** `undefined` for a state that is not documented. */
export function stateOf(state: string, noun: StateNoun = 'payment'): Standing | undefined {
  return Object.hasOwn(states[noun], state) ? states[noun][state] : undefined;
}
