/** Every mistake with a request is made by a home-made signer, and named by the doctor. */
import { createSign, generateKeyPairSync } from 'node:crypto';
import { parseSm2PrivateKey, signSm2 } from '@polyrail/kit/sm2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeText } from '../src/charset.ts';
import { encryptText } from '../src/cipher.ts';
import type { Explanation } from '../src/doctor.ts';
import { formCauses } from '../src/doctor-causes.ts';
import { explainRequest, replayed } from '../src/doctor-request.ts';
import { remember } from '../src/doctor-witness.ts';
import { envelopeOf, formPairs, formText } from '../src/envelope.ts';
import type { Merchant } from '../src/merchants.ts';
import type { Room } from '../src/room.ts';
import type { Fields } from './client.ts';
import { bareSign, doctorRoom, hash, joined, pssSign, rsaSign, sorted } from './doctor-client.ts';

let room: Room;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ room, stop } = await doctorRoom());
});
afterAll(() => stop());

const merchant = (): Merchant => room.merchants[0] as Merchant;
const key = (): string => merchant().keys.privateKeyPem;

const content = {
  out_trade_no: 'order_1',
  total_amount: '9.00',
  subject: 'Tea & "cake" <2> 茶',
  body: "it's a/b + c",
};
const request = (): Fields => ({
  method: 'alipay.trade.precreate',
  app_id: merchant().appId,
  charset: 'utf-8',
  format: 'JSON',
  sign_type: 'RSA2',
  timestamp: '2026-11-24 15:08:09',
  version: '1.0',
  notify_url: 'https://shop.example/notify?shop=1&lang=zh',
  biz_content: JSON.stringify(content),
});

interface Sent {
  readonly fields: Fields;
  readonly sign: string;
  /** As they stand on the wire, where it is not the usual form. */
  readonly wire?: string;
}

const explain = ({ fields, sign, wire }: Sent, without?: string): Explanation => {
  const raw = wire ?? formText({ ...fields, sign }, fields['charset'] === 'gbk' ? 'gbk' : 'utf-8');
  const pairs = formPairs(raw);
  const received = pairs.map(([name, bytes]) => ({ name, bytes, place: 'body' as const }));
  const causes = [...formCauses, replayed].filter(({ id }) => id !== without);
  return explainRequest(
    { ...envelopeOf(pairs), received },
    { room, merchant: merchant() },
    { causes },
  );
};

interface Mistake {
  readonly cause: string;
  readonly how: string;
  /** What would be named if the table lacked the cause, because the texts coincide. */
  readonly also?: readonly string[];
  /** The parameter of the first differing byte. */
  readonly parameter: string;
  make(fields: Fields): { readonly fields?: Fields; readonly text: string | Uint8Array };
}

const escapeHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
const php = (value: object): string =>
  JSON.stringify(value)
    .replaceAll('/', '\\/')
    .replaceAll(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
const entries = (fields: Fields) => Object.entries(fields).filter(([, value]) => value !== '');
const rewrite = (fields: Fields, text: string) => sorted({ ...fields, biz_content: text });
const python = (): string =>
  `{"out_trade_no": "order_1", "total_amount": "9.00", "subject": ${JSON.stringify(content.subject)}, "body": ${JSON.stringify(content.body)}}`;

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

const named = ({ verdict, causes }: Explanation) => ({
  verdict,
  causes: causes.map(({ cause }) => cause),
});

describe('a mistake with the signature', () => {
  const right = () => sorted(request());
  const other = () => room.merchants[1] as Merchant;
  const hexOf = (base64: string) => Buffer.from(base64, 'base64').toString('hex');
  const cases: readonly [string, string, () => string][] = [
    ['key-of-another-app', 'another app', () => rsaSign(right(), other().keys.privateKeyPem)],
    ['digest', 'RSA for RSA2', () => rsaSign(right(), key(), 'RSA-SHA1')],
    ['digest', 'MD5 for RSA2', () => rsaSign(right(), key(), 'RSA-MD5')],
    ['padding', 'PSS', () => pssSign(right(), key())],
    ['padding', 'without DigestInfo', () => bareSign(hash(right()), key())],
    [
      'padding',
      'the digest in hexadecimal, without DigestInfo',
      () => bareSign(Buffer.from(hash(right()).toString('hex')), key()),
    ],
    ['signature-encoding', 'in hexadecimal', () => hexOf(rsaSign(right(), key()))],
    [
      'signature-encoding',
      'in URL-safe Base64',
      () => Buffer.from(rsaSign(right(), key()), 'base64').toString('base64url'),
    ],
    [
      'signature-encoding',
      'with blanks where + was',
      () => rsaSign(right(), key()).replaceAll('+', ' '),
    ],
    [
      'signature-encoding',
      'with line ends',
      () => rsaSign(right(), key()).replaceAll(/(.{76})/g, '$1\r\n'),
    ],
    [
      'signature-encoding',
      'in Base64 twice',
      () => Buffer.from(rsaSign(right(), key())).toString('base64'),
    ],
    [
      'signature-encoding',
      'percent-encoded twice',
      () => encodeURIComponent(rsaSign(right(), key())),
    ],
  ];
  it.each(cases)('%s: %s', (cause, how, sign) => {
    const told = explain({ fields: request(), sign: sign() });
    expect(named(told)).toEqual({ verdict: 'mistaken', causes: [cause] });
    expect(told.firstDifference).toBeUndefined();
    if (cause === 'signature-encoding') expect(told.rule).toContain(how);
    if (cause === 'key-of-another-app') expect(told.rule).toContain(`app ${other().appId}`);
  });

  it.each([0, 20, 32, 222])(
    'PSS with %i bytes of salt is a signature of one text alone',
    (salt) => {
      const right = explain({ fields: request(), sign: pssSign(sorted(request()), key(), salt) });
      expect(named(right)).toEqual({ verdict: 'mistaken', causes: ['padding'] });
      const { sign_type: _, ...rest } = request();
      const both = explain({ fields: request(), sign: pssSign(sorted(rest), key(), salt) });
      expect(named(both)).toEqual({ verdict: 'mistaken', causes: ['padding', 'sign-type'] });
      // Without a run of zeros another key might look the same by chance: nobody is accused.
      const lost = explain({ fields: request(), sign: pssSign('something else', key(), salt) });
      expect(lost.verdict).toBe(salt === 222 ? 'forged' : 'tampered');
    },
  );

  it("is Alipay's own key", () => {
    const told = explain({ fields: request(), sign: platformSign(right()) });
    expect(named(told)).toEqual({ verdict: 'mistaken', causes: ['platform-key'] });
  });

  it('RSA2 for RSA is told from RSA for RSA2', () => {
    const fields = { ...request(), sign_type: 'RSA' };
    const told = explain({ fields, sign: rsaSign(sorted(fields), key()) });
    expect(named(told)).toEqual({ verdict: 'mistaken', causes: ['digest'] });
    expect(told.rule).toContain('made as RSA2 (SHA-256), but sign_type says RSA (SHA-1)');
  });

  it('an unknown key, a cut signature and a bare digest are told apart', () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    const told = explain({ fields: request(), sign: rsaSign(right(), pem) });
    expect(named(told)).toEqual({ verdict: 'forged', causes: [] });
    expect(told.rule).toMatch(/SHA-256 of its public half: [0-9a-f]{64}/);
    const cut = explain({ fields: request(), sign: rsaSign(right(), key()).slice(0, 100) });
    expect(named(cut)).toEqual({ verdict: 'forged', causes: ['signature-length'] });
    const digest = explain({ fields: request(), sign: hash(right(), 'md5').toString('hex') });
    expect(named(digest)).toEqual({ verdict: 'forged', causes: ['no-signature'] });
    expect(explain({ fields: request(), sign: '' }).verdict).toBe('unsigned');
  });
});

const platformSign = (text: string): string =>
  createSign('RSA-SHA256').update(text).sign(room.platform.identity.privateKey.rsa, 'base64');

describe('SM2', () => {
  const fields = () => ({ ...request(), sign_type: 'SM2' });
  const sm2 = (text: string, one: Merchant = merchant()) =>
    Buffer.from(signSm2(parseSm2PrivateKey(one.sm2PrivateKeyPem), Buffer.from(text)));
  it('gives its digest back, too', () => {
    const sign = (text: string) => sm2(text).toString('base64');
    expect(named(explain({ fields: fields(), sign: sign(sorted(fields())) }))).toEqual({
      verdict: 'genuine',
      causes: [],
    });
    const { sign_type: _, ...rest } = fields();
    expect(named(explain({ fields: fields(), sign: sign(sorted(rest)) }))).toEqual({
      verdict: 'mistaken',
      causes: ['sign-type'],
    });
  });
  it('names the key of another app, numbers without DER, and the algorithm not asked for', () => {
    const other = room.merchants[1] as Merchant;
    const text = sorted(fields());
    const foreign = explain({ fields: fields(), sign: sm2(text, other).toString('base64') });
    expect(named(foreign)).toEqual({ verdict: 'mistaken', causes: ['key-of-another-app'] });
    const hex = sm2(text).toString('hex');
    const [, r = '', s = ''] = /^30..02(?:20|2100)(.{64})02(?:20|2100)(.{64})$/.exec(hex) ?? [];
    const raw = explain({ fields: fields(), sign: Buffer.from(r + s, 'hex').toString('base64') });
    expect(named(raw)).toEqual({ verdict: 'mistaken', causes: ['signature-encoding'] });
    const rsa = explain({ fields: fields(), sign: rsaSign(text, key()) });
    expect(named(rsa)).toEqual({ verdict: 'mistaken', causes: ['digest'] });
  });
});

