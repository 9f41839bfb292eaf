/** wechatpay-bills · units: fen, and the wall time of Beijing, which knows no summer time. */
import { type Instant, instantOf, type Money } from '@polyrail/core';

const offsetMs = 8 * 3_600_000;
const pattern = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})$/;

export const yuan = (fen: number): Money => ({ amount: fen, currency: 'CNY' });

/** `2026-11-22 10:49:24` in Beijing, or `undefined` when it is none. */
export function instantOfWallTime(text: string): Instant | undefined {
  const [, day, time] = pattern.exec(text) ?? [];
  const epochMs = Date.parse(`${day}T${time}.000Z`) - offsetMs;
  if (Number.isNaN(epochMs)) return undefined;
  const read = new Date(epochMs + offsetMs).toISOString();
  return read.startsWith(`${day}T${time}`) ? instantOf(epochMs) : undefined;
}
