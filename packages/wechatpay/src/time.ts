/** wechatpay · time: RFC 3339 with the offset of Beijing on the wire, seconds in headers. */
import { type Instant, instantOf } from '@polyrail/core';

const offsetMs = 8 * 3_600_000;
const wirePattern = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;

const beijing = (epochMs: number): string => new Date(epochMs + offsetMs).toISOString();

/** `2026-11-22T10:49:24+08:00`; fractions of a second are cut. */
export const wireTime = (epochMs: number): string => `${beijing(epochMs).slice(0, 19)}+08:00`;

/** The day in Beijing, `yyyy-MM-dd`. */
export const wireDay = (epochMs: number): string => beijing(epochMs).slice(0, 10);

/** A time of the wire, or `undefined` when it is none. */
export function instantOfWireTime(text: string | undefined): Instant | undefined {
  const [, day, time, fraction = '', zone] = wirePattern.exec(text ?? '') ?? [];
  const epochMs = Date.parse(`${day}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}${zone}`);
  return Number.isNaN(epochMs) ? undefined : instantOf(epochMs);
}

/** `20261122104924`: pay-score orders write the time of Beijing without its parts (A11.5). */
export const compactTime = (epochMs: number): string =>
  beijing(epochMs).slice(0, 19).replaceAll(/\D/g, '');

/** The same read, or `undefined` when it is none. */
export function instantOfCompactTime(text: string | undefined): Instant | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(text ?? '') ?? [];
  return instantOfWireTime(`${year}-${month}-${day}T${hour}:${minute}:${second}+08:00`);
}

/** Seconds since the epoch, as headers carry them. */
export const seconds = (epochMs: number): string => String(Math.floor(epochMs / 1000));
