/** alipay · time: Alipay's wall clock, `yyyy-MM-dd HH:mm:ss` in GMT+8, which knows no summer time. */
import { type Instant, instantOf } from '@polyrail/core';

const offsetMs = 8 * 3_600_000;
const pattern = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.\d{1,3})?$/;

/** Milliseconds since the epoch as the channel writes them; fractions of a second are cut. */
export const wallTime = (epochMs: number): string =>
  new Date(epochMs + offsetMs).toISOString().slice(0, 19).replace('T', ' ');

/** The channel's wall time in milliseconds since the epoch, or `undefined` when it is none. */
export function epochMsOfWallTime(text: string): number | undefined {
  const [, day, time] = pattern.exec(text) ?? [];
  const epochMs = Date.parse(`${day}T${time}.000Z`) - offsetMs;
  return Number.isNaN(epochMs) || wallTime(epochMs) !== `${day} ${time}` ? undefined : epochMs;
}

/** The channel's wall time as an `Instant`, or `undefined` when it is none. */
export function instantOfWallTime(text: string | undefined): Instant | undefined {
  const epochMs = text === undefined ? undefined : epochMsOfWallTime(text);
  return epochMs === undefined ? undefined : instantOf(epochMs);
}
