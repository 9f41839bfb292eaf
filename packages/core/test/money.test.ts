import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currencyCodes, exponentOf } from '../src/currencies.ts';
import { addMoney, formatMoney, money, sameMoney, subtractMoney } from '../src/money.ts';

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
