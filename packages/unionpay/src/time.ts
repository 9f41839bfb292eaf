/** unionpay · time: Beijing's wall time as digits, and days told without a year (dossier §7, §13.1). */
import { type Day, epochMsOf, type Instant, instantOf, isDay } from '@polyrail/core';

const offsetMs = 8 * 3_600_000;
const pattern = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/;

const beijing = (epochMs: number): string => new Date(epochMs + offsetMs).toISOString();

/** `20261122104924`; fractions of a second are cut. */
export const wireTime = (epochMs: number): string =>
  beijing(epochMs).slice(0, 19).replaceAll(/\D/g, '');

/** The moment a call began, as its `txnTime`: half of its key at UnionPay. */
export const txnTimeOf = (startedAt: Instant): string => wireTime(epochMsOf(startedAt) ?? 0);

/** A wall time in milliseconds since the epoch, or `undefined` when it is none. */
export function epochMsOfWireTime(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] = pattern.exec(text) ?? [];
  const epochMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`) - offsetMs;
  return Number.isNaN(epochMs) || wireTime(epochMs) !== text ? undefined : epochMs;
}

export function instantOfWireTime(text: string | undefined): Instant | undefined {
  const epochMs = text === undefined ? undefined : epochMsOfWireTime(text);
  return epochMs === undefined ? undefined : instantOf(epochMs);
}

/**
 * `MMDD` as the day it is: the first one of that name from the day before `txnTime` on.
 *
 * Quirk: clearing days are told without a year, and the last evening of December is cleared in January.
 */
export function dayOfWire(monthDay: string | undefined, txnTime: string): Day | undefined {
  const [, month, day] = /^(\d{2})(\d{2})$/.exec(monthDay ?? '') ?? [];
  const startMs = epochMsOfWireTime(txnTime);
  if (month === undefined || startMs === undefined) return undefined;
  const earliest = beijing(startMs - 24 * 3_600_000).slice(0, 10);
  const year = Number(earliest.slice(0, 4));
  const found = [year, year + 1]
    .map((candidate) => `${candidate}-${month}-${day}`)
    .find((candidate) => candidate >= earliest);
  return found !== undefined && isDay(found) ? found : undefined;
}
