/** core · outcome: one envelope for every noun, with four ends. */
import type { NextAction } from './action.ts';
import type { PolyrailError } from './errors.ts';
import type { Instant } from './instant.ts';
import type { Doubt, Evidence, Reason } from './reason.ts';
import type { Noun, Ref } from './ref.ts';

/** What every outcome carries. `raw` is the channel's own answer, redacted; nobody's input. */
export interface Facts {
  readonly evidence: Evidence;
  readonly raw?: unknown;
  readonly observedAt: Instant;
}

/** What was asked for happened. */
export type Succeeded<N extends Noun, F> = Facts & {
  readonly noun: N;
  readonly status: 'succeeded';
  readonly ref: Ref<N>;
} & F;

/** Not final: the channel works on it, or somebody must act. */
export type Pending<N extends Noun, F> = Facts & {
  readonly noun: N;
  readonly status: 'pending';
  readonly ref: Ref<N>;
  readonly waitingFor: 'payer' | 'payee' | 'channel' | 'merchant';
  readonly nextAction?: NextAction;
  readonly expiresAt?: Instant;
  readonly pollAfterMs?: number;
} & Partial<F>;

/** The channel says, verifiably, that what this id names will not happen. */
export type Failed<N extends Noun, F> = Facts & {
  readonly noun: N;
  readonly status: 'failed';
  readonly ref: Ref<N>;
  readonly reason: Reason;
  /** Whether asking again can help: under the same id, only under another, or not at all. */
  readonly retry: 'same-id' | 'new-id' | 'never';
  readonly channelCode?: string;
  readonly channelMessage?: string;
} & Partial<F>;

/** It may have been received, and what came back cannot be believed. Never treat it as failed. */
export interface Unknown<N extends Noun> extends Facts {
  readonly noun: N;
  readonly status: 'unknown';
  readonly ref: Ref<N>;
  readonly doubt: Doubt;
  readonly cause?: PolyrailError;
  /** Hints, believed by nobody. */
  readonly channelCode?: string;
  readonly channelMessage?: string;
}

export type Outcome<N extends Noun, F = unknown> =
  | Succeeded<N, F>
  | Pending<N, F>
  | Failed<N, F>
  | Unknown<N>;

/** Makes a `switch` over `status` or `noun` exhaustive: it does not compile while a case is left. */
export function unreachable(value: never): never {
  throw new TypeError(`Unreachable: ${JSON.stringify(value)}`);
}
