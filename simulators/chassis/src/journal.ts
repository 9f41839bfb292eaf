/** simulator · journal: every exchange, decoded and redacted, the newest of them kept. */
import type { FaultRule } from './faults.ts';
import { createMask, shorten } from './scrub.ts';

export interface JournalEntry {
  /** Counts from 1; given by the journal. */
  readonly sequence: number;
  /** When it began, in virtual time. */
  readonly at: string;
  readonly direction: 'request' | 'notification';
  readonly operation: string;
  /** The merchant's order id it concerns. */
  readonly id?: string;
  readonly request?: unknown;
  readonly reply?: unknown;
  /** HTTP status; absent when no reply left or arrived. */
  readonly status?: number;
  /** Names of the faults that struck. */
  readonly faults: readonly string[];
  readonly note?: string;
  /** Wall time. */
  readonly durationMs: number;
}

export interface JournalFilter {
  readonly direction?: JournalEntry['direction'];
  readonly operation?: string;
  readonly id?: string;
  readonly fault?: FaultRule['fault'];
  /** Only entries after this sequence number. */
  readonly after?: number;
  /** At most so many, the newest. */
  readonly limit?: number;
}

export interface Journal {
  add(entry: Omit<JournalEntry, 'sequence'>): void;
  entries(filter?: JournalFilter): readonly JournalEntry[];
  clear(): void;
}

export interface JournalOptions {
  /** Member names whose values are masked, beside the usual ones; a function is asked each time. */
  readonly secretFields?: readonly string[] | (() => readonly string[]);
  /** Default 1 000. */
  readonly limit?: number;
}

const matchers: {
  readonly [name in keyof JournalFilter]-?: (entry: JournalEntry, wanted: unknown) => boolean;
} = {
  direction: (entry, wanted) => entry.direction === wanted,
  operation: (entry, wanted) => entry.operation === wanted,
  id: (entry, wanted) => entry.id === wanted,
  fault: (entry, wanted) => entry.faults.includes(String(wanted)),
  after: (entry, wanted) => entry.sequence > Number(wanted),
  limit: () => true,
};

/** An entry as it was told, until somebody looks at it: most are never looked at. */
interface Kept {
  entry: JournalEntry;
  isMasked: boolean;
}

export function createJournal(options: JournalOptions = {}): Journal {
  const { secretFields = [], limit = 1_000 } = options;
  let kept: Kept[] = [];
  let sequence = 0;
  let masking: { readonly key: string; readonly mask: (value: unknown) => unknown } | undefined;
  const masked = (entry: JournalEntry): JournalEntry => {
    const names = typeof secretFields === 'function' ? secretFields() : secretFields;
    const key = names.join();
    if (masking?.key !== key) masking = { key, mask: createMask(names) };
    return Object.freeze(masking.mask(entry)) as JournalEntry;
  };
  const read = (one: Kept): JournalEntry => {
    if (!one.isMasked) {
      one.entry = masked(one.entry);
      one.isMasked = true;
    }
    return one.entry;
  };
  return {
    add(entry) {
      sequence += 1;
      kept.push({ entry: { sequence, ...(shorten(entry) as typeof entry) }, isMasked: false });
      // Trimmed in blocks: dropping one entry per addition would copy the list every time.
      if (kept.length >= limit * 2) kept = kept.slice(-limit);
    },
    entries(filter = {}) {
      const wanted = Object.entries(filter).filter(([, value]) => value !== undefined);
      const found = kept
        .slice(-limit)
        .filter(({ entry }) =>
          wanted.every(([name, value]) => matchers[name as keyof JournalFilter]?.(entry, value)),
        );
      const { limit: most = found.length } = filter;
      return found.slice(-Math.max(1, most)).map(read);
    },
    clear() {
      kept = [];
    },
  };
}
