import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { membersOf, withPlainSlashes } from '../src/raw-json.ts';

const slices = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...membersOf(text)].map(([k, { start, end }]) => [k, text.slice(start, end)]),
  );

// Names and texts full of what confuses a careless scanner.
const nasty = fc.string({
  unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', 'a', '茶'),
});
const member = fc.oneof(
  nasty,
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(nasty),
  fc.dictionary(nasty, fc.oneof(nasty, fc.array(fc.dictionary(nasty, nasty)))),
);
const object = fc.dictionary(nasty, member, { maxKeys: 8 });

describe('the members of a JSON object as raw text', () => {
  it('are the text that each value was written as', () => {
    fc.assert(
      fc.property(object, (value) => {
        const expected = Object.entries(value).map(([name, item]) => [name, JSON.stringify(item)]);
        expect(slices(JSON.stringify(value))).toEqual(Object.fromEntries(expected));
      }),
    );
  });

  it('are the same with blanks between them', () => {
    fc.assert(
      fc.property(object, fc.constantFrom(' ', '\t', '\r\n'), (value, gap) => {
        const parts = Object.entries(value).map(
          ([name, item]) =>
            `${gap}${JSON.stringify(name)}${gap}:${gap}${JSON.stringify(item)}${gap}`,
        );
        const expected = Object.entries(value).map(([name, item]) => [name, JSON.stringify(item)]);
        expect(slices(`{${parts.join(',')}}${gap}`)).toEqual(Object.fromEntries(expected));
      }),
    );
  });

  it('never accept what JSON.parse refuses, nor lose a value it finds', () => {
    fc.assert(
      fc.property(object, fc.nat(), nasty, (value, at, noise) => {
        const text = JSON.stringify(value);
        const cut = at % (text.length + 1);
        const broken = text.slice(0, cut) + noise + text.slice(cut);
        let found: Record<string, string>;
        try {
          found = slices(broken);
          for (const raw of Object.values(found)) JSON.parse(raw);
        } catch {
          return;
        }
        const parsed = JSON.parse(broken) as object;
        expect(Object.keys(found).sort()).toEqual(Object.keys(parsed).sort());
      }),
    );
  });

  it.each([
    ['', 'begin'],
    ['[]', 'begin'],
    ['{"a":1', 'early'],
    ['{"a":1}x', 'follows'],
    ['{"a":1}{"b":2}', 'follows'],
    ['{"a":[1}', 'unbalanced'],
    ['{"a":"b', 'early'],
    ['{"a" 1}', 'no value'],
    ['{"a":}', 'no value'],
    ['{"a":1,}', 'no string'],
    ['{a:1}', 'no string'],
    ['{"a":1,"a":1}', 'twice'],
    // The same name, written with an escape.
    ['{"sign":1,"s\\u0069gn":2}', 'twice'],
  ])('are refused in %s', (text, why) => {
    expect(() => membersOf(text)).toThrow(why);
  });

  it('survive a string of a megabyte', () => {
    const value = { a: `${'x'.repeat(1e6)}"\\`, b: '\\'.repeat(1e5) };
    expect(slices(JSON.stringify(value))).toEqual({
      a: JSON.stringify(value.a),
      b: JSON.stringify(value.b),
    });
  });
});

describe('slashes', () => {
  it('lose their escape without changing a value', () => {
    fc.assert(
      fc.property(
        fc.dictionary(nasty, fc.string({ unit: fc.constantFrom('/', '\\', 'a') })),
        (value) => {
          const escaped = JSON.stringify(value).replaceAll('/', '\\/');
          expect(JSON.parse(withPlainSlashes(escaped))).toEqual(value);
          expect(withPlainSlashes(escaped)).toBe(JSON.stringify(value));
        },
      ),
    );
  });

  it('keep a backslash that was escaped itself', () => {
    expect(withPlainSlashes('{"a":"\\\\/"}')).toBe('{"a":"\\\\/"}');
    expect(withPlainSlashes('{"a":"\\\\\\/"}')).toBe('{"a":"\\\\/"}');
  });
});
