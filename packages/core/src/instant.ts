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

/** The calendar day of a moment in a time zone (IANA name), minding a business day that ends early. */
export function dayOf(epochMs: number, timeZone: string, dayEndsAt = '24:00'): Day {
  const [hours = 24, minutes = 0] = dayEndsAt.split(':').map(Number);
  const shiftMs = (24 * 60 - (hours * 60 + minutes)) * 60_000;
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
    formatters.set(timeZone, formatter);
  }
  return formatter.format(epochMs + shiftMs);
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
