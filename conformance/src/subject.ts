/** conformance · subject: what the suite needs of an adapter and of the site it is tried against. */
import type {
  Channel,
  Clock,
  Context,
  Incoming,
  NextAction,
  Outgoing,
  Payee,
  Scene,
  SignUpScene,
  Transport,
  TransportRequest,
  Verb,
} from '@polyrail/core';

/** What the channel's own ledger says about one payment, whatever the client believes. */
export interface Truth {
  /** The channel's word for the state; the suite prints it and decides nothing by it. */
  readonly state: string;
  /** How often the payer was charged under this id. */
  readonly debits: number;
  /** Minor units taken from the payer. */
  readonly paid: number;
  /** How many refunds were carried out; a reversal or cancellation counts as one. */
  readonly refunds: number;
  /** Minor units given back. */
  readonly refunded: number;
}

/** What the ledger says about one authorization. All amounts are minor units. */
export interface AuthorizationTruth {
  readonly state: string;
  /** How often money of the payer was frozen under this id. */
  readonly holds: number;
  /** Frozen in all, whatever became of it: `captured` and `released` are parts of it. */
  readonly held: number;
  /** Taken by captures. */
  readonly captured: number;
  /** Given free again. */
  readonly released: number;
}

/** What the channel's books say about one agreement. */
export interface AgreementTruth {
  readonly state: string;
  /** Whether it may be charged now. */
  readonly active: boolean;
  /** How often the payer consented under this id. */
  readonly signed: number;
  /** How often money was taken by it. */
  readonly charges: number;
}

/** What the ledger says about one payout. All amounts are minor units. */
export interface PayoutTruth {
  readonly state: string;
  /** How often the payee was credited under this id. */
  readonly transfers: number;
  /** Credited to the payee. */
  readonly paid: number;
  /** Sent back after that. */
  readonly returned: number;
}

type Told<T> = T | undefined | Promise<T | undefined>;

/** One order to misbehave. Further members are the fault's own details. */
export interface FaultOrder {
  readonly fault: string;
  /** The operation it concerns, exact or with `*`. */
  readonly operation?: string;
  /** The merchant's id it concerns. */
  readonly id?: string;
  readonly times?: number;
  readonly delayMs?: number;
  readonly [detail: string]: unknown;
}

/**
 * A running imitation of the channel's side. `@polyrail/simulator`'s Site is one; a test double of
 * one's own needs no more than this. The suite freezes the clock and moves it by itself.
 */
export interface Site {
  readonly url: string;
  /** What `create` needs to act for the site's first merchant. */
  readonly credentials: unknown;
  /** Reaches this site, in process or over its socket. */
  readonly transport: Transport;
  readonly clock: Clock & { advance(ms: number): Promise<void>; freeze(): void };
  readonly faults: {
    /** Throws when the site does not know the fault: the laws about it are then not applicable. */
    arm(rule: FaultOrder): unknown;
    clear(): void;
    /** With it the suite sees whether a fault ever came to bear. */
    list?(): readonly { readonly fault: string; readonly hits: number }[];
  };
  readonly journal: { entries(): readonly unknown[] };
  /**
   * Whoever has to act about the merchant's id of an order, an authorization, an agreement or a
   * payout: the payer, or the payee's bank.
   *
   * - `approve`: pays; lets the money be held; signs; the payout arrives.
   * - `decline`: refuses. An active agreement: the payer signs off in the wallet. A payout under
   *   way fails; one that arrived is sent back.
   * - `abandon`: walks away and leaves it open.
   */
  readonly payer: {
    approve(id: string, options?: { amount?: number }): Promise<unknown>;
    decline(id: string): Promise<unknown>;
    abandon(id: string): Promise<unknown>;
  };
  /** The ledger's truth about a payment of the first merchant; `undefined` when never heard of. */
  book(id: string): Told<Truth>;
  /** The same about an authorization. Without it the laws of authorizations do not apply. */
  authorization?(id: string): Told<AuthorizationTruth>;
  /** The same about an agreement. Without it the laws of agreements do not apply. */
  agreement?(id: string): Told<AgreementTruth>;
  /** The same about a payout. Without it the laws of payouts do not apply. */
  payout?(id: string): Told<PayoutTruth>;
  /** While a handler is set, every notification comes to it instead of the merchant's address. */
  listen(handler: ((message: Incoming) => Promise<Outgoing>) | undefined): void;
  /** Makes the statements of a business day available. */
  settle(date: string): Promise<unknown>;
  /** Credentials of one more merchant. Without it the laws about two merchants do not apply. */
  enroll?(): Promise<unknown>;
  stop(): Promise<void>;
  readonly seed?: number | string;
}

/** Credentials that must not make a channel, and the member of the configuration to blame. */
export interface InvalidCredentials {
  readonly what: string;
  readonly field: string;
  readonly credentials: unknown;
}

/** A payee of the site, and what the channel wants to know beside. */
export interface PayeeSample extends Payee {
  readonly extra?: object;
}