describe('two mistakes at once', () => {
  const pairs: readonly [string[], () => Sent][] = [
    [
      ['encoded', 'sign-type'],
      () => {
        const { sign_type: _, ...rest } = request();
        return { fields: request(), sign: rsaSign(sorted(rest, encodeURIComponent), key()) };
      },
    ],
    [
      ['order', 'encoded'],
      () => {
        const pairs = entries(request()).map(([n, v]) => [n, encodeURIComponent(v)] as const);
        return { fields: request(), sign: rsaSign(joined(pairs), key()) };
      },
    ],
    [
      ['json-rewritten', 'stray-ends'],
      () => ({ fields: request(), sign: rsaSign(`${rewrite(request(), python())}\n`, key()) }),
    ],
    [
      ['html-escaped', 'charset'],
      () => ({
        fields: request(),
        sign: rsaSign(encodeText(sorted(request(), escapeHtml), 'gbk'), key()),
      }),
    ],
    [
      ['dropped', 'dropped'],
      () => {
        const { notify_url: _, format: __, ...rest } = request();
        return { fields: request(), sign: rsaSign(sorted(rest), key()) };
      },
    ],
    [
      ['digest', 'key-of-another-app', 'sign-type'],
      () => {
        const { sign_type: _, ...rest } = request();
        const other = (room.merchants[1] as Merchant).keys.privateKeyPem;
        return { fields: request(), sign: rsaSign(sorted(rest), other, 'RSA-SHA1') };
      },
    ],
  ];
  it.each(pairs)('%j', (causes, make) => {
    const told = explain(make());
    expect(told.verdict).toBe('mistaken');
    expect(named(told).causes.sort()).toEqual([...causes].sort());
    expect(told.firstDifference).toBeDefined();
  });
});

describe('what cannot be explained', () => {
  it('is shown by its digest, and by the text the client shows', () => {
    const text = sorted({ ...request(), biz_content: '{"out_trade_no":"quite another"}' });
    const sent = { fields: request(), sign: rsaSign(text, key()) };
    const told = explain(sent);
    expect(named(told)).toEqual({ verdict: 'tampered', causes: [] });
    expect(told.digest).toEqual({
      algorithm: 'sha256',
      expected: hash(sorted(request())).toString('hex'),
      received: hash(text).toString('hex'),
    });
    const pairs = formPairs(formText({ ...sent.fields, sign: sent.sign }, 'utf-8'));
    const shown = explainRequest(
      envelopeOf(pairs),
      { room, merchant: merchant() },
      { belief: { text: Buffer.from(text) } },
    );
    expect(shown).toMatchObject({ verdict: 'tampered', received: text });
    expect(shown.firstDifference?.parameter).toBe('biz_content');
    expect(shown.firstDifference?.offset).toBe(sorted(request()).indexOf('order_1'));
  });

  it('is the signature of an earlier request, if it was seen', () => {
    const earlier = { ...request(), biz_content: '{"out_trade_no":"the_first"}' };
    const text = sorted(earlier);
    const sign = rsaSign(text, key());
    const unseen = explain({ fields: request(), sign });
    expect(unseen.verdict).toBe('tampered');
    remember(room, merchant().appId, { text, sign });
    const told = explain({ fields: request(), sign });
    expect(named(told)).toEqual({ verdict: 'mistaken', causes: ['changed'] });
    expect(told.causes[0]?.detail).toBe('biz_content');
    expect(told.received).toBe(text);
  });
});

describe('what it shows', () => {
  it('masks authorization codes wherever they stand, the first difference included', () => {
    const secret = '285015833496731234';
    const fields = {
      ...request(),
      biz_content: JSON.stringify({ scene: 'bar_code', auth_code: secret }),
    };
    const made = [
      sorted(fields, encodeURIComponent),
      sorted(fields, escapeHtml),
      sorted({ ...fields, biz_content: `{"auth_code": "${secret}", "scene": "bar_code"}` }),
    ];
    for (const text of made) {
      const told = explain({ fields, sign: rsaSign(text, key()) });
      expect(told.verdict).toBe('mistaken');
      expect(JSON.stringify(told)).not.toContain(secret.slice(0, 6));
    }
  });

  it('counts the difference in bytes and shows both sides', () => {
    const sign = rsaSign(encodeText(sorted(request()), 'gbk'), key());
    const { firstDifference } = explain({ fields: request(), sign });
    const offset = Buffer.from(sorted(request()).split('茶')[0] ?? '').length;
    expect(firstDifference?.offset).toBe(offset);
    expect(firstDifference?.expected.hex).toMatch(/^e88cb6/);
    expect(firstDifference?.received.hex).toMatch(/^b2e8/);
    expect(firstDifference?.expected.text).toMatch(/<2> ⟦茶/);
    expect(firstDifference?.received.text).toMatch(/<2> ⟦茶/);
  });
});
