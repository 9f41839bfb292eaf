import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCsv, readLines } from '../src/csv.ts';
import { rejection } from './support/errors.ts';

async function listed<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** A text cut into pieces, as text or as bytes. */
function pieces(text: string, sizes: readonly number[], asBytes: boolean) {
  const whole = asBytes ? Buffer.from(text) : text;
  const list: (string | Uint8Array)[] = [];
  let at = 0;
  for (const size of [...sizes, whole.length]) {
    list.push(whole.slice(at, at + size) as string | Uint8Array);
    at += size;
  }
  return list;
}

const cell = fc.stringMatching(/^[a-z0-9中文 `*.]{0,8}$/);
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 });

describe('lines', () => {
  it('are the same wherever the file is cut, with either line end', async () => {
    const lines = fc.array(cell, { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        lines,
        fc.constantFrom('\n', '\r\n'),
        sizes,
        fc.boolean(),
        async (expected, end, cuts, asBytes) => {
          const text = expected.map((line) => line + end).join('');
          expect(await listed(readLines(pieces(text, cuts, asBytes)))).toEqual(expected);
        },
      ),
    );
  });

  it('include a last one without an end, and lose a byte order mark', async () => {
    expect(await listed(readLines(['\ufeffa\n\nb']))).toEqual(['a', '', 'b']);
    expect(await listed(readLines([]))).toEqual([]);
  });

  it('end at their cap, wherever the file is cut', async () => {
    const long = 'x'.repeat(11);
    for (const source of [[long], [`${long}\n`], [`a\n${long}`, '\n'], [long.slice(0, 6), long]]) {
      const error = await rejection(listed(readLines(source, { maxLineLength: 10 })));
      expect(error.message).toMatch(/limit of 10 characters/);
    }
    expect(await listed(readLines([`${'x'.repeat(10)}\r\n`], { maxLineLength: 10 }))).toHaveLength(
      1,
    );
  });

  it('are UTF-8 or refused', async () => {
    const error = await rejection(listed(readLines([new Uint8Array([0x61, 0xff])])));
    expect(error).toMatchObject({ code: 'REPLY_UNREADABLE' });
  });
});

describe('rows', () => {
  it('come apart as they were put together', async () => {
    const row = fc.array(cell, { minLength: 2, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 10 }), sizes, async (rows, cuts) => {
        const text = rows.map((columns) => `${columns.join(',')}\r\n`).join('');
        expect(await listed(readCsv(pieces(text, cuts, true)))).toEqual(rows);
      }),
    );
  });

  it('with quotes follow RFC 4180', async () => {
    const quoted = fc.array(fc.string({ maxLength: 6 }), { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(quoted, { maxLength: 6 }), async (rows) => {
        const text = rows
          .map((columns) => columns.map((one) => `"${one.replaceAll('"', '""')}"`).join(','))
          .map((line) => `${line}\r\n`)
          .join('');
        expect(await listed(readCsv([text], { quote: true }))).toEqual(rows);
      }),
      { numRuns: 60 },
    );
  });

  it('skip comments and empty lines, and take quotes for characters unless told', async () => {
    const source = ['#head\n\n"a,b"\n#tail\n'];
    expect(await listed(readCsv(source, { comment: '#' }))).toEqual([['"a', 'b"']]);
    expect(await listed(readCsv(source, { comment: '#', quote: true }))).toEqual([['a,b']]);
  });

  it.each([
    ['too many columns', ['a,b,c'], { maxColumns: 2 }],
    ['too many quoted columns', ['a,b,c'], { maxColumns: 2, quote: true }],
    ['a line too long', ['a'.repeat(20)], { maxLineLength: 10 }],
    ['a quoted line too long', [`"${'a'.repeat(2000)}"`], { maxLineLength: 10, quote: true }],
    ['an open quote', ['"a,b'], { quote: true }],
    ['a quote within', ['a"b",c\n"d"e'], { quote: true }],
  ])('are refused for %s', async (_, source, options) => {
    const error = await rejection(listed(readCsv(source, options)));
    expect(error).toMatchObject({ code: 'REPLY_UNREADABLE', doubt: 'unreadable-reply' });
  });

  it('pass on what the source throws, and stop reading when nobody asks any more', async () => {
    let pulled = 0;
    async function* source() {
      for (;;) {
        pulled += 1;
        yield 'a,b\n';
        if (pulled === 5) throw new Error('the connection broke');
      }
    }
    await expect(listed(readCsv(source()))).rejects.toThrow('the connection broke');
    pulled = 0;
    for await (const _ of readCsv(source())) break;
    expect(pulled).toBeLessThan(3);
  });
});
