import { isPolyrailError } from '@polyrail/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  readForm,
  readNested,
  readPairs,
  readReply,
  writeForm,
  writeNested,
} from '../src/envelope.ts';

const text = (fields: Record<string, string>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

const names = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,12}$/);
/** Values without a bracket outside a pair of them, and without `&` there. */
const plain = fc.stringMatching(/^[^&{}[\]]{0,20}$/);
const enclosed = fc.oneof(
  fc.stringMatching(/^[^{}]{0,20}$/).map((inner) => `{${inner}}`),
  fc.stringMatching(/^[^[\]]{0,20}$/).map((inner) => `[${inner}]`),
);
const value = fc
  .tuple(plain, fc.option(enclosed, { nil: '' }), plain)
  .map((parts) => parts.join(''));
const messages = fc
  .uniqueArray(fc.tuple(names, value), { minLength: 1, maxLength: 20, selector: ([name]) => name })
  .map((pairs) => Object.fromEntries(pairs) as Record<string, string>);

describe('replies', () => {
  it('are read as they were written, whatever stands in braces', () => {
    fc.assert(
      fc.property(messages, (fields) => {
        expect(Object.fromEntries(readPairs(text(fields)))).toEqual(fields);
      }),
      { numRuns: 400 },
    );
  });

  it('are read or refused in words, whatever comes', () => {
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.stringMatching(/^[a-c=&{}[\]]{0,30}$/).map((one) => Buffer.from(one)),
    );
    fc.assert(
      fc.property(bodies, fc.constantFrom('UTF-8' as const, 'GBK' as const), (body, encoding) => {
        try {
          const message = readReply(body, encoding);
          expect(text({ ...message })).toBe(
            new TextDecoder(encoding, { ignoreBOM: true }).decode(body),
          );
        } catch (error) {
          expect(isPolyrailError(error) && error.code).toBe('REPLY_UNREADABLE');
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('keep what is empty, and what is raw', () => {
    const fields = {
      accNo: '',
      respMsg: '成功[0000000]',
      signPubKeyCert: '-----BEGIN CERTIFICATE-----\r\nMI+/==\r\n-----END CERTIFICATE-----',
      tokenPayData: '{token=1&trId=2&tokenType=01}',
      a: 'x=y=z',
      b: 'two {a&b} and [c&d]',
    };
    expect({ ...readReply(Buffer.from(text(fields)), 'UTF-8') }).toEqual(fields);
  });

  it('are refused where two readers could differ', () => {
    for (const body of [
      '',
      'Invalid request.',
      'a=1&',
      '&a=1',
      'a=1&&b=2',
      'a=1&b',
      'a=1&a=2',
      'a={b&c=d',
      'a=[b&c=d',
      'a={b]&c=d',
      '=1',
      'a b=1',
      '__proto__=1',
      `${'a'.repeat(65)}=1`,
    ]) {
      expect(() => readReply(Buffer.from(body), 'UTF-8'), body).toThrow(/answer|field/i);
    }
    const many = Array.from({ length: 129 }, (_, index) => `a${index}=1`).join('&');
    expect(() => readReply(Buffer.from(many), 'UTF-8')).toThrow(/over 128/);
    expect(() => readReply(Buffer.from([0x61, 0x3d, 0xff]), 'UTF-8')).toThrow(/not text in utf-8/);
  });

  it('in GBK are read as that: its second bytes are no brackets', () => {
    // 臷 is E3 7B and 昜 is 95 5B: their second bytes are { and [.
    const body = Buffer.concat([
      Buffer.from('respMsg='),
      Buffer.from([0x95, 0x5b, 0xb3, 0xc9]),
      Buffer.from('&merId=1'),
    ]);
    expect({ ...readReply(body, 'GBK') }).toEqual({ respMsg: '昜成', merId: '1' });
  });
});

describe('forms', () => {
  it('are read as they are written, in both encodings', () => {
    const fields = { a: '成功 + *-._~', b: '{x=1&y=2}', encoding: 'GBK' };
    const written = writeForm(fields, 'GBK');
    expect(written).toBe('a=%B3%C9%B9%A6+%2B+*-._%7E&b=%7Bx%3D1%26y%3D2%7D&encoding=GBK');
    expect(readForm(Buffer.from(written))).toEqual({ message: fields, encoding: 'GBK' });
    const utf8 = { ...fields, encoding: 'UTF-8' };
    expect({ ...readForm(Buffer.from(writeForm(utf8, 'UTF-8'))).message }).toEqual(utf8);
    expect(() => writeForm({ a: '\u{1f375}' }, 'GBK')).toThrow(/gbk/);
  });

  it('are refused with two fields of one name, or one of no name', () => {
    expect(() => readForm(Buffer.from('a=1&a=2'))).toThrow(/twice/);
    expect(() => readForm(Buffer.from('a-b=1'))).toThrow(/name/);
  });
});

describe('lists in braces', () => {
  it('are read as they are written', () => {
    const list = { token: '1', trId: '2', tail: 'a=b' };
    expect({ ...readNested(writeNested({ ...list, none: undefined })) }).toEqual(list);
    expect(readNested('token=1')).toBeUndefined();
    expect(readNested('{a=1&a=2}')).toBeUndefined();
    expect({ ...readNested('{}') }).toEqual({});
  });
});
