/** alipay simulator · time: the gateway's clock face - GMT+8, written without a zone. */

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
const zoneMs = 8 * hourMs;

/** `2026-11-24 15:08:00` */
export const timeText = (epochMs: number): string =>
  new Date(epochMs + zoneMs).toISOString().slice(0, 19).replace('T', ' ');

/** `2026-11-24 15:08:00.123` */
export const timeTextMs = (epochMs: number): string =>
  new Date(epochMs + zoneMs).toISOString().slice(0, 23).replace('T', ' ');

/** `2026-11-24`: the day it is in the gateway's zone. */
export const dayText = (epochMs: number): string => timeText(epochMs).slice(0, 10);

/** `20261124` */
export const compactDay = (epochMs: number): string => dayText(epochMs).replaceAll('-', '');

/** The first moment of a day written `YYYY-MM-DD`. */
export const dayStart = (day: string): number => Date.parse(`${day}T00:00:00+08:00`);

/** Reads `yyyy-MM-dd HH:mm:ss`; `undefined` for anything else, days that do not exist included. */
export function parseTime(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text)) return undefined;
  const epochMs = Date.parse(`${text.replace(' ', 'T')}+08:00`);
  return Number.isNaN(epochMs) || timeText(epochMs) !== text ? undefined : epochMs;
}

/** The moment a day ends: midnight that follows `epochMs`. */
export const midnightAfter = (epochMs: number): number => dayStart(dayText(epochMs)) + dayMs;

/** The same day so many months after `day`; a month too short for it gives its last day. */
export function nextMonths(day: string, months: number): string {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  const index = year * 12 + month - 1 + months;
  const last = new Date(Date.UTC(Math.floor(index / 12), (index % 12) + 1, 0)).getUTCDate();
  const parts = [Math.floor(index / 12), (index % 12) + 1, Math.min(date, last)];
  return parts.map((part) => String(part).padStart(2, '0')).join('-');
}

/** Whether a text is a day that exists, written `yyyy-MM-dd`. */
export const isDayText = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && dayText(dayStart(text) || 0) === text;
