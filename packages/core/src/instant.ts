/** core · instant: moments and business days as text that survives JSON. */
import * as z from 'zod/mini';

/** RFC 3339 in UTC with milliseconds: `2026-11-22T02:49:24.000Z`. */
export type Instant = string;

/** A day of the channel's business calendar: `2026-11-22`. */
export type Day = string;

const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const dayPattern = /^\d{4}-\d{2}-\d{2}$/;

/** Milliseconds since the epoch as an `Instant`. */
export const instantOf = (epochMs: number): Instant => new Date(epochMs).toISOString();

/** Milliseconds since the epoch, or `undefined` when the text is no `Instant`. */
export function epochMsOf(text: string): number | undefined {
  if (!instantPattern.test(text)) return undefined;
  const epochMs = Date.parse(text);
  return Number.isNaN(epochMs) || instantOf(epochMs) !== text ? undefined : epochMs;
}

/** True for a day that exists: `2026-02-30` does not. */
export function isDay(text: string): boolean {
  if (!dayPattern.test(text)) return false;
  const epochMs = Date.parse(`${text}T00:00:00.000Z`);
  return !Number.isNaN(epochMs) && instantOf(epochMs).startsWith(text);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Throws a `RangeError` for a name that is no time zone. */
function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const formatter = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn-hc-h23', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  formatters.set(timeZone, formatter);
  return formatter;
}

const dayEndPattern = /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/;

/**
 * The calendar day of a moment in a time zone (IANA name). `dayEndsAt` is the local `HH:MM` from
 * which on business belongs to the next day.
 */
export function dayOf(epochMs: number, timeZone: string, dayEndsAt = '24:00'): Day {
  if (!dayEndPattern.test(dayEndsAt)) throw new RangeError('dayEndsAt must be HH:MM');
  const parts = formatterOf(timeZone).formatToParts(epochMs);
  const local = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  const day = `${local.year}-${local.month}-${local.day}`;
  if (`${local.hour}:${local.minute}` < dayEndsAt) return day;
  return instantOf(Date.parse(`${day}T00:00:00.000Z`) + 86_400_000).slice(0, 10);
}

export const instantSchema = z.string().check(
  z.refine((text) => epochMsOf(text) !== undefined, {
    error: 'must be a UTC time with milliseconds, such as 2026-11-22T02:49:24.000Z',
  }),
);

export const daySchema = z
  .string()
  .check(
    z.refine(isDay, { error: 'must be an existing day written YYYY-MM-DD, such as 2026-11-22' }),
  );
