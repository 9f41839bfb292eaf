/** gateway · watch: an entry's changes as they happen, for a merchant's own front end. */
import type { Clock } from '@polyrail/core';
import { type Entry, entryOf, isOver, type Kept } from './entry.ts';
import type { EntryKey } from './store.ts';

/** Other processes change entries too: how often the store is asked, in ms. */
const lookEveryMs = 2000;

const nameOf = ({ merchant, noun, id }: EntryKey): string => JSON.stringify([merchant, noun, id]);

export interface Watchers {
  changed(kept: Kept): void;
  listen(key: EntryKey, listener: () => void): () => void;
}

/** Who in this process waits for which entry. */
export function createWatchers(): Watchers {
  const listeners = new Map<string, Set<() => void>>();
  return {
    changed(kept) {
      if (listeners.size === 0) return;
      for (const listener of listeners.get(nameOf(kept)) ?? []) listener();
    },
    listen(key, listener) {
      const name = nameOf(key);
      const those = listeners.get(name) ?? new Set();
      those.add(listener);
      listeners.set(name, those);
      return () => {
        those.delete(listener);
        if (those.size === 0) listeners.delete(name);
      };
    },
  };
}

export interface WatchOptions {
  readonly merchant?: string;
  readonly signal?: AbortSignal;
}

/** What watching needs of the gateway. */
export interface Watched {
  readonly clock: Clock;
  readonly watchers: Watchers;
  find(key: EntryKey): Promise<Kept | undefined>;
}

/**
 * An entry now and after each change, until it is final and no decision is open. Changes that follow
 * each other quickly are told as one.
 */
export async function* watch(
  { clock, watchers, find }: Watched,
  key: EntryKey,
  signal: AbortSignal | undefined,
): AsyncGenerator<Entry, void, void> {
  let wake = (): void => undefined;
  let changed = true;
  const ring = (): void => {
    changed = true;
    wake();
  };
  const stop = watchers.listen(key, ring);
  signal?.addEventListener('abort', ring);
  let seen = -1;
  try {
    while (signal?.aborted !== true) {
      changed = false;
      const kept = await find(key);
      if (kept !== undefined && kept.version !== seen) {
        seen = kept.version;
        yield entryOf(kept);
        if (isOver(kept)) return;
      }
      if (changed) continue;
      await new Promise<void>((resolve) => {
        const cancel = clock.schedule(lookEveryMs, resolve);
        wake = () => {
          cancel();
          resolve();
        };
        if (changed) wake();
      });
    }
  } finally {
    stop();
    signal?.removeEventListener('abort', ring);
  }
}
