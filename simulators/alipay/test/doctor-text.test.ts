import { encodeText } from '@polyrail/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encryptText } from '../src/cipher.ts';
import type { Room } from '../src/room.ts';
import type { Fields } from './client.ts';
import { doctorRoom, hash, joined, rsaSign, sorted } from './doctor-client.ts';

import {
  content,
  entries,
  escapeHtml,
  named,
  patientOf,
  php,
  python,
  rewrite,
} from './doctor-patient.ts';

let room: Room;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ room, stop } = await doctorRoom());
});
afterAll(() => stop());
const { merchant, key, request, explain } = patientOf(() => room);

interface Mistake {
  readonly cause: string;
  readonly how: string;
  /** What would be named if the table lacked the cause, because the texts coincide. */
  readonly also?: readonly string[];
  /** The parameter of the first differing byte. */
  readonly parameter: string;
  make(fields: Fields): { readonly fields?: Fields; readonly text: string | Uint8Array };
}

const mistakes: readonly Mistake[] = [
  {
    cause: 'sign-type',
    how: 'left out',
    parameter: 'sign_type',
    make: ({ sign_type: _, ...rest }) => ({ text: sorted(rest) }),
  },
  {
    cause: 'encoded',
    how: 'with encodeURIComponent',
    parameter: 'biz_content',
    make: (fields) => ({ text: sorted(fields, encodeURIComponent) }),
  },
  {
    cause: 'encoded',
    how: 'as forms are encoded, only one value',
    parameter: 'notify_url',
    make: (fields) => ({
      text: sorted({ ...fields, notify_url: encodeURIComponent(fields['notify_url'] ?? '') }),
    }),
  },
  {
    cause: 'encoded-twice',
    how: 'sent encoded twice',
    parameter: 'biz_content',
    make: (fields) => ({
      text: sorted(fields),
      fields: Object.fromEntries(
        Object.entries(fields).map(([name, value]) => [name, encodeURIComponent(value)]),
      ),
    }),
  },
  {
    cause: 'html-escaped',
    how: 'quotes and ampersands',
    parameter: 'biz_content',
    make: (fields) => ({ text: sorted(fields, escapeHtml) }),
  },
  {
    cause: 'html-escaped-sent',
    how: 'sent escaped, signed raw',
    parameter: 'biz_content',
    make: (fields) => ({
      text: sorted(fields),
      fields: { ...fields, biz_content: escapeHtml(fields['biz_content'] ?? '') },
    }),
  },
  {
    cause: 'order',
    how: 'as inserted',
    parameter: 'app_id',
    make: (fields) => ({ text: joined(entries(fields)) }),
  },
  {
    cause: 'order',
    how: 'without regard to case',
    parameter: 'Zone',
    make: (fields) => {
      const more: Fields = { ...fields, Zone: 'x' };
      const names = Object.keys(more).sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
      return { fields: more, text: joined(names.map((name) => [name, more[name] ?? ''])) };
    },
  },
  {
    cause: 'order',
    how: 'biz_content last',
    parameter: 'biz_content',
    make: ({ biz_content: text = '', ...rest }) => ({
      text: `${sorted(rest)}&biz_content=${text}`,
    }),
  },
  {
    cause: 'charset',
    how: 'GBK for UTF-8',
    parameter: 'biz_content',
    make: (fields) => ({ text: encodeText(sorted(fields), 'gbk') }),
  },
  {
    cause: 'charset',
    how: 'UTF-8 for GBK',
    parameter: 'biz_content',
    make: (fields) => {
      const gbk = { ...fields, charset: 'gbk' };
      return { fields: gbk, text: sorted(gbk) };
    },
  },
  {
    cause: 'empty-kept',
    how: 'sent and signed empty',
    parameter: 'sign_type',
    make: (fields) => {
      const more: Fields = { ...fields, return_url: '' };
      const names = Object.keys(more).sort();
      return { fields: more, text: joined(names.map((name) => [name, more[name] ?? ''])) };
    },
  },
  {
    cause: 'empty-kept',
    how: 'signed as null, not sent',
    parameter: 'app_id',
    make: (fields) => ({ text: sorted({ ...fields, app_auth_token: 'null' }) }),
  },
  {
    cause: 'dropped',
    how: 'notify_url',
    parameter: 'notify_url',
    make: ({ notify_url: _, ...rest }) => ({ text: sorted(rest) }),
  },
  {
    cause: 'dropped',
    how: 'biz_content',
    parameter: 'biz_content',
    make: ({ biz_content: _, ...rest }) => ({ text: sorted(rest) }),
  },
  {
    cause: 'plus-and-blank',
    how: '+ for blank',
    also: ['encoded', 'encoded-twice'],
    parameter: 'biz_content',
    make: (fields) => ({ text: sorted(fields, (value) => value.replaceAll(' ', '+')) }),
  },
  {
    cause: 'plus-and-blank',
    how: 'blank for +',
    parameter: 'biz_content',
    make: (fields) => ({ text: sorted(fields, (value) => value.replaceAll('+', ' ')) }),
  },
  {
    cause: 'json-rewritten',
    how: 'blanks as Python writes them',
    parameter: 'biz_content',
    make: (fields) => ({ text: rewrite(fields, python()) }),
  },
  {
    cause: 'json-rewritten',
    how: '\\/ and \\u as PHP writes them',
    parameter: 'biz_content',
    make: (fields) => ({ text: rewrite(fields, php(content)) }),
  },
  {
    cause: 'json-rewritten',
    how: 'members in another order',
    parameter: 'biz_content',
    make: (fields) => {
      const { body, subject, total_amount, out_trade_no } = content;
      const text = JSON.stringify({ subject, out_trade_no, body, total_amount });
      return { text: rewrite(fields, text) };
    },
  },
  {
    cause: 'json-rewritten',
    how: 'numbers printed anew',
    parameter: 'biz_content',
    make: (fields) => {
      const sent = '{"out_trade_no":"order_1","total_amount":9.00}';
      const text = JSON.stringify(JSON.parse(sent));
      return { fields: { ...fields, biz_content: sent }, text: rewrite(fields, text) };
    },
  },
  {
    cause: 'json-rewritten',
    how: 'an object nobody wrote as JSON',
    parameter: 'biz_content',
    make: (fields) => ({ text: rewrite(fields, String({})) }),
  },
  {
    cause: 'stray-ends',
    how: 'a line end',
    also: ['changed'],
    parameter: 'the end',
    make: (fields) => ({ text: `${sorted(fields)}\n` }),
  },
  {
    cause: 'stray-ends',
    how: 'a byte order mark',
    parameter: 'app_id',
    make: (fields) => ({ text: `\u{feff}${sorted(fields)}` }),
  },
  {
    cause: 'stray-ends',
    how: 'a blank',
    also: ['changed'],
    parameter: 'the end',
    make: (fields) => ({ text: `${sorted(fields)} ` }),
  },
  {
    cause: 'digest-signed',
    how: 'hexadecimal',
    parameter: 'app_id',
    make: (fields) => ({ text: hash(sorted(fields)).toString('hex') }),
  },
  {
    cause: 'digest-signed',
    how: 'the bytes of the digest',
    parameter: 'app_id',
    make: (fields) => ({ text: hash(sorted(fields)) }),
  },
  {
    cause: 'signed-before-encrypting',
    how: 'plain text signed, ciphertext sent',
    parameter: 'biz_content',
    make: (fields) => {
      const plain = { ...fields, encrypt_type: 'AES' };
      const biz = encryptText(merchant().encryptKey, fields['biz_content'] ?? '', 'utf-8');
      return { fields: { ...plain, biz_content: biz }, text: sorted(plain) };
    },
  },
  {
    cause: 'encrypted-only-for-signing',
    how: 'ciphertext signed, plain text sent',
    parameter: 'biz_content',
    make: (fields) => {
      const biz = encryptText(merchant().encryptKey, fields['biz_content'] ?? '', 'utf-8');
      return { text: rewrite(fields, biz) };
    },
  },
  {
    cause: 'sign-included',
    how: 'an empty one',
    parameter: 'sign_type',
    make: (fields) => ({ text: sorted(fields).replace('&sign_type', '&sign=&sign_type') }),
  },
  {
    cause: 'changed',
    how: 'the timestamp, three seconds later',
    parameter: 'timestamp',
    make: (fields) => ({ text: sorted({ ...fields, timestamp: '2026-11-24 15:08:06' }) }),
  },
  {
    cause: 'changed',
    how: 'the timestamp, in another zone',
    parameter: 'timestamp',
    make: (fields) => ({ text: sorted({ ...fields, timestamp: '2026-11-24 07:08:09' }) }),
  },
  {
    cause: 'changed',
    how: 'the method',
    parameter: 'method',
    make: (fields) => ({ text: sorted({ ...fields, method: 'alipay.trade.pay' }) }),
  },
  {
    cause: 'line-breaks',
    how: 'CR LF of a browser',
    parameter: 'biz_content',
    make: (fields) => {
      const lines = '{\n"out_trade_no":"order_1"\n}';
      return {
        fields: { ...fields, biz_content: lines.replaceAll('\n', '\r\n') },
        text: rewrite(fields, lines),
      };
    },
  },
  {
    cause: 'names',
    how: 'in camel case',
    parameter: 'app_id',
    make: (fields) => ({
      text: sorted(
        Object.fromEntries(
          Object.entries(fields).map(([name, value]) => [
            name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
            value,
          ]),
        ),
      ),
    }),
  },
  {
    cause: 'separators',
    how: 'nothing between the pairs',
    parameter: 'biz_content',
    make: (fields) => ({
      text: Object.keys(fields)
        .sort()
        .map((name) => `${name}=${fields[name]}`)
        .join(''),
    }),
  },
];

describe('a mistake with the text', () => {
  it.each(mistakes)('$cause: $how', ({ cause, make, parameter, also }) => {
    const { fields = request(), text } = make(request());
    const sent = { fields, sign: rsaSign(text, key()) };
    // Nothing else in the table, nor two of them, explains it.
    const other = named(explain(sent, cause));
    const alike = also === undefined ? [] : [...also];
    expect(other).toEqual({ verdict: also === undefined ? 'tampered' : 'mistaken', causes: alike });
    const told = explain(sent);
    expect(told.rule).not.toBe('');
    expect({ verdict: told.verdict, causes: told.causes.map((one) => one.cause) }).toEqual({
      verdict: 'mistaken',
      causes: [cause],
    });
    expect(told.firstDifference?.parameter).toBe(parameter);
  });
});
