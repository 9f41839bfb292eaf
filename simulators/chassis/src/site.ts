/** simulator · site: a running simulator as tests and programs hold it. */
import type { Transport } from '@polyrail/core';
import type { VirtualClock } from './clock.ts';
import type { Listener } from './courier.ts';
import type { EdgeResult } from './edge.ts';
import type { FaultBook } from './faults.ts';
import type { Host } from './host.ts';
import type { Journal } from './journal.ts';
import type { Notifier } from './notifier.ts';
import type { Payer, Secure, SimulatedRequest } from './simulator.ts';

/** How requests come in, whatever carries them: for mounts. */
export interface Door {
  readonly channel: string;
  /** Origins the mounts on real host names stand in for. */
  readonly origins: readonly string[];
  /** Asked once per connection, before a byte of it is read. */
  refuses(): boolean;
  serve(request: SimulatedRequest): Promise<EdgeResult>;
}

export interface Site<Credentials = unknown> {
  /** The origin clients are configured with, without a final slash. */
  readonly url: string;
  readonly channel: string;
  /** What replays this run. */
  readonly seed: number;
  /** Made at start: ids, keys, certificates. */
  readonly credentials: Credentials;
  /** Reaches this site and nothing else: in process, or over its socket. */
  readonly transport: Transport;
  readonly door: Door;
  readonly clock: VirtualClock;
  readonly faults: FaultBook;
  readonly journal: Journal;
  readonly notifier: Notifier;
  readonly payer: Payer;
  /** With TLS: the PEM certificate of the authority to trust. */
  readonly authority?: string;
  /** Where it is reached over TLS, beside `url` or there. */
  readonly secure?: Secure;
  /** The ledger's truth, of one order or of all. */
  book(id?: string): unknown;
  /** Makes the statement of a business day (`YYYY-MM-DD`) available. */
  settle(date: string): Promise<unknown>;
  /** Notifications go to this function instead of over the network, until `undefined` is given. */
  listen(handler: Listener | undefined): void;
  /** As `GET /_sim/discovery?query`. */
  discovery(query?: string | Readonly<Record<string, string>>): unknown;
  /** Forgets orders, faults, journal and waiting notifications; clock, seed and keys stay. */
  reset(): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface SiteParts {
  readonly url: string;
  readonly transport: Transport;
  /** Whether `url` is a name nobody can look up: mounts answer under it as well. */
  readonly nowhere?: boolean;
  readonly authority?: string;
  readonly secure?: Secure;
  /** Closes what the mount opened. */
  stop(): Promise<void>;
}

export const createDoor = (host: Host<unknown>, more: readonly string[]): Door => ({
  channel: host.simulator.channel,
  origins: [...(host.simulator.origins ?? []), ...more],
  refuses: () => host.refuses(),
  serve: (request) => host.serve(request),
});

export function createSite<Credentials>(
  host: Host<Credentials>,
  parts: SiteParts,
): Site<Credentials> {
  const { world, simulator } = host;
  let stopped: Promise<void> | undefined;
  const stopAll = async () => {
    await parts.stop();
    await host.stop();
  };
  const stop = () => {
    stopped ??= stopAll();
    return stopped;
  };
  return {
    url: parts.url,
    channel: simulator.channel,
    seed: world.seed,
    credentials: simulator.credentials,
    transport: parts.transport,
    door: createDoor(host, parts.nowhere === true ? [parts.url] : []),
    clock: world.clock,
    faults: world.faults,
    journal: world.journal,
    notifier: world.notifier,
    payer: simulator.payer,
    ...(parts.authority === undefined ? {} : { authority: parts.authority }),
    ...(parts.secure === undefined ? {} : { secure: parts.secure }),
    book: (id) => simulator.book(id),
    settle: (date) => simulator.settle(date),
    listen: (handler) => world.notifier.listen(handler),
    discovery: (query = '') => simulator.discovery(new URLSearchParams(query)),
    reset: () => host.reset(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
