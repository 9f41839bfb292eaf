/** clearing · calendar: business days that end at the cut-off, and when exactly that is. */
import { type Day, dayOf, instantOf } from '@polyrail/core';

const minuteMs = 60_000;
const dayMs = 86_400_000;

export interface CalendarOptions {
  /** IANA name. Default `Asia/Shanghai`. */
  readonly timeZone?: string;
  /**
   * Local `HH:MM` from which on business belongs to the next day; `24:00` for calendar days.
   * Default `23:00`, when UnionPay's day ends.
   */
  readonly dayEndsAt?: string;
}

export interface Calendar {
  readonly timeZone: string;
  readonly dayEndsAt: string;
  /** The business day of a moment. */
  dayOf(epochMs: number): Day;
  /** The first moment that no longer belongs to a day. */
  endOf(day: Day): number;
}

const startOf = (day: Day): number => Date.parse(`${day}T00:00:00.000Z`);

export const dayAfter = (day: Day): Day => instantOf(startOf(day) + dayMs).slice(0, 10);

/** @throws RangeError for a name that is no time zone, or a time that is no `HH:MM`. */
export function createCalendar(options: CalendarOptions = {}): Calendar {
  const { timeZone = 'Asia/Shanghai', dayEndsAt = '23:00' } = options;
  const businessDay = (epochMs: number): Day => dayOf(epochMs, timeZone, dayEndsAt);
  businessDay(0);
  return {
    timeZone,
    dayEndsAt,
    dayOf: businessDay,
    endOf(day) {
      // Zones differ by less than a day either way, so the end lies within three days of UTC.
      let [low, high] = [startOf(day) - dayMs, startOf(day) + 3 * dayMs];
      while (high - low > minuteMs) {
        const middle = low + Math.floor((high - low) / 2 / minuteMs) * minuteMs;
        if (businessDay(middle) > day) high = middle;
        else low = middle;
      }
      return high;
    },
  };
}
