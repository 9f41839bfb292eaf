/** simulator · mint: key pairs and certificates of one simulator, each made once for those that share. */
import { generateKeys, type KeyPairPem } from './certificates.ts';
import { generateQuickKeys } from './multi-prime.ts';
import type { World } from './simulator.ts';

/** What every simulator that mints keys can be told about them. */
export interface KeyOptions {
  /** Reuse this process's key pairs: for suites that start many simulators. Default false. */
  readonly shareKeys?: boolean;
  /**
   * Primes of the merchants' RSA-2048 keys. Default 2. Keys of 4 sign in a third of the time, for clients
   * that sign a great deal; the runtime reads them, node-forge and many other libraries misread them.
   */
  readonly merchantKeyPrimes?: 2 | 4;
}

export interface Mint {
  readonly world: World;
  /** The next pair whose private half stays in the simulator: of four primes, which sign sooner. */
  ownKey(): Promise<KeyPairPem>;
  /** The next pair that a merchant is handed. */
  merchantKey(): Promise<KeyPairPem>;
  /** Whether every library reads the keys that merchants are handed. */
  readonly handsOutUsualKeys: boolean;
  /** What sharing simulators issue alike is issued once: signing certificates is slow. */
  once<T>(about: readonly unknown[], issue: () => Promise<T> | T): Promise<T>;
  /** Valid by the wall clock, which TLS asks, and by the virtual one. */
  readonly validity: { readonly now: number; readonly days: number };
}

const dayMs = 86_400_000;
const certificateDays = 5 * 365;

function validityOf({ clock, wallNow }: World): Mint['validity'] {
  const [virtual, wall] = [clock.now(), wallNow()];
  const days = certificateDays + Math.ceil(Math.abs(virtual - wall) / dayMs);
  // From the beginning of a day: sharing simulators of one day issue the same ones.
  const now = Math.floor(Math.min(virtual, wall) / dayMs) * dayMs;
  return { now, days: days + 1 };
}

const generators = { 2: generateKeys, 4: generateQuickKeys } as const;
type Primes = keyof typeof generators;

const sharedKeys: Readonly<Record<Primes, Promise<KeyPairPem>[]>> = { 2: [], 4: [] };
const sharedIssues = new Map<string, Promise<unknown>>();

/** Pairs are made in parallel; shared ones are common to the sharing simulators of a process. */
export function createMint(world: World, options: KeyOptions): Mint {
  const { shareKeys = false, merchantKeyPrimes = 2 } = options;
  const drawn = { 2: 0, 4: 0 };
  const draw = (primes: Primes): Promise<KeyPairPem> => {
    const generate = generators[primes];
    if (!shareKeys) return generate();
    const shared = sharedKeys[primes];
    const index = drawn[primes]++;
    const pair = shared[index] ?? generate();
    shared[index] = pair;
    return pair;
  };
  return {
    world,
    validity: validityOf(world),
    ownKey: () => draw(4),
    merchantKey: () => draw(merchantKeyPrimes),
    handsOutUsualKeys: merchantKeyPrimes === 2,
    async once<T>(about: readonly unknown[], issue: () => Promise<T> | T): Promise<T> {
      if (!shareKeys) return issue();
      const name = JSON.stringify(about);
      const known = sharedIssues.get(name) ?? Promise.resolve(issue());
      sharedIssues.set(name, known);
      return known as Promise<T>;
    },
  };
}
