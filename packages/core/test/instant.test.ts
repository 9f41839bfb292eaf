import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOf, epochMsOf, instantOf, isDay } from '../src/instant.ts';

const noon = Date.parse('2026-11-22T12:00:00.000Z');

describe('instants', () => {
  it('come back as the milliseconds they were', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (epochMs) => {
        expect(epochMsOf(instantOf(epochMs))).toBe(epochMs);
      }),
    );
  });

  it.each([
    '2026-11-22T02:49:24Z',
    '2026-11-22T02:49:24.000+08:00',
    '2026-02-30T00:00:00.000Z',
    '2026-11-22 02:49:24.000Z',
    '2026-11-22T24:00:00.000Z',
    '',
  ])('are nothing else: %j', (text) => {
    expect(epochMsOf(text)).toBeUndefined();
  });
});

describe('business days', () => {
  it('exist, or are none', () => {
    expect(isDay('2028-02-29')).toBe(true);
    for (const none of ['2026-02-29', '2026-2-1', '20260201', '2026-13-01', '']) {
      expect(isDay(none)).toBe(false);
    }
  });

  it('are those of the zone', () => {
    const late = Date.parse('2026-11-22T16:30:00.000Z');
    expect(dayOf(late, 'Asia/Shanghai')).toBe('2026-11-23');
    expect(dayOf(late, 'UTC')).toBe('2026-11-22');
    expect(dayOf(late, 'America/New_York')).toBe('2026-11-22');
  });

  it('end when the channel says: at 23:00 business belongs to the next day', () => {
    const before = Date.parse('2026-12-31T14:59:59.999Z');
    expect(dayOf(before, 'Asia/Shanghai', '23:00')).toBe('2026-12-31');
    expect(dayOf(before + 1, 'Asia/Shanghai', '23:00')).toBe('2027-01-01');
  });

  it('refuse zones and hours that are none', () => {
    expect(() => dayOf(noon, 'Asia/Nowhere')).toThrow(RangeError);
    for (const end of ['24:01', '25:00', '9:00', '23:60', '23', '']) {
      expect(() => dayOf(noon, 'UTC', end), end).toThrow(/HH:MM/);
    }
  });
});
