/** unionpay simulator · transaction: one entry of the funds table, and what became of it. */
import type { Movement } from '@polyrail/simulator';
import type { Binding } from './agreement-book.ts';
import type { Card } from './cards.ts';
import { type Outcome, success } from './codes.ts';
import type { Merchant } from './merchants.ts';
import type { Trace } from './numbers.ts';
import type { Voice } from './voice.ts';

export type Kind =
  | 'consume'
  | 'collect'
  | 'preauth'
  | 'capture'
  | 'refund'
  | 'cancel'
  | 'preauth-cancel'
  | 'capture-cancel'
  | 'payout';

/** `open` waits for its payer, `accepted` for the channel. */
export type TransactionState = 'open' | 'accepted' | 'succeeded' | 'failed';

/** What the merchant asked for. */
export interface Terms {
  readonly kind: Kind;
  readonly orderId: string;
  readonly txnTime: string;
  readonly txnType: string;
  readonly txnSubType: string;
  readonly bizType: string;
  readonly channelType: string;
  /** Fen. */
  readonly amount: number;
  readonly currency: string;
  readonly backUrl?: string | undefined;
  readonly frontUrl?: string | undefined;
  readonly orderDesc?: string | undefined;
  readonly reqReserved?: string | undefined;
  readonly reserved?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
  /** Who the channel's browser page or app deals with: told only when all went well. */
  readonly front: boolean;
  /** A token that is opened by paying. */
  readonly opens?: boolean | undefined;
}

export interface Transaction {
  readonly merchant: Merchant;
  readonly terms: Terms;
  readonly voice: Voice;
  readonly createdAt: number;
  /** What a link to its page or a code carries. */
  readonly ticket: string;
  /** What it undoes, captures or gives back. */
  readonly original?: Transaction | undefined;
  /** Undoes, captures and refunds of it, in order. */
  readonly sequels: Transaction[];
  readonly movements: Movement[];
  card?: Card;
  /** By which opened card it is charged. */
  binding?: Binding;
  state: TransactionState;
  outcome?: Outcome;
  trace?: Trace;
  finishedAt?: number;
  /** `YYYY-MM-DD`: the clearing day it was carried out on. */
  settleDay?: string;
  /** A payment of a pre-authorization. */
  preAuthId?: string;
  /** The hold ended without a capture, thirty days on. */
  holdReleased?: boolean;
  /** Nullified by a reversal. */
  reversed?: boolean;
  /** How it ends when its time has come. */
  fate?: Outcome;
  cancelTimer?: () => void;
}

export const isOpen = ({ state }: Transaction): boolean => state === 'open';
export const isLive = ({ state }: Transaction): boolean => state === 'open' || state === 'accepted';
export const hasSucceeded = ({ state }: Transaction): boolean => state === 'succeeded';
/** Not refused: carried out, or still under way. */
export const stands = ({ state }: Transaction): boolean => state !== 'failed';

/** Sequels of some kinds that were not refused. */
export const sequelsOf = (transaction: Transaction, ...kinds: Kind[]): readonly Transaction[] =>
  transaction.sequels.filter((one) => kinds.includes(one.terms.kind) && stands(one));

/** Fen that went back to the payer or are on their way there. */
export const returnedOf = (transaction: Transaction): number =>
  sequelsOf(transaction, 'refund', 'cancel', 'capture-cancel').reduce(
    (sum, { terms }) => sum + terms.amount,
    0,
  );

/** What a query tells as `origRespCode`. */
export const fateOf = ({ outcome }: Transaction): Outcome => outcome ?? success;

/** What happened to money under one merchant order id. Amounts in fen. */
export interface Truth {
  readonly merchantId: string;
  readonly channelId?: string;
  readonly state: string;
  /** How often the payer was debited. */
  readonly debits: number;
  readonly paid: number;
  /** How many refunds, undos and reversals moved money back. */
  readonly refunds: number;
  readonly refunded: number;
}

const sum = (all: readonly Transaction[]): number =>
  all.reduce((total, { terms }) => total + terms.amount, 0);

/** Whether money moved at all: a reversed one did, before it was reversed. */
const moved = ({ movements }: Transaction): boolean => movements.length > 0;

function stateWord(transaction: Transaction): string {
  const { state, reversed, terms } = transaction;
  if (reversed === true) return 'REVERSED';
  if (!hasSucceeded(transaction)) return state.toUpperCase();
  if (sequelsOf(transaction, 'cancel', 'capture-cancel').some(hasSucceeded)) return 'UNDONE';
  const returned = sum(sequelsOf(transaction, 'refund').filter(hasSucceeded));
  if (returned === 0) return 'SUCCEEDED';
  return returned === terms.amount ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
}

/** What moved under one order id: several entries where it was used at several times. */
export function truthOf(entries: readonly [Transaction, ...Transaction[]]): Truth {
  const [first] = entries;
  const charged = entries.filter(moved);
  const back = charged
    .flatMap((one) => sequelsOf(one, 'refund', 'cancel', 'capture-cancel'))
    .filter(hasSucceeded);
  const reversed = charged.filter((one) => one.reversed === true);
  const last = entries.find(hasSucceeded) ?? first;
  return {
    merchantId: first.terms.orderId,
    ...(last.trace === undefined ? {} : { channelId: last.trace.queryId }),
    state: stateWord(last),
    debits: charged.length,
    paid: sum(charged),
    refunds: back.length + reversed.length,
    refunded: sum(back) + sum(reversed),
  };
}

/** What became of one pre-authorization. All amounts in fen. */
export interface AuthorizationTruth {
  readonly merchantId: string;
  readonly channelId?: string;
  readonly state: string;
  /** How often money was frozen. */
  readonly holds: number;
  readonly held: number;
  readonly captured: number;
  readonly released: number;
}

export function authorizationTruth(hold: Transaction): AuthorizationTruth {
  const { terms, trace, state, reversed } = hold;
  const held = moved(hold) ? terms.amount : 0;
  const captures = sequelsOf(hold, 'capture').filter(hasSucceeded);
  const standing = captures.filter(
    (one) => !sequelsOf(one, 'capture-cancel').some(hasSucceeded) && one.reversed !== true,
  );
  const captured = sum(standing);
  const undone = sequelsOf(hold, 'preauth-cancel').some(hasSucceeded);
  const free = undone || reversed === true || hold.holdReleased === true;
  const released = captured > 0 ? Math.max(0, held - captured) : free ? held : 0;
  return {
    merchantId: terms.orderId,
    ...(trace === undefined ? {} : { channelId: trace.queryId }),
    state: free ? 'RELEASED' : captured > 0 ? 'CAPTURED' : state.toUpperCase(),
    holds: held > 0 ? 1 : 0,
    held,
    captured,
    released,
  };
}

/** What became of one payout. Amounts in fen. */
export interface PayoutTruth {
  readonly merchantId: string;
  readonly channelId?: string;
  readonly state: string;
  /** How often the payee was credited. */
  readonly transfers: number;
  readonly paid: number;
  /** Sent back after that. */
  readonly returned: number;
}

export function payoutTruth(payout: Transaction): PayoutTruth {
  const { terms, trace, state } = payout;
  const arrived = hasSucceeded(payout);
  return {
    merchantId: terms.orderId,
    ...(trace === undefined ? {} : { channelId: trace.queryId }),
    state: state.toUpperCase(),
    transfers: arrived ? 1 : 0,
    paid: arrived ? terms.amount : 0,
    returned: 0,
  };
}
