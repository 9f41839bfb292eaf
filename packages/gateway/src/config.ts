/** gateway · config: what a gateway is made from, and its defaults. */
import { type Channel, type Clock, type Logger, PolyrailError, type Random } from '@polyrail/core';
import type { Checkpoint } from './desk.ts';
import { type AnyHandler, type Handlers, handlersOf } from './handlers.ts';
import type { BreakerOptions, LimitOptions } from './health.ts';
import { defaultPatience, type Patience } from './plan.ts';
import type { Risk } from './risk.ts';
import type { Route } from './route.ts';
import type { Store } from './store.ts';
import type { VaultKey } from './vault.ts';
import type { LatePolicy } from './weigh.ts';

export type Channels = Readonly<Record<string, Channel>>;

export interface GatewayOptions {
  /**
   * The channels by name; or, for many merchants, a function from a merchant's name to its channels,
   * each made with that merchant's own credentials.
   */
  readonly channels: Channels | ((merchant: string) => Channels | undefined);
  readonly store: Store;
  /** Which channel takes a payment; without one, the first that offers what it needs. */
  readonly route?: Route;
  readonly risk?: Risk;
  /** What the merchant does when a state changes. */
  readonly on?: Handlers;
  /**
   * Money that arrives after its payment had failed, or twice: what happens to it unless `decide` is
   * called before the deadline. Default: refunded after 24 hours.
   */
  readonly late?: Partial<LatePolicy>;
  /**
   * Whether another channel may be tried after a refusal that only TLS vouches for. Default `false`:
   * only a signed refusal, or proof that nothing was sent, lets the payment go elsewhere.
   */
  readonly failOverOnTransportEvidence?: boolean;
  /** How long an unsettled entry is asked about before it is escalated, by noun, in ms. */
  readonly patience?: Partial<Patience>;
  /** When an order the payer pays later expires, in ms, unless it says so. Default 2 hours. */
  readonly expireAfterMs?: number;
  /** When an entry of which nothing was sent fails, in ms. Default 15 minutes. */
  readonly abandonAfterMs?: number;
  /** Deadline of a call; default: the channel's own. */
  readonly callTimeoutMs?: number;
  /** Where a channel sends its notifications, for requests that do not say so. */
  readonly notifyUrl?: (place: { readonly merchant: string; readonly channel: string }) => string;
  /** Keys that seal what the store keeps of requests and answers; the first one seals. */
  readonly encryption?: readonly VaultKey[];
  readonly breaker?: BreakerOptions;
  readonly limit?: LimitOptions;
  /** Jobs - resolving, deliveries - under way at once in this process. Default 8; 0 does none. */
  readonly concurrency?: number;
  /** How often a handler is tried before its event is a dead letter. Default 12. */
  readonly mostDeliveries?: number;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  /** For tests: called at every point at which a process may die. */
  readonly checkpoint?: (checkpoint: Checkpoint) => void | Promise<void>;
}

/** The options with their defaults. */
export interface Settings {
  readonly channelsOf: (merchant: string) => Channels | undefined;
  /** Whether there are merchants beside `onlyMerchant`. */
  readonly servesMany: boolean;
  readonly route: Route | undefined;
  readonly risk: Risk | undefined;
  readonly handlers: ReadonlyMap<string, AnyHandler>;
  readonly late: LatePolicy;
  readonly failOverOnTransportEvidence: boolean;
  readonly patience: Patience;
  readonly expireAfterMs: number;
  readonly abandonAfterMs: number;
  readonly callTimeoutMs: number | undefined;
  readonly notifyUrl: GatewayOptions['notifyUrl'];
  readonly concurrency: number;
  readonly mostDeliveries: number;
  readonly checkpoint: GatewayOptions['checkpoint'];
}

/** The merchant of a gateway that serves only one. */
export const onlyMerchant = 'default';

const hourMs = 60 * 60_000;

function amount(name: keyof GatewayOptions, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  const message = `${name} must be a whole number, at least ${least}`;
  throw new PolyrailError('CONFIG_INVALID', message, { field: name });
}

function channelsOf({ channels }: GatewayOptions): Settings['channelsOf'] {
  if (typeof channels === 'function') return channels;
  if (typeof channels !== 'object' || channels === null) {
    const message = 'channels must be an object of channels by name, or a function of the merchant';
    throw new PolyrailError('CONFIG_INVALID', message, { field: 'channels' });
  }
  return (merchant) => (merchant === onlyMerchant ? channels : undefined);
}

export function settingsOf(options: GatewayOptions): Settings {
  const { late, callTimeoutMs } = options;
  return {
    channelsOf: channelsOf(options),
    servesMany: typeof options.channels === 'function',
    route: options.route,
    risk: options.risk,
    handlers: handlersOf(options.on ?? {}),
    late: {
      default: late?.default ?? 'refund',
      deadlineMs: amount('late', late?.deadlineMs ?? 24 * hourMs, 0),
    },
    failOverOnTransportEvidence: options.failOverOnTransportEvidence ?? false,
    patience: { ...defaultPatience, ...options.patience },
    expireAfterMs: amount('expireAfterMs', options.expireAfterMs ?? 2 * hourMs, 1000),
    abandonAfterMs: amount('abandonAfterMs', options.abandonAfterMs ?? hourMs / 4, 1000),
    callTimeoutMs:
      callTimeoutMs === undefined ? undefined : amount('callTimeoutMs', callTimeoutMs, 1),
    notifyUrl: options.notifyUrl,
    concurrency: amount('concurrency', options.concurrency ?? 8, 0),
    mostDeliveries: amount('mostDeliveries', options.mostDeliveries ?? 12, 1),
    checkpoint: options.checkpoint,
  };
}
