import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeStream, decodeText, encodeText } from '../src/charset.ts';
import { rejection, thrown } from './support/errors.ts';

async function* cut(bytes: Uint8Array, places: readonly number[]): AsyncGenerator<Uint8Array> {
  const cuts = [0, ...[...places].sort((left, right) => left - right), bytes.length];
  for (let at = 1; at < cuts.length; at += 1) yield bytes.subarray(cuts[at - 1], cuts[at]);
}

async function joined(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

/** Characters every GBK table agrees on, one and two bytes wide. */
const gbkText = fc
  .array(fc.constantFrom(...'abc 1,€中文支付宝账单【】·—“”￥％\n'.replace('€', '')), {
    maxLength: 60,
  })
  .map((characters) => characters.join(''));

describe('text as bytes', () => {
  it('is what the standard says', () => {
    expect(Buffer.from(encodeText('中文', 'gbk')).toString('hex')).toBe('d6d0cec4');
    expect(Buffer.from(encodeText('中文', 'utf-8')).toString('hex')).toBe('e4b8ade69687');
    expect(Buffer.from(encodeText('é', 'iso-8859-1')).toString('hex')).toBe('e9');
    expect(decodeText(Buffer.from('d6d0cec4', 'hex'), 'gbk')).toBe('中文');
  });

  it.each([
    ['😀', 'gbk'],
    ['é', 'us-ascii'],
    ['中', 'iso-8859-1'],
    ['\ud800', 'utf-8'],
  ])('is refused where %j does not fit into %s', (text, charset) => {
    expect(thrown(() => encodeText(text, charset)).code).toBe('REQUEST_INVALID');
    expect(() => encodeText(text, charset, { fatal: false })).not.toThrow();
  });

  it('in no known charset is a fault of the configuration', () => {
    expect(thrown(() => encodeText('a', 'klingon')).code).toBe('CONFIG_INVALID');
    expect(thrown(() => decodeText(new Uint8Array(1), 'klingon')).code).toBe('CONFIG_INVALID');
  });

  it.each(['utf-8', 'gbk'])('that is none in %s is refused when asked to', (charset) => {
    const bytes = new Uint8Array([0x61, 0xff, 0x61]);
    const error = thrown(() => decodeText(bytes, charset, { fatal: true }));
    expect(error).toMatchObject({ code: 'REPLY_UNREADABLE', doubt: 'unreadable-reply' });
    expect(decodeText(bytes, charset)).toContain('a');
  });
});

describe('a stream', () => {
  it.each(['utf-8', 'gbk', 'gb18030'])('of %s is the same wherever it is cut', async (charset) => {
    await fc.assert(
      fc.asyncProperty(gbkText, fc.array(fc.nat(200)), async (text, places) => {
        const bytes = encodeText(text, charset);
        const cuts = places.map((place) => Math.min(place, bytes.length));
        expect(await joined(decodeStream(cut(bytes, cuts), charset, { fatal: true }))).toBe(text);
      }),
    );
  });

  it('loses its byte order mark, and ends badly if half a character is left', async () => {
    const marked = new Uint8Array([0xef, 0xbb, 0xbf, 0x61]);
    expect(await joined(decodeStream(cut(marked, [1, 2])))).toBe('a');
    const half = new Uint8Array([0x61, 0xe4, 0xb8]);
    const error = await rejection(joined(decodeStream(cut(half, [2]), 'utf-8', { fatal: true })));
    expect(error.code).toBe('REPLY_UNREADABLE');
  });
});