/**
 * Somebody who poses as the channel, with keys of his own making: what he can do without the secrets
 * of anybody else.
 */
export interface Impostor {
  /**
   * A genuine notification as he would send it: sealed by a key of his, under a name for it that
   * nobody has heard. Another name for each number. Leave it out where notifications name no key.
   */
  push?(message: Incoming, number: number): Incoming;
  /** The same of a genuine reply, where replies name the key that sealed them. */
  reply?(honest: ImpostorReply, request: TransportRequest, number: number): ImpostorReply;
  /**
   * His reply to an adapter that asks the channel for its keys: that of the number 1 among them, as
   * well as he can make it. `undefined` for requests about anything else. Leave it out where keys
   * are not asked for, but come along with the message.
   */
  answer?(request: TransportRequest, honest: ImpostorReply): ImpostorReply | undefined;
}

/** A reply with its body read to the end. */
export interface ImpostorReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A fault by which a call is taken on at first, and carried out when so much time has passed. */
export interface Acceptance {
  readonly order: FaultOrder;
  readonly doneAfterMs: number;
}

/** With what somebody comes to a channel that asks for client certificates. */
export type ClientIdentity = 'own' | 'none' | 'broken' | 'stranger';

/** Where the channel takes calls with the merchant's client certificate only. */
export interface ClientTls<S extends Site = Site> {
  /** Starts a site behind real TLS, which asks for client certificates. */
  start(): Promise<S>;
  /** What the channel takes with the certificate only. */
  readonly verbs: readonly Verb[];
  /**
   * A channel that goes its own road: the context has no transport. It is configured with the
   * merchant's certificate, with none, with one that cannot be used (cut short, another key's) or
   * with another merchant's. May throw as every `createX` does.
   */
  create(site: S, context: Context, identity: ClientIdentity): Channel;
}

/** What only the channel's author can know: parts of requests, and how its payer acts. */
export interface Samples<S extends Site = Site> {
  /** What a scene needs beyond the order: `barcode` an `authCode`, `in-wallet` a `payerId`. */
  readonly scenes?: { readonly [K in Scene]?: (site: S, id: string) => object };
  /** The channel's own `extra` of `pay`, when it cannot do without. */
  readonly extra?: (site: S) => object;
  /** What a scene of `authorize` needs beyond the order. Default: what `scenes` gives. */
  readonly authorize?: { readonly [K in Scene]?: (site: S, id: string) => object };
  /** What a scene of `signUp` needs beyond its id and addresses; the channel's own `extra`, too. */
  readonly signUp?: { readonly [K in SignUpScene]?: (site: S, id: string) => object };
  /** A card that its bank knows, with factors that are somebody else's: for `signUp` by `card`. */
  readonly strangersCard?: (site: S, id: string) => object;
  /** The code that the site sent to the payer's phone about this id. */
  readonly otp?: (site: S, id: string) => Told<string>;
  /**
   * For each kind of payee what `payout` needs beyond id, amount and purpose: a `payee` that takes
   * the money, and the channel's own `extra`.
   */
  readonly payees?: (site: S) => readonly PayeeSample[];
  /**
   * The payer's device does the next action. Without it the suite opens redirects and posts forms
   * through `site.transport`, and leaves `sdk` to the site's payer.
   */
  readonly follow?: (site: S, action: NextAction, id: string) => Promise<void>;
  /** The site's operation names by verb, for sites where a fault must not hit another exchange. */
  readonly operations?: { readonly [V in Verb]?: string };
  /**
   * The channel seals with another key from now on, as it does every few years, announced in the
   * way of its protocol. Leave it out where adapters cannot follow by themselves.
   */
  readonly rotateKey?: (site: S) => unknown;
  /** Where notifications or replies name the key that sealed them. */
  readonly impostor?: (site: S) => Impostor | Promise<Impostor>;
  /**
   * Names of faults by which a message comes under a certificate that is not the channel's: of
   * another chain, expired, or in another name.
   */
  readonly certificateFaults?: readonly string[];
  /** How the site is told only to take a call on, and to carry it out later. */
  readonly acceptance?: { readonly [V in Verb]?: Acceptance };
  /** Broken, short and mismatched keys. */
  readonly invalidCredentials?: (site: S) => readonly InvalidCredentials[];
}

/** An adapter under test, and how to put it on a site. */
export interface Subject<S extends Site = Site> {
  readonly name: string;
  start(): Promise<S>;
  /** Without `credentials` the channel acts for the site's first merchant. */
  create(site: S, context: Context, credentials?: unknown): Channel;
  readonly samples?: Samples<S>;
  /** The channel behind TLS with client certificates, where it asks for them. */
  readonly clientTls?: ClientTls<S>;
  /** Texts that must never appear in an error, log, result, inspection or journal. */
  readonly secrets?: (site: S) => readonly string[];
  /** Laws this adapter is excused from, each with its reason. */
  readonly waive?: Readonly<Record<string, string>>;
}
