/** conformance · stage: what one law is given - a site, a merchant's channel behind a spy, fresh ids. */
import type { Channel, Context, Incoming, Scene } from '@polyrail/core';
import {
  type CountingClock,
  createCountingClock,
  createDice,
  createRandom,
  createRecordingLogger,
  type Dice,
  type RecordingLogger,
} from './instruments.ts';
import { createSpy, type Spy } from './spy.ts';
import type { Site, Subject } from './subject.ts';

/** A channel of one merchant, with everything it was given under observation. */
export interface Client {
  readonly channel: Channel;
  readonly spy: Spy;
  readonly log: RecordingLogger;
  readonly clock: CountingClock;
}

export interface ConnectOptions {
  /** Another merchant's, from `site.enroll()`. */
  readonly credentials?: unknown;
  /** Seed of the client's randomness; clients of the same seed draw the same. */
  readonly seed?: number;
  /** Parts of the context that stand in for the observed ones. */
  readonly context?: Context;
}

export interface Stage {
  readonly subject: Subject;
  readonly site: Site;
  /** Seeded by the run's seed and the law's id. */
  readonly dice: Dice;
  /** The first merchant's channel. */
  readonly client: Client;
  /** The scenes of `pay`, in the order of the capabilities. */
  readonly scenes: readonly Scene[];
  /** Another channel on the same site, of the first merchant unless told otherwise. */
  connect(options?: ConnectOptions): Client;
  /** An id the channel takes and nobody has used, of at most 24 letters and digits. */
  freshId(): string;
  /** Notifications heard since the law began, in order. Nobody has acknowledged them yet. */
  readonly heard: readonly Incoming[];
  /** Gives everything already on its way - notifications above all - time to arrive. */
  settled(): Promise<void>;
}

/** Where notifications of the suite's orders go; the site's listener hears them instead. */
export const notifyUrl = 'http://merchant.invalid/polyrail';

/** A number from a text, for seeds (FNV-1a). */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash;
}

function connectTo(subject: Subject, site: Site, options: ConnectOptions): Client {
  const spy = createSpy(site.transport);
  const log = createRecordingLogger();
  const clock = createCountingClock(site.clock);
  const random = createRandom(options.seed ?? 1);
  const context = { transport: spy.transport, clock, random, logger: log, ...options.context };
  return { channel: subject.create(site, context, options.credentials), spy, log, clock };
}

export interface StageOptions {
  readonly subject: Subject;
  readonly site: Site;
  readonly seed: number;
  readonly lawId: string;
  /** Numbers the ids of one site, so that no two laws meet. */
  readonly counter: { count: number };
}

/** Sets the stage for one law on a site that may have seen others. */
export function createStage({ subject, site, seed, lawId, counter }: StageOptions): Stage {
  const heard: Incoming[] = [];
  const dice = createDice(hashOf(`${seed} ${lawId}`));
  const prefix = lawId.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 10);
  let count = 0;
  const connect = (options: ConnectOptions = {}): Client => {
    count += 1;
    const clientSeed = hashOf(`${seed} ${lawId} client ${count}`);
    return connectTo(subject, site, { seed: clientSeed, ...options });
  };
  site.faults.clear();
  site.clock.freeze();
  // Nothing is acknowledged: what a merchant has not stored, it has not heard.
  site.listen(async (message) => {
    heard.push(message);
    return { status: 503, headers: {}, body: new Uint8Array() };
  });
  const client = connect();
  return {
    subject,
    site,
    dice,
    client,
    scenes: client.channel.capabilities.scenes?.pay ?? [],
    connect,
    freshId() {
      counter.count += 1;
      return `${prefix}N${String(counter.count).padStart(8, '0')}`;
    },
    heard,
    settled: () => site.clock.advance(0),
  };
}
