/** simulator · tests: a form's names and values, escaped byte by byte in either character set. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText, encodeText, formDecode, formEncode } from '../src/charset.ts';

describe('formEncode', () => {
  it('leaves what Java leaves, writes a space as + and escapes in upper case', () => {
    expect(formEncode("az AZ09*-._~!'()/=&+%", 'utf-8')).toBe(
      'az+AZ09*-._%7E%21%27%28%29%2F%3D%26%2B%25',
    );
    expect(formEncode('金额\n', 'utf-8')).toBe('%E9%87%91%E9%A2%9D%0A');
    expect(formEncode('金额', 'gbk')).toBe('%BD%F0%B6%EE');
  });

  it('is read back by any parser of forms', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const [[, read] = []] = [...new URLSearchParams(`name=${formEncode(text, 'utf-8')}`)];
        expect(read).toBe(decodeText(encodeText(text, 'utf-8'), 'utf-8'));
      }),
    );
  });
});

describe('formDecode', () => {
  const read = (raw: string) => decodeText(formDecode(raw), 'utf-8');

  it('reads escapes in either case, and leaves what is none as it stands', () => {
    expect(read('a+b%2Bc%2b%E9%87%91')).toBe('a b+c+金');
    expect(read('100%+%zz%4')).toBe('100% %zz%4');
  });

  it('reads what was written, in either character set', () => {
    const texts = fc.string({ unit: fc.constantFrom(...'金额茶 +%&=az~') });
    fc.assert(
      fc.property(texts, fc.constantFrom('utf-8' as const, 'gbk' as const), (text, charset) => {
        expect(decodeText(formDecode(formEncode(text, charset)), charset)).toBe(text);
      }),
    );
  });
});
