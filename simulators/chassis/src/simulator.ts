/** simulator · simulator: what a channel's simulator gives the chassis, and what it is given. */
import type { VirtualClock } from './clock.ts';
import type { FaultBook, FaultName, FaultRule, FaultSubject, Story } from './faults.ts';
import type { Journal } from './journal.ts';
import type { Notifier } from './notifier.ts';
import type { SeededRandom } from './random.ts';

export interface SimulatedRequest {
  readonly method: string;
  /** The request target as on the wire; an absolute one is reduced to path and query. */
  readonly target: string;
  readonly path: string;
  /** Raw, without the question mark. */
  readonly query: string;
  /** Names in lower case; repeated headers joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** True when it came over TLS. */
  readonly secure: boolean;
  /** Where it was sent, when a mount stands in for the channel's own hosts: `https://host`. */
  readonly origin?: string;
  /** With mutual TLS: what the client presented and the listener verified. */
  readonly clientCertificate?: {
    readonly pem: string;
    readonly serialNumber: string;
    readonly commonName: string;
  };
  /** With mutual TLS that is optional: the client presented a certificate nobody vouches for. */
  readonly untrustedCertificate?: boolean;
}

/** Where a simulator is reached over TLS. */
export interface Secure {
  /** Origin, without a path or a final slash. */
  readonly url: string;
  /** PEM, to be trusted by clients. */
  readonly authority: string;
}

export interface SimulatedReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** What is over before it leaves; time passes meanwhile, as it does not while the request is handled. */
  readonly after?: Promise<unknown>;
}

/** What one exchange tells the chassis while it is handled. */
export interface Exchange {
  /** Where the client sent it: an origin of the channel that is stood in for, or `baseUrl()`. */
  readonly origin: string;
  /** Takes an armed rule for this exchange's operation and id; the journal notes it. */
  fault(name: FaultName | (string & {})): FaultRule | undefined;
  /** For the journal: the canonical text expected beside the one received, for instance. */
  note(text: string): void;
  /** What it was, decoded: operation and id also decide which faults match from here on. */
  describe(details: {
    readonly operation?: string;
    readonly id?: string;
    readonly request?: unknown;
    readonly reply?: unknown;
  }): void;
}

/** The surroundings of one simulator. */
export interface World {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly faults: FaultBook;
  readonly journal: Journal;
  readonly notifier: Notifier;
  readonly seed: number;
  /** The origin under which this simulator is reached, without a path or a final slash. */
  readonly baseUrl: () => string;
  /** Where it is reached over TLS, once it is. */
  readonly secure: () => Secure | undefined;
  /** Wall time, for freshness stamps on the wire: not every client shares the virtual clock. */
  readonly wallNow: () => number;
}

/** The payer's thumb. `id` is the merchant's order id. */
export interface Payer {
  approve(id: string, options?: Readonly<Record<string, unknown>>): Promise<unknown>;
  decline(id: string, options?: Readonly<Record<string, unknown>>): Promise<unknown>;
  abandon(id: string): Promise<unknown>;
}

/** A channel's side of its protocol. Throw `problem(...)` where a person steering it erred. */
export interface Simulator<Credentials = unknown> {
  readonly channel: string;
  /**
   * The imitated protocol. It must not wait for the virtual clock, which waits for it when it is
   * moved: answer, and `schedule` what happens later.
   */
  handle(request: SimulatedRequest, exchange: Exchange): Promise<SimulatedReply>;
  /** So that faults match before the request is handled; must not throw on nonsense. */
  operationOf?(request: SimulatedRequest): FaultSubject;
  /** `GET /_sim/discovery`: everything a foreign client needs to be configured. */
  discovery(query: URLSearchParams): unknown;
  readonly payer: Payer;
  /** The ledger's truth, of one order or of all. */
  book(id?: string): unknown;
  /** Makes the statement of a business day (`YYYY-MM-DD`) available. */
  settle(date: string): Promise<unknown>;
  reset(): Promise<void> | void;
  /** Faults of this channel's own, with the details their rules may carry. */
  readonly stories?: readonly (string | Story)[];
  /** Generic faults without a meaning on this channel: arming one is refused. */
  readonly meaningless?: readonly FaultName[];
  /** Paths below `/_sim/` that `handle` answers itself: a cashier page, for instance. */
  readonly pages?: readonly string[];
  /** Where the real channel is reached (`https://host`): what mounts on its own hosts stand in for. */
  readonly origins?: readonly string[];
  /** Member names the journal masks, beside the usual ones. */
  readonly secretFields?: readonly string[];
  readonly credentials: Credentials;
}

export type SimulatorFactory<Credentials = unknown> = (
  world: World,
) => Promise<Simulator<Credentials>> | Simulator<Credentials>;
