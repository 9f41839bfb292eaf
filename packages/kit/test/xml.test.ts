import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readXml, writeXml } from '../src/xml.ts';
import { thrown } from './support/errors.ts';
import { vectorsOf } from './support/vectors.ts';

const read = (text: string) => ({ ...readXml(text).fields });

describe('reading XML', () => {
  it.each(vectorsOf('v2-xml-sample').map((vector) => [vector.id, vector] as const))(
    'reads the published message %s',
    (_, vector) => {
      const { sign: _sign, ...fields } = read(String(vector['xml']));
      expect(fields).toEqual(vector['params']);
    },
  );

  it('keeps blanks, decodes the five entities once, and nothing within CDATA', () => {
    const text =
      '<xml>\n <a> 1 </a><b>&lt;&amp;gt;&quot;&apos;</b><c><![CDATA[<d>&amp;&#x41;</d>]]></c><e/><f></f>' +
      '<g>a<![CDATA[b]]>c</g>\n</xml>\n';
    expect(read(text)).toEqual({
      a: ' 1 ',
      b: '<&gt;"\'',
      c: '<d>&amp;&#x41;</d>',
      e: '',
      f: '',
      g: 'abc',
    });
  });

  it('takes bytes, a byte order mark, any root and a declaration of UTF-8', () => {
    const text = '\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<root><a>茶</a></root>';
    expect(readXml(Buffer.from(text))).toMatchObject({ root: 'root', fields: { a: '茶' } });
  });

  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${Array.from(
    { length: 9 },
    (_, at) => `<!ENTITY a${at} "${'&a;'.repeat(10)}">`,
  ).join('')}]><xml><a>&a8;</a></xml>`;

  it.each([
    ['an XML bomb', bomb],
    [
      'an external entity',
      '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><a>&f;</a></xml>',
    ],
    ['a document type alone', '<!doctype xml><xml><a>1</a></xml>'],
    ['an entity nobody declared', '<xml><a>&nbsp;</a></xml>'],
    ['a character by its number', '<xml><a>&#65;</a></xml>'],
    ['an element that stands twice', '<xml><a>1</a><b>2</b><a>3</a></xml>'],
    ['elements within elements', '<xml><a><b>1</b></a></xml>'],
    ['an element within text', '<xml><a>1<b/>2</a></xml>'],
    ['a comment that parts a value', '<xml><a>1<!-- 0 -->0</a></xml>'],
    ['a processing instruction', '<xml><?php 1 ?><a>1</a></xml>'],
    ['attributes', '<xml><a b="1">1</a></xml>'],
    ['two roots', '<xml><a>1</a></xml><xml><a>2</a></xml>'],
    ['text behind the root', '<xml><a>1</a></xml>more'],
    ['text beside the elements', '<xml>more<a>1</a></xml>'],
    ['a tag that is not closed', '<xml><a>1</xml>'],
    ['CDATA without end', '<xml><a><![CDATA[1</a></xml>'],
    ['another charset', '<?xml version="1.0" encoding="GBK"?><xml><a>1</a></xml>'],
    ['nothing', ''],
    ['JSON', '{"a":1}'],
    ['HTML', '<html><body bgcolor="white"><h1>400</h1></body></html>'],
  ])('refuses %s', (_, text) => {
    const error = thrown(() => readXml(text));
    expect(error).toMatchObject({ code: 'REPLY_UNREADABLE', doubt: 'unreadable-reply' });
    expect(error.message).not.toContain('passwd');
  });

  it('refuses what passes its caps, and bytes that are no UTF-8', () => {
    const many = Array.from({ length: 300 }, (_, at) => `<a${at}>1</a${at}>`).join('');
    expect(thrown(() => readXml(`<xml>${many}</xml>`)).code).toBe('REPLY_UNREADABLE');
    expect(Object.keys(readXml(`<xml>${many}</xml>`, { maxFields: 300 }).fields)).toHaveLength(300);
    const long = `<xml><a>${'x'.repeat(70_000)}</a></xml>`;
    expect(thrown(() => readXml(long)).code).toBe('REPLY_UNREADABLE');
    const bytes = Buffer.concat([
      Buffer.from('<xml><a>'),
      Buffer.of(0xff),
      Buffer.from('</a></xml>'),
    ]);
    expect(thrown(() => readXml(bytes)).code).toBe('REPLY_UNREADABLE');
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'makes nothing of %s, a name that objects have',
    (name) => {
      expect(read('<xml><a>1</a></xml>')[name]).not.toBe('1');
      try {
        const { fields } = readXml(`<xml><${name}>1</${name}><a>2</a></xml>`);
        expect(Object.getPrototypeOf(fields)).toBeNull();
        expect(fields['a']).toBe('2');
      } catch (error) {
        expect(error).toMatchObject({ code: 'REPLY_UNREADABLE' });
      }
    },
  );

  it('reads many entities and hostile lengths in no time to speak of', () => {
    expect(read(`<xml><a>${'&amp;'.repeat(10_000)}</a></xml>`)).toEqual({ a: '&'.repeat(10_000) });
    expect(thrown(() => readXml('<![CDATA['.repeat(7000))).code).toBe('REPLY_UNREADABLE');
    expect(thrown(() => readXml('<a '.repeat(20_000))).code).toBe('REPLY_UNREADABLE');
  });
});

describe('writing XML', () => {
  it('is read back as it was, whatever text it carries', () => {
    const value = fc.string({ unit: 'grapheme', maxLength: 40 });
    const names = fc.constantFrom('a', 'total_fee', 'coupon_fee_0', 'B');
    const carried = fc.dictionary(
      names,
      fc.oneof(value, fc.constantFrom(']]>', '<a>&amp;', ']]', '')),
    );
    fc.assert(
      fc.property(carried, (fields) => {
        expect(read(writeXml('xml', fields))).toEqual({ ...fields });
      }),
    );
  });

  it('leaves out what is undefined', () => {
    expect(writeXml('xml', { a: '1', b: undefined })).toBe('<xml><a><![CDATA[1]]></a></xml>');
  });

  it.each(['\u0000', '\r', '\u001b', '\ud800', '\uffff'])(
    'refuses %j, which XML cannot carry',
    (value) => {
      const error = thrown(() => writeXml('xml', { body: `a${value}b` }));
      expect(error).toMatchObject({ code: 'REQUEST_INVALID', field: 'body' });
    },
  );
});
