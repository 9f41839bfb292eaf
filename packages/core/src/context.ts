/**
 * core · context: what a channel is given instead of reaching for it - the road to the network, the
 * clock, randomness and a log. Fix all four and the bytes of a call are reproducible.
 */

/** Time, injected. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Runs `task` once after `delayMs`; the returned function cancels it. Never keeps a process alive. */
  schedule(delayMs: number, task: () => void): () => void;
}

/** Randomness, injected: cryptographically strong unless a test says otherwise. */
export interface Random {
  bytes(length: number): Uint8Array;
}

/** Structured log. `fields` are redacted by the caller before they get here. */
export interface Logger {
  debug(event: string, fields?: Readonly<Record<string, unknown>>): void;
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** One request on the wire. `url` is absolute; header names are lower case. */
export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** The head of a reply; the body streams. A body that ends early rejects, it never ends normally. */
export interface TransportReply {
  readonly status: number;
  /** Names in lower case; repeated headers joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface ExchangeOptions {
  /** Aborts the exchange at any point, the body included. */
  readonly signal?: AbortSignal;
  /** Cap of the reply body; passing it rejects. */
  readonly maxBodyBytes?: number;
  /**
   * Called synchronously, at most once, immediately before the first byte of this request may leave
   * the machine. An exchange that rejects without having called it surely sent nothing.
   */
  readonly onFirstByte?: () => void;
}

/**
 * The one road to a channel. Follows no redirect, repeats nothing by itself, decides nothing about
 * payments. Rejects with a `PolyrailError`: `NOT_SENT` when surely no byte left, `ABORTED` when
 * the signal fired before one did, otherwise `UNAVAILABLE` (doubt `no-reply`) or `REPLY_UNREADABLE`.
 */
export interface Transport {
  exchange(request: TransportRequest, options?: ExchangeOptions): Promise<TransportReply>;
  close?(): Promise<void>;
}

/** What every `createX(config, context?)` takes; each part has a default. */
export interface Context {
  readonly transport?: Transport;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
}
