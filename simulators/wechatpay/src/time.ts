/** wechatpay simulator · time: Beijing time in the three spellings the protocols have. */

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
const zoneMs = 8 * hourMs;

const local = (epochMs: number): string => new Date(epochMs + zoneMs).toISOString().slice(0, 19);

/** `2026-11-24T15:08:00+08:00` */
export const isoTime = (epochMs: number): string => `${local(epochMs)}+08:00`;

/** `2026-11-24 15:08:00` */
export const timeText = (epochMs: number): string => local(epochMs).replace('T', ' ');

/** `20261124150800` */
export const compactTime = (epochMs: number): string => local(epochMs).replaceAll(/[-:T]/g, '');

/** `2026-11-24`: the day it is in Beijing. */
export const dayText = (epochMs: number): string => local(epochMs).slice(0, 10);

/** `20261124` */
export const compactDay = (epochMs: number): string => dayText(epochMs).replaceAll('-', '');

/** The first moment of a day written `YYYY-MM-DD`. */
export const dayStart = (day: string): number => Date.parse(`${day}T00:00:00+08:00`);

const isoPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** Reads RFC 3339; `undefined` for anything else. */
export function parseIso(text: string): number | undefined {
  const epochMs = isoPattern.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(epochMs) ? undefined : epochMs;
}

/** Reads `yyyyMMddHHmmss` of Beijing; `undefined` for anything else, days that do not exist included. */
export function parseCompact(text: string): number | undefined {
  const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const epochMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}+08:00`);
  return Number.isNaN(epochMs) || compactTime(epochMs) !== text ? undefined : epochMs;
}

/** Whether a text is a day that exists, written `yyyy-MM-dd`. */
export const isDayText = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && dayText(dayStart(text) || 0) === text;
