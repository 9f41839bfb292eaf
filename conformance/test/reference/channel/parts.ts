/**
 * reference channel · parts: the places of an adapter where mistakes cost money, each a function of
 * its own. The honest ones stand at the end; the suite's mutants replace one of them at a time.
 */
import {
  type Verdict as Acknowledgement,
  type Call,
  type Card,
  formatMoney,
  type Incoming,
  type Money,
  money,
  type Random,
} from '@polyrail/core';
import {
  type Operation,
  type Standing,
  type StateNoun,
  stateOf,
  type Verdict,
  verdictOf,
} from './codes.ts';
import type { ClientCertificate } from './config.ts';
import { hideCard, isWhole, openKey, verifies } from './seal.ts';
import { linesAddUp, type Totals } from './totals.ts';
import { type Claims, chainsTo, isInForce, isPlatform, type Voucher } from './vouchers.ts';

/** A reply or notification, parsed. Members are read by `messages.ts`. */
export type Message = Readonly<Record<string, unknown>>;

/** Bytes that claim to be acme's. */
export interface Claim {
  /** Of the key it names; `undefined` when that is none of acme's. */
  readonly secret: string | undefined;
  /** What the signature must cover, in order. */
  readonly parts: readonly string[];
  readonly signature: string;
}

/** Members by which a message says what it is about. */
export type IdMember =
  | 'paymentId'
  | 'refundId'
  | 'cancelId'
  | 'holdId'
  | 'agreementId'
  | 'payoutId';

export interface Parts {
  /** Money as the wire writes it: 900 fen is `9.00`, nine yen `9`. */
  formatAmount(amount: Money): string;
  parseAmount(text: string, currency: string): Money;
  /** The ids that make a call idempotent, as they are sent. */
  paymentIdOf(request: { readonly merchantPaymentId: string }): string;
  refundIdOf(request: { readonly merchantRefundId: string }): string;
  payoutIdOf(request: { readonly merchantPayoutId: string }): string;
  /** A card as the wire carries it: under a key that only the merchant and acme hold. */
  hideCard(card: Card, key: string): string;
  /** The body of a request. */
  encode(fields: object): string;
  /** 32 hex digits, different for every request. */
  nonce(random: Random): string;
  timestamp(nowMs: number): string;
  /** Lets the merchant store the reference: before the first byte. */
  prepare(call: Call): Promise<void>;
  /** The point of no return. */
  depart(call: Call): void;
  /** How often one call is sent: once, whatever comes back. */
  perform<T>(send: () => Promise<T>): Promise<T>;
  /** Whether an HTTP status is acme's own; any other comes from in front of it. */
  isAnswer(status: number): boolean;
  /** Whether a call goes out with the merchant's certificate or not at all. */
  needsCertificate(operation: Operation, baseUrl: string): boolean;
  /** What the handshake shows. */
  certificateToShow(own: ClientCertificate | undefined): ClientCertificate | undefined;
  /** Whether a key is asked for that nobody told us of, by how many were asked for in a minute. */
  mayAskForKeys(recent: number): boolean;
  /** Whether the vouchers of a key lead to the configured root; the key's own stands first. */
  chainsTo(rootKey: string, vouchers: readonly Voucher[]): boolean;
  isInForce(claims: Claims, nowMs: number): boolean;
  isPlatform(claims: Claims): boolean;
  /** A key as it is handed out, hidden under what only the merchant and acme know. */
  openKey(hidden: string, merchantSecret: string): string | undefined;
  /** Whether a file is the one whose digest was sealed. */
  isWhole(text: string, digest: string): boolean;
  verifiesReply(claim: Claim): boolean;
  verifiesNotification(claim: Claim): boolean;
  /** Which id a message says it is about; the guard compares it. */
  echoOf(message: Message, member: IdMember): unknown;
  /** Whether the answer about a refund or cancellation names the payment it was asked for. */
  isAbout(message: Message, id: string, member?: IdMember): boolean;
  stateOf(state: string, noun?: StateNoun): Standing | undefined;
  verdictOf(operation: Operation, code: string): Verdict;
  /** What of a message the merchant gets to see as `raw`. */
  rawOf(message: Message): unknown;
  /** Whether a notification is about this merchant. */
  isOurs(merchantId: unknown, own: string): boolean;
  /** `ageMs` is negative when the message comes from ahead of our clock. */
  isFresh(ageMs: number, maxAgeMs: number): boolean;
  eventIdOf(headers: Incoming['headers']): string | undefined;
  /** Status and body that acme hears as yes, or as not now. */
  answerTo(verdict: Acknowledgement): { readonly status: number; readonly body: string };
  /** Whether the lines of a statement add up to what its last line says. */
  linesAddUp(told: Totals, seen: Totals): boolean;
  readonly maxReplyBytes: number;
  readonly maxStatementBytes: number;
}

const maxAheadMs = 5 * 60_000;

/** Every mistake left out. */
export const honestParts: Parts = {
  formatAmount: formatMoney,
  parseAmount: money,
  paymentIdOf: ({ merchantPaymentId }) => merchantPaymentId,
  refundIdOf: ({ merchantRefundId }) => merchantRefundId,
  payoutIdOf: ({ merchantPayoutId }) => merchantPayoutId,
  hideCard,
  encode: (fields) => JSON.stringify(fields),
  nonce: (random) => Buffer.from(random.bytes(16)).toString('hex'),
  timestamp: (nowMs) => String(nowMs),
  prepare: (call) => call.prepared(),
  depart: (call) => call.sent(),
  perform: (send) => send(),
  isAnswer: (status) => status === 200,
  needsCertificate: (operation, baseUrl) =>
    operation === 'payouts.create' && baseUrl.startsWith('https:'),
  certificateToShow: (own) => own,
  mayAskForKeys: (recent) => recent < 5,
  chainsTo,
  isInForce,
  isPlatform,
  openKey,
  isWhole,
  verifiesReply: verifies,
  verifiesNotification: verifies,
  echoOf: (message, member) => message[member],
  isAbout: (message, id, member = 'paymentId') => message[member] === id,
  stateOf,
  verdictOf,
  rawOf: (message) => message,
  isOurs: (merchantId, own) => merchantId === own,
  isFresh: (ageMs, maxAgeMs) => ageMs <= maxAgeMs && ageMs >= -maxAheadMs,
  eventIdOf: (headers) => headers['x-acme-event'],
  answerTo: (verdict) =>
    'stored' in verdict ? { status: 200, body: 'ok' } : { status: 503, body: 'again' },
  linesAddUp,
  maxReplyBytes: 64 * 1024,
  maxStatementBytes: 16 * 1024 * 1024,
};
