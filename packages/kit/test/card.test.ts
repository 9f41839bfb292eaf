import { describe, expect, it } from 'vitest';
import { cardBrand, cardLengths, maskCard, passesLuhn, pinBlock } from '../src/card.ts';
import { text, vectorsOf } from './support/vectors.ts';

describe('card numbers', () => {
  it.each([
    ['6216261000000000018', 'unionpay'],
    ['8171999927660000', 'unionpay'],
    ['4111111111111111', 'visa'],
    ['4222222222222', 'visa'],
    ['5555555555554444', 'mastercard'],
    ['2221000000000009', 'mastercard'],
    ['2720990000000007', 'mastercard'],
    ['378282246310005', 'american-express'],
    ['3530111333300000', 'jcb'],
    ['30569309025904', undefined],
    ['36700102000000', 'diners-club'],
    ['6011111111111117', 'discover'],
    ['2220999999999999', undefined],
    ['2721000000000000', undefined],
    ['411111111111111', undefined],
    ['8172000000000000', undefined],
    ['9558820000000000000', undefined],
    ['62162610', undefined],
    ['6216 2610 0000 0000 018', undefined],
  ])('%s is of %s', (number, brand) => {
    expect(cardBrand(number)).toBe(brand);
  });

  it('end in a check digit', () => {
    for (const number of ['6216261000000000018', '4111111111111111', '378282246310005', '0']) {
      expect(passesLuhn(number)).toBe(true);
    }
    for (const number of ['6216261000000000019', '4111111111111112', '', '411a', ' 0']) {
      expect(passesLuhn(number)).toBe(false);
    }
  });

  it('have lengths by their brand', () => {
    expect(cardLengths('unionpay')).toEqual([16, 17, 18, 19]);
    expect(cardLengths('visa')).toEqual([13, 16, 19]);
  });

  it('are shown by their ends', () => {
    expect(maskCard('6222020000001234')).toBe('622202******1234');
    expect(maskCard('6222 0200 0000 1234')).toBe('622202******1234');
    expect(maskCard('6216***********0018')).toBe('6216***********0018');
    expect(maskCard('0048')).toBe('**** 0048');
    for (const other of ['', 'x', '12345678', '6222020000001234567890', '62220200*0001234']) {
      expect(maskCard(other)).toBe('****');
    }
  });

  it.each(vectorsOf('pinblock').map((one) => [one.id, one] as const))(
    'make a block with a PIN: %s',
    (_, one) => {
      const block = pinBlock(text(one, 'pin'), text(one, 'pan'));
      expect(Buffer.from(block).toString('hex').toUpperCase()).toBe(one['hex']);
    },
  );
});
