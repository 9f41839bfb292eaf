import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createCalendar, dayAfter } from '../src/calendar.ts';

const at = (text: string): number => Date.parse(text);

it('ends the day at eleven in the evening in Shanghai, unless told otherwise', () => {
  const { dayOf, endOf } = createCalendar();
  expect(dayOf(at('2026-11-24T22:59:59.999+08:00'))).toBe('2026-11-24');
  expect(dayOf(at('2026-11-24T23:00:00.000+08:00'))).toBe('2026-11-25');
  expect(endOf('2026-11-24')).toBe(at('2026-11-24T23:00:00.000+08:00'));
  expect(createCalendar({ dayEndsAt: '24:00' }).endOf('2026-11-24')).toBe(
    at('2026-11-25T00:00:00.000+08:00'),
  );
  expect(createCalendar({ dayEndsAt: '13:30' }).endOf('2026-02-28')).toBe(
    at('2026-02-28T13:30:00.000+08:00'),
  );
});

it('knows the day after the last of a month and of a year', () => {
  expect(dayAfter('2028-02-28')).toBe('2028-02-29');
  expect(dayAfter('2026-12-31')).toBe('2027-01-01');
});

it.each([{ dayEndsAt: '25:00' }, { dayEndsAt: 'noon' }, { timeZone: 'Middle/Earth' }])(
  'refuses %o',
  (options) => {
    expect(() => createCalendar(options)).toThrow(RangeError);
  },
);

it('ends a day in the one moment after which it is another, in any zone, at any hour', () => {
  const zones = ['Asia/Shanghai', 'UTC', 'America/New_York', 'Pacific/Kiritimati', 'Asia/Kolkata'];
  const hour = fc.integer({ min: 0, max: 23 });
  const minute = fc.integer({ min: 0, max: 59 });
  const two = (number: number) => String(number).padStart(2, '0');
  const time = fc.tuple(hour, minute).map(([h, m]) => `${two(h)}:${two(m)}`);
  const dayEndsAt = fc.oneof(time, fc.constant('24:00'));
  const moment = fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') });
  fc.assert(
    fc.property(fc.constantFrom(...zones), dayEndsAt, moment, (timeZone, ends, now) => {
      const { dayOf, endOf } = createCalendar({ timeZone, dayEndsAt: ends });
      const day = dayOf(now);
      const end = endOf(day);
      expect(end).toBeGreaterThan(now);
      expect(dayOf(end - 1) <= day).toBe(true);
      expect(dayOf(end) > day).toBe(true);
    }),
  );
});
