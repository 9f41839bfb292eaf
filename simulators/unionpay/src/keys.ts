/** unionpay simulator · keys: RSA pairs and certificates, each minted once for suites that share. */
import { generateKeys, type KeyPairPem, type World } from '@polyrail/simulator';
import { dayMs } from './time.ts';

let sharedKeys: Promise<KeyPairPem>[] = [];
const sharedIssues = new Map<string, Promise<unknown>>();

export interface Mint {
  readonly world: World;
  /** The next pair. */
  key(): Promise<KeyPairPem>;
  /** What sharing simulators issue alike is issued once: signing certificates is slow. */
  once<T>(about: readonly unknown[], issue: () => Promise<T> | T): Promise<T>;
  /** Valid by the wall clock and by the virtual one. */
  readonly validity: { readonly now: number; readonly days: number };
}

const certificateDays = 5 * 365;

function validityOf({ clock, wallNow }: World) {
  const [virtual, wall] = [clock.now(), wallNow()];
  const days = certificateDays + Math.ceil(Math.abs(virtual - wall) / dayMs);
  // From the beginning of a day: sharing simulators of one day issue the same ones.
  const now = Math.floor(Math.min(virtual, wall) / dayMs) * dayMs;
  return { now, days: days + 1 };
}

/** Key pairs, made in parallel; shared ones are common to the sharing simulators of a process. */
export function createMint(world: World, share: boolean): Mint {
  let next = 0;
  return {
    world,
    validity: validityOf(world),
    key() {
      if (!share) return generateKeys();
      const index = next++;
      const pair = sharedKeys[index] ?? generateKeys();
      sharedKeys = Object.assign([...sharedKeys], { [index]: pair });
      return pair;
    },
    async once(about, issue) {
      if (!share) return issue();
      const name = JSON.stringify(about);
      const known = sharedIssues.get(name) ?? Promise.resolve(issue());
      sharedIssues.set(name, known);
      return known as ReturnType<typeof issue>;
    },
  };
}
