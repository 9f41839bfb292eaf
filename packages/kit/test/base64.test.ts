import fc from 'fast-check';
import { expect, it } from 'vitest';
import { base64Bytes } from '../src/base64.ts';

it('gives the bytes of their one spelling', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), (bytes) => {
      expect(base64Bytes(Buffer.from(bytes).toString('base64'))).toEqual(Buffer.from(bytes));
    }),
  );
});

it.each([
  ['nothing', ''],
  ['a text without its padding', 'AQ'],
  ['one padded too far', 'AQI==='],
  ['bits beyond the last byte', 'AR=='],
  ['the alphabet for addresses', '-_8='],
  ['a space', 'AQ I='],
  ['a line end', 'AQI=\n'],
  ['another text', '茶茶'],
])('takes %s for none', (_what, text) => {
  expect(base64Bytes(text)).toBeUndefined();
});
