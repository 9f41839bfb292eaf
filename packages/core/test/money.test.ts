import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currencyCodes, exponentOf } from '../src/currencies.ts';
import {
  addMoney,
  formatMoney,
  money,
  moneySchema,
  sameMoney,
  subtractMoney,
} from '../src/money.ts';

const currencies = fc.constantFrom(...currencyCodes());
const exact = fc.maxSafeInteger();
const limit = BigInt(Number.MAX_SAFE_INTEGER);
const isExact = (value: bigint): boolean => value <= limit && value >= -limit;
const scaleOf = (currency: string): bigint => 10n ** BigInt(exponentOf(currency) ?? 0);

/** The decimal text by big integers: an oracle that shares nothing with the code. */
function oracleText(amount: number, currency: string): string {
  const value = BigInt(amount);
  const [absolute, sign] = value < 0n ? [-value, '-'] : [value, ''];
  const scale = scaleOf(currency);
  if (scale === 1n) return `${sign}${absolute}`;
  const fraction = String(absolute % scale).padStart(String(scale).length - 1, '0');
  return `${sign}${absolute / scale}.${fraction}`;
}

describe('money as text', () => {
  it('prints as the oracle does, and reads back what it printed', () => {
    fc.assert(
      fc.property(exact, currencies, (amount, currency) => {
        const text = formatMoney({ amount, currency });
        expect(text).toBe(oracleText(amount, currency));
        expect(money(text, currency)).toEqual({ amount, currency });
      }),
      { numRuns: 2000 },
    );
  });

  it('reads any decimal exactly, or refuses it', () => {
    const digits = (maxLength: number) => fc.stringMatching(new RegExp(`^\\d{0,${maxLength}}$`));
    fc.assert(
      fc.property(digits(16), digits(6), currencies, (whole, fraction, currency) => {
        const text = `${whole || '0'}${fraction === '' ? '' : `.${fraction}`}`;
        const scale = scaleOf(currency);
        const unit = 10n ** BigInt(fraction.length);
        const scaled = BigInt((whole || '0') + fraction) * scale;
        const fits = scaled % unit === 0n && isExact(scaled / unit);
        if (fits) expect(money(text, currency).amount).toBe(Number(scaled / unit));
        else expect(() => money(text, currency)).toThrow(/amount/);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['9.00', 'CNY', 900],
    ['0.29', 'CNY', 29],
    ['1.15', 'USD', 115],
    ['9', 'JPY', 9],
    ['9.000', 'JPY', 9],
    ['1.234', 'KWD', 1234],
    ['-0.00', 'CNY', 0],
    ['-1.10', 'CNY', -110],
    ['90071992547409.91', 'CNY', Number.MAX_SAFE_INTEGER],
  ])('reads %s %s as %i', (text, currency, amount) => {
    const value = money(text, currency);
    expect(value).toEqual({ amount, currency });
    expect(Object.is(value.amount, -0)).toBe(false);
  });

  it.each([
    ['1e3', 'CNY', 'amount'],
    ['1,000.00', 'CNY', 'amount'],
    [' 1', 'CNY', 'amount'],
    ['1.', 'CNY', 'amount'],
    ['.5', 'CNY', 'amount'],
    ['+1', 'CNY', 'amount'],
    ['١', 'CNY', 'amount'],
    ['', 'CNY', 'amount'],
    ['1.001', 'CNY', 'amount'],
    ['1.5', 'JPY', 'amount'],
    ['90071992547409.92', 'CNY', 'amount'],
    ['1', 'cny', 'currency'],
    ['1', 'XXX', 'currency'],
    ['1', '__proto__', 'currency'],
  ])('refuses %j %s, blaming the %s', (text, currency, field) => {
    expect(() => money(text, currency)).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID', field }),
    );
  });

  it('refuses numbers: they have been floating already', () => {
    expect(() => money(9.99 as never, 'CNY')).toThrow(/plain decimal string/);
    expect(() => formatMoney({ amount: 9.5, currency: 'CNY' })).toThrow(/safe integer/);
  });
});

describe('arithmetic', () => {
  it('adds and subtracts as big integers do, or refuses', () => {
    fc.assert(
      fc.property(exact, exact, currencies, (left, right, currency) => {
        const [one, other] = [
          { amount: left, currency },
          { amount: right, currency },
        ];
        const cases = [
          [addMoney, BigInt(left) + BigInt(right)],
          [subtractMoney, BigInt(left) - BigInt(right)],
        ] as const;
        for (const [operation, expected] of cases) {
          if (isExact(expected)) expect(operation(one, other).amount).toBe(Number(expected));
          else expect(() => operation(one, other)).toThrow(/beyond exact integers/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('does not mix currencies, nor take what is not exact', () => {
    const yuan = money('1', 'CNY');
    expect(() => addMoney(yuan, money('1', 'USD'))).toThrow(
      expect.objectContaining({ field: 'currency' }),
    );
    expect(() => addMoney(yuan, { amount: 0.5, currency: 'CNY' })).toThrow(/safe integer/);
    expect(sameMoney(yuan, money('1.00', 'CNY'))).toBe(true);
    expect(sameMoney(yuan, money('1', 'USD'))).toBe(false);
  });
});

describe('a currency', () => {
  it.each([
    ['JPY', 0],
    ['KRW', 0],
    ['CLP', 0],
    ['CNY', 2],
    ['HUF', 2],
    ['KWD', 3],
    ['TND', 3],
    ['CLF', 4],
    ['UYW', 4],
  ])('%s has %i minor digits', (code, exponent) => {
    expect(exponentOf(code)).toBe(exponent);
  });

  it('stands once in the table, as three capitals', () => {
    const codes = currencyCodes();
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(code).toMatch(/^[A-Z]{3}$/);
    for (const none of ['', 'cny', 'CNYX', 'XXX', 'XTS', 'constructor']) {
      expect(exponentOf(none)).toBeUndefined();
      expect(() => formatMoney({ amount: 1, currency: none })).toThrow(
        expect.objectContaining({ code: 'REQUEST_INVALID', field: 'currency' }),
      );
    }
  });
});

describe('at the limits', () => {
  const cny = (amount: number) => ({ amount, currency: 'CNY' });

  it('there is no negative zero', () => {
    expect(Object.is(addMoney(cny(-0), cny(-0)).amount, 0)).toBe(true);
    expect(Object.is(subtractMoney(cny(-0), cny(0)).amount, 0)).toBe(true);
    expect(formatMoney(cny(-0))).toBe('0.00');
  });

  it('the largest exact amount is read, and the next is not', () => {
    expect(money('9007199254740991', 'JPY').amount).toBe(Number.MAX_SAFE_INTEGER);
    for (const beyond of ['9007199254740992', '9007199254740993', '9'.repeat(17), '9'.repeat(18)]) {
      expect(() => money(beyond, 'JPY')).toThrow(expect.objectContaining({ field: 'amount' }));
    }
  });

  it('nothing that is no exact integer is combined', () => {
    for (const bad of [0.1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      for (const combine of [addMoney, subtractMoney]) {
        expect(() => combine(cny(1), cny(bad))).toThrow(/amount must be a safe integer/);
        expect(() => combine(cny(bad), cny(1))).toThrow(/amount must be a safe integer/);
      }
    }
  });
});

describe('money in a request', () => {
  it('is positive, whole, exact and of a known currency, with nothing beside', () => {
    const takes = (value: unknown) => moneySchema.safeParse(value).success;
    expect(takes({ amount: 1, currency: 'CNY' })).toBe(true);
    expect(takes({ amount: Number.MAX_SAFE_INTEGER, currency: 'JPY' })).toBe(true);
    for (const bad of [0, -0, -1, 0.5, 2 ** 53, Number.NaN, '1', 1n, null]) {
      expect(takes({ amount: bad, currency: 'CNY' })).toBe(false);
    }
    expect(takes({ amount: 1, currency: 'cny' })).toBe(false);
    expect(takes({ amount: 1, currency: 'CNY', unit: 'fen' })).toBe(false);
  });
});
