/** conformance · instruments: seeded randomness, a clock that counts its timers, a log that remembers. */
import type { Clock, Logger, Random } from '@polyrail/core';

/** A small seeded generator (mulberry32): replayable, good for choosing, not for keys. */
export interface Dice {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  pick<T>(list: readonly T[]): T;
  /** `count` different whole numbers below `limit`, ascending; all of them if there are fewer. */
  sample(count: number, limit: number): readonly number[];
}

export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
  return {
    below,
    pick<T>(list: readonly T[]): T {
      return list[below(list.length)] as T;
    },
    sample(count, limit) {
      if (limit <= count) return Array.from({ length: limit }, (_, index) => index);
      const chosen = new Set<number>();
      while (chosen.size < count) chosen.add(below(limit));
      return [...chosen].sort((left, right) => left - right);
    },
  };
}

export function createRandom(seed: number): Random {
  const dice = createDice(seed);
  return { bytes: (length) => Uint8Array.from({ length }, () => dice.below(256)) };
}

export interface CountingClock extends Clock {
  /** Timers neither run nor cancelled. */
  pending(): number;
  /** Timers ever asked for. */
  asked(): number;
}

export function createCountingClock(clock: Clock): CountingClock {
  const open = new Set<object>();
  let asked = 0;
  return {
    now: () => clock.now(),
    pending: () => open.size,
    asked: () => asked,
    schedule(delayMs, task) {
      const timer = {};
      open.add(timer);
      asked += 1;
      const cancel = clock.schedule(delayMs, () => {
        open.delete(timer);
        task();
      });
      return () => {
        open.delete(timer);
        cancel();
      };
    },
  };
}

interface LogEntry {
  readonly level: keyof Logger;
  readonly event: string;
  readonly fields: unknown;
}

export interface RecordingLogger extends Logger {
  readonly entries: readonly LogEntry[];
}

export function createRecordingLogger(): RecordingLogger {
  const entries: LogEntry[] = [];
  const at = (level: keyof Logger) => (event: string, fields?: unknown) => {
    entries.push({ level, event, fields });
  };
  return { entries, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Lets what is already under way settle: some turns of the event loop, no virtual time. */
export async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** Like `turns`, but long enough for work on the thread pool or over a loopback socket. */
export const moment = (ms = 2): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * A promise that resolves after wall time, unless it is cancelled. Keeps the process alive: one that
 * has nothing else to do would end in silence where a call hangs.
 */
export function later(ms: number): { readonly done: Promise<void>; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  const done = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return { done, cancel: () => clearTimeout(timer) };
}

/** A promise and what resolves it. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
