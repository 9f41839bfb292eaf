/** gateway storm · chronicle: what happened, as one hash, and how often the things happened we storm for. */
import { createHash } from 'node:crypto';

/** What must have happened somewhere in a run of the usual length, or the storm was no storm. */
export const sometimes = [
  'late money',
  'double callback',
  'callback before reply',
  'key rotation in flight',
  'crash between send and reply',
  'reversal',
  'escalation',
] as const;

/** Counted as well, and shown. */
const others = [
  'crash',
  'double crash',
  'deploy',
  'store failure',
  'closed at the channel',
  'proven absent',
  'fail-over',
  'channel spared',
  'call limited',
  'alarm',
  'dead letter',
  'forged message refused',
  'challenged',
  'blocked',
  'unmatched message',
  'refused, and taken',
  'paid twice',
  'late money accepted',
  'late money refunded',
  'paid',
  'failed',
  'refunded',
  'refund failed',
  'cancelled',
  'paid out',
  'held',
  'late hold',
  'not held',
  'captured',
  'released',
  'signed up',
  'not signed up',
  'charged',
  'payout failed',
] as const;

export type Happening = (typeof sometimes)[number] | (typeof others)[number];
export const happenings: readonly Happening[] = [...sometimes, ...others];
export type Counts = Readonly<Partial<Record<Happening | `fault ${string}`, number>>>;

export interface Chronicle {
  /** A line of the log: part of the hash. */
  note(...parts: readonly (string | number)[]): void;
  count(what: Happening | `fault ${string}`, times?: number): void;
  readonly counts: Counts;
  /** Lines, where they are kept. */
  readonly lines: readonly string[];
  hash(): string;
}

export function createChronicle(now: () => number, keep: boolean): Chronicle {
  const hash = createHash('sha256');
  const counts: Partial<Record<Happening | `fault ${string}`, number>> = {};
  const lines: string[] = [];
  return {
    note(...parts) {
      const line = `${now()} ${parts.join(' ')}`;
      hash.update(`${line}\n`);
      if (keep) lines.push(line);
    },
    count(what, times = 1) {
      counts[what] = (counts[what] ?? 0) + times;
    },
    counts,
    lines,
    hash: () => hash.digest('hex').slice(0, 32),
  };
}

export function addCounts(sum: Counts, more: Counts): Counts {
  const names = [...new Set([...Object.keys(sum), ...Object.keys(more)])] as (keyof Counts)[];
  return Object.fromEntries(names.map((name) => [name, (sum[name] ?? 0) + (more[name] ?? 0)]));
}
