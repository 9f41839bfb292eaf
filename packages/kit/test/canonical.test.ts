import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createRedrawnCheck,
  formDecode,
  formEncode,
  joinPairs,
  sortedPairs,
  sortedText,
  uniqueFields,
} from '../src/canonical.ts';
import { thrown } from './support/errors.ts';
import { text, vectorsOf } from './support/vectors.ts';

const named = (kind: string) => vectorsOf(kind).map((vector) => [vector.id, vector] as const);

describe('sorted fields', () => {
  it.each([...named('request_sign'), ...named('canonical')])(
    'are the published text: %s',
    (_, vector) => {
      const omit = vector['exclude'] as string[];
      const fields = vector['params'] as Record<string, string>;
      const expected = vector['canonical'] ?? vector['expected'];
      expect(joinPairs(sortedPairs(fields, { omit }))).toBe(expected);
    },
  );

  it('go by code units: capitals first, a prefix before what it begins', () => {
    const pairs = sortedPairs({ b: '2', a1: '1', a: '0', B: '3', _: '4' });
    expect(pairs.map(([name]) => name)).toEqual(['B', '_', 'a', 'a1', 'b']);
  });

  it('leave out what is absent or empty, unless empty is kept', () => {
    const fields = { a: '', b: undefined, c: '0' };
    expect(joinPairs(sortedPairs(fields))).toBe('c=0');
    expect(joinPairs(sortedPairs(fields, { keepEmpty: true }))).toBe('a=&c=0');
  });
});

describe('sorted text', () => {
  it('is the sorted pairs, joined', () => {
    const value = fc.option(fc.oneof(fc.constant(''), fc.string({ unit: 'grapheme' })), {
      nil: undefined,
    });
    const name = fc.string({ unit: 'grapheme', maxLength: 3 });
    fc.assert(
      fc.property(
        fc.dictionary(name, value),
        fc.array(name),
        fc.boolean(),
        (fields, omit, keepEmpty) => {
          const options = { omit, keepEmpty };
          expect(sortedText(fields, options)).toBe(joinPairs(sortedPairs(fields, options)));
        },
      ),
    );
  });

  it('stand in order whoever came before with as many names', () => {
    const both = ['b=2&c=1', 'a=2&d=1', 'b=2&c=1'];
    const texts = [
      { c: '1', b: '2' },
      { d: '1', a: '2' },
      { b: '2', c: '1' },
    ].map((fields) => sortedText(fields));
    expect(texts).toEqual(both);
  });
});

describe('a form', () => {
  const pairs = fc.array(
    fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })),
    {
      maxLength: 20,
    },
  );

  it('decodes to what was encoded, and as URLSearchParams reads it', () => {
    fc.assert(
      fc.property(pairs, (fields) => {
        const kept = fields.filter(([name, value]) => name + value !== '');
        const form = formEncode(kept);
        expect(formDecode(form, { maxFields: 1000 })).toEqual(kept);
        expect([...new URLSearchParams(form)]).toEqual(kept);
        expect(form).toBe(new URLSearchParams(kept).toString());
      }),
    );
  });

  it('travels in GBK as well', () => {
    const form = formEncode([['subject', '中文 é'.slice(0, 2)]], 'gbk');
    expect(form).toBe('subject=%D6%D0%CE%C4');
    expect(formDecode(form, { charset: 'gbk' })).toEqual([['subject', '中文']]);
    expect(thrown(() => formEncode([['a', '😀']], 'gbk')).code).toBe('REQUEST_INVALID');
  });

  it.each(named('form_encode_fragment'))('looks like the published one: %s', (_, vector) => {
    const form = formEncode([['biz_content', text(vector, 'decoded')]]);
    expect(form).toContain(text(vector, 'expectedContains'));
  });

  it.each([
    ['a lone %', 'a=%'],
    ['half an escape', 'a=%4'],
    ['no hexadecimal digits', 'a=%zz'],
    ['bytes outside the charset', 'a=%FF%FE'],
    ['too many fields', Array.from({ length: 300 }, (_, at) => `a${at}=1`).join('&')],
    ['too many bytes', `a=${'b'.repeat(70_000)}`],
  ])('with %s is refused', (_, form) => {
    expect(thrown(() => formDecode(form)).code).toBe('REPLY_UNREADABLE');
  });

  it('decodes once, keeps order, and lets nothing stand twice or reach a prototype', () => {
    const fields = formDecode('b=%2541&a=1+2&&__proto__=x&c');
    expect(fields).toEqual([
      ['b', '%41'],
      ['a', '1 2'],
      ['__proto__', 'x'],
      ['c', ''],
    ]);
    expect(Object.keys(uniqueFields(fields))).toContain('__proto__');
    expect(thrown(() => uniqueFields(formDecode('a=1&a=2'))).message).toMatch(/"a" stands twice/);
  });
});

describe('a form in UTF-8', () => {
  it('is read as our own decoder reads it, and refused as it refuses it', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '%',
        '%E8%8C%B6',
        '%ff',
        '%C0%80',
        '%ED%A0%80',
        '%EF%BB%BF',
        '+',
        '&',
        '=',
        'é',
      ),
      fc.string({ maxLength: 3 }),
    );
    const ending = (form: string, charset: string) => {
      try {
        return formDecode(form, { charset });
      } catch (error) {
        return String(error);
      }
    };
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const form = pieces.join('');
        expect(ending(form, 'utf-8')).toEqual(ending(form, 'utf8'));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a text drawn otherwise', () => {
  const { find: redrawn, requireSendable } = createRedrawnCheck(['amount', 'order']);

  it('is found by the decisive field that a value would have to swallow', () => {
    const genuine = { note: 'x&amount=900&order=2&z=', amount: '1', order: '1' };
    const otherwise = { amount: '900', note: 'x', order: '2', z: '&amount=1&order=1' };
    expect(redrawn(genuine)).toBe('note');
    expect(redrawn(otherwise)).toBe('z');
    expect(redrawn({ note: 'a&amount_0=1' })).toBe('note');
  });

  it('is not sent', () => {
    expect(thrown(() => requireSendable({ note: 'x&order=2' }))).toMatchObject({
      code: 'REQUEST_INVALID',
      field: 'note',
    });
    expect(() => requireSendable({ note: 'x', order: '2' })).not.toThrow();
  });

  it('is not feared where no decisive field is named', () => {
    expect(redrawn({ note: 'Tom & Jerry, amount=1, a&b=c', empty: '', absent: undefined })).toBe(
      undefined,
    );
  });
});
