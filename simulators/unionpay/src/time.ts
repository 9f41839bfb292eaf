/** unionpay simulator · time: Beijing's clock face, and the day that ends at 23:00. */

export const secondMs = 1_000;
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
const zoneMs = 8 * hourMs;

/** `20261124150809` */
export const compactTime = (epochMs: number): string =>
  new Date(epochMs + zoneMs).toISOString().slice(0, 19).replaceAll(/\D/g, '');

/** Reads `YYYYMMDDhhmmss`; `undefined` for anything else, days that do not exist included. */
export function parseTime(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const epochMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}+08:00`);
  return Number.isNaN(epochMs) || compactTime(epochMs) !== text ? undefined : epochMs;
}

/** `2026-11-24`: the day it is in Beijing. */
export const dayText = (epochMs: number): string =>
  new Date(epochMs + zoneMs).toISOString().slice(0, 10);

/** The first moment of a day written `YYYY-MM-DD`. */
export const dayStart = (day: string): number => Date.parse(`${day}T00:00:00+08:00`);

/** Whether a text is a day that exists, written `YYYY-MM-DD`. */
export const isDayText = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && dayText(dayStart(text) || 0) === text;

/** The business days, each beginning where the one before ends. */
export interface Calendar {
  /** `YYYY-MM-DD`: the clearing day a moment belongs to. */
  dayOf(epochMs: number): string;
  /** When a clearing day ends. */
  endOf(day: string): number;
}

/** `endsAt` is `hh:mm` of Beijing: day D runs from then on D−1 until then on D. */
export function createCalendar(endsAt: string): Calendar {
  const [hours = 23, minutes = 0] = endsAt.split(':').map(Number);
  const rest = dayMs - (hours * hourMs + minutes * minuteMs);
  return {
    dayOf: (epochMs) => dayText(epochMs + rest),
    endOf: (day) => dayStart(day) + dayMs - rest,
  };
}

/** `1124`, as `settleDate` writes `2026-11-24`. */
export const monthDay = (day: string): string => day.slice(5).replace('-', '');
