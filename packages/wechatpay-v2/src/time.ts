/** wechatpay-v2 · time: Beijing's wall time, in digits alone or with separators. */
import type { Instant } from '@polyrail/core';
import { instantOfWallTime } from '@polyrail/wechatpay-bills';

const offsetMs = 8 * 3_600_000;
const digitsPattern = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/;

const beijing = (epochMs: number): string => new Date(epochMs + offsetMs).toISOString();

/** `20261122104924`; fractions of a second are cut. */
export const wireTime = (epochMs: number): string =>
  beijing(epochMs).slice(0, 19).replaceAll(/\D/g, '');

/** The day in Beijing, `yyyy-MM-dd`. */
export const wireDay = (epochMs: number): string => beijing(epochMs).slice(0, 10);

/** Seconds since the epoch. */
export const seconds = (epochMs: number): string => String(Math.floor(epochMs / 1000));

/** A time in either of the forms the wire has, or `undefined` when it is none. */
export function instantOfWireTime(text: string): Instant | undefined {
  const [, year, month, day, hour, minute, second] = digitsPattern.exec(text) ?? [];
  if (year === undefined) return instantOfWallTime(text);
  return instantOfWallTime(`${year}-${month}-${day} ${hour}:${minute}:${second}`);
}
