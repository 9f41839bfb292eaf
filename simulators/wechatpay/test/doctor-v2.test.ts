/** The doctor on messages of API v2: names the mistake, and would not without its cause. */
import { createHash, createHmac } from 'node:crypto';
import { encodeText } from '@polyrail/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explainV2Document } from '../src/doctor-v2.ts';
import { v2Causes } from '../src/doctor-v2-causes.ts';
import type { Merchant } from '../src/merchants.ts';
import type { Room } from '../src/room.ts';
import { writeXml } from '../src/v2-xml.ts';
import type { Fields } from './client.ts';
import { doctorRoom, named } from './doctor-client.ts';
import { stringA, xml } from './v2-client.ts';

let room: Room;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ room, stop } = await doctorRoom());
});
afterAll(() => stop());

const merchant = (): Merchant => room.merchants[0] as Merchant;
const other = (): Merchant => room.merchants[1] as Merchant;
const key = (): string => merchant().signer.apiKey;

const md5 = (text: string | Uint8Array): string =>
  createHash('md5').update(text).digest('hex').toUpperCase();
const hmac = (text: string, secret = key(), algorithm = 'sha256'): string =>
  createHmac(algorithm, secret).update(text).digest('hex').toUpperCase();

const usual = (more: Fields = {}): Fields => ({
  appid: merchant().appid,
  mch_id: merchant().mchid,
  nonce_str: 'N0nce',
  Zeta: '1',
  out_trade_no: 'order_1',
  body: '测试 & <b> "x"/é',
  attach: ' tea\ncake ',
  empty: '',
  total_fee: '100',
  scene_info: '{"id":"a", "n":1}',
  ...more,
});

interface Asking {
  readonly without?: string;
  readonly text?: string;
  readonly kind?: 'request' | 'reply' | 'notification';
  /** The document, where it is not the usual one. */
  readonly document?: string | Uint8Array;
}

function ask(fields: Fields, sign: string, { without, text, kind, document }: Asking = {}) {
  const body = Buffer.from(document ?? xml({ ...fields, sign }));
  const causes = v2Causes.filter(({ id }) => id !== without);
  const pairs = without === undefined ? {} : { variantsInPairs: 0 };
  const belief = text === undefined ? {} : { text };
  return explainV2Document({ kind: kind ?? 'request', body }, room, { causes, belief, ...pairs });
}

const joined = (pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([name, value]) => `${name}=${value}`).join('&');
const filled = (fields: Fields) => Object.entries(fields).filter(([, value]) => value !== '');
const tail = (secret = key()): string => `&key=${secret}`;
const changed = (change: (value: string, name: string) => string): string =>
  stringA(
    Object.fromEntries(
      Object.entries(usual()).map(([name, value]) => [name, value && change(value, name)]),
    ),
  );

const texts: readonly (readonly [string, () => string | Uint8Array, RegExp])[] = [
  ['wrong-key', () => stringA(usual()) + tail(merchant().signer.apiV3Key), /the APIv3 key/],
  ['wrong-key', () => stringA(usual()) + tail(other().signer.apiKey), /the key of merchant \d+/],
  ['wrong-key', () => `${stringA(usual())}${tail()}\n`, /line end/],
  ['key-joined', () => stringA(usual()), /left out/],
  ['key-joined', () => stringA(usual()) + key(), /without &key=/],
  ['key-joined', () => `${stringA(usual())}&${key()}`, /without key=/],
  ['key-joined', () => stringA({ ...usual(), key: key() }), /sorted in/],
  ['order', () => joined(filled(usual())) + tail(), /sent/],
  [
    'order',
    () =>
      joined(filled(usual()).sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))) +
      tail(),
    /without regard to case/,
  ],
  [
    'empty-kept',
    () => joined(Object.entries(usual()).sort(([a], [b]) => (a < b ? -1 : 1))) + tail(),
    /empty/,
  ],
  ['empty-kept', () => stringA({ ...usual(), device_info: 'null' }) + tail(), /device_info=null/],
  [
    'xml-escaped',
    () =>
      changed((text) =>
        text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
      ).replaceAll('"', '&quot;') + tail(),
    /./,
  ],
  ['xml-escaped', () => changed((text) => `<![CDATA[${text}]]>`) + tail(), /CDATA/],
  ['encoded', () => changed(encodeURIComponent) + tail(), /%20/],
  ['charset', () => encodeText(stringA(usual()) + tail(), 'gbk'), /gbk instead of utf-8/],
  ['line-breaks', () => changed((text) => text.replaceAll('\n', '\r\n')) + tail(), /CR LF/],
  ['json-rewritten', () => changed((text) => text.replace('", "', '","')) + tail(), /scene_info/],
  ['unicode-normalized', () => changed((text) => text.normalize('NFD')) + tail(), /NFD/],
  [
    'names',
    () => {
      const { appid = '', ...rest } = usual();
      return stringA({ appId: appid, ...rest }) + tail();
    },
    /appId/,
  ],
  ['dropped', () => stringA({ ...usual(), nonce_str: '' }) + tail(), /nonce_str/],
  ['changed', () => changed((text) => text.trim()) + tail(), /without the blanks/],
  ['changed', () => stringA({ ...usual(), total_fee: '1.00' }) + tail(), /in yuan/],
  ['stray-ends', () => `\u{feff}${stringA(usual())}${tail()}`, /byte order mark/],
];

/** Its `&` between the pairs alone, not those of values. */
const separated = (fields: Fields): string =>
  filled(fields)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join('='))
    .join(',');

describe('another text was signed', () => {
  it.each(texts)('%s %#', (id, text, how) => {
    const told = ask(usual(), md5(text()));
    expect(named(told)).toEqual({ verdict: 'mistaken', causes: [id] });
    expect(told.rule).toMatch(how);
    expect(told.firstDifference).toBeDefined();
    expect(ask(usual(), md5(text()), { without: id }).cause).not.toBe(id);
    const all = JSON.stringify(told);
    for (const { signer } of room.merchants) {
      expect(all).not.toContain(signer.apiKey);
      expect(all).not.toContain(signer.apiV3Key);
    }
  });

  it('separators', () => {
    const sign = md5(separated(usual()) + tail());
    expect(named(ask(usual(), sign))).toEqual({ verdict: 'mistaken', causes: ['separators'] });
    expect(ask(usual(), sign, { without: 'separators' }).cause).toBeUndefined();
  });

  it('sign-included', () => {
    const fields = usual({ empty: 'x' });
    const pairs = filled(fields).concat([['sign', '']]);
    const sign = md5(joined(pairs.sort(([a], [b]) => (a < b ? -1 : 1))) + tail());
    expect(named(ask(fields, sign))).toEqual({ verdict: 'mistaken', causes: ['sign-included'] });
    expect(ask(fields, sign, { without: 'sign-included' }).cause).toBeUndefined();
  });

  it('sign-type, and with HMAC as well', () => {
    const fields = usual({ sign_type: 'HMAC-SHA256' });
    const sign = hmac(stringA(usual()) + tail());
    expect(named(ask(fields, sign))).toEqual({ verdict: 'mistaken', causes: ['sign-type'] });
    expect(ask(fields, sign, { without: 'sign-type' }).cause).toBeUndefined();
    const v3Key = merchant().signer.apiV3Key;
    const keyed = ask(fields, hmac(stringA(fields) + tail(v3Key), v3Key));
    expect(named(keyed)).toEqual({ verdict: 'mistaken', causes: ['wrong-key'] });
  });

  it('xml-escaped-sent: entities within CDATA', () => {
    const sign = md5(stringA(usual()) + tail());
    const escaped = Object.fromEntries(
      Object.entries(usual()).map(([name, text]) => [
        name,
        text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;'),
      ]),
    );
    expect(ask(escaped, sign).cause).toBe('xml-escaped-sent');
    expect(ask(escaped, sign, { without: 'xml-escaped-sent' }).cause).toBeUndefined();
  });

  it('names two mistakes at once', () => {
    const { nonce_str: _, ...rest } = usual();
    const told = ask(usual(), md5(stringA(rest) + tail(merchant().signer.apiV3Key)));
    expect(told.causes.map(({ cause }) => cause)).toEqual(['wrong-key', 'dropped']);
  });
});

describe('another digest, or written otherwise', () => {
  const text = () => stringA(usual()) + tail();
  it.each<[string, () => string, RegExp, Fields?]>([
    ['HMAC-SHA256 for MD5', () => hmac(text()), /HMAC-SHA256, but without sign_type .* is MD5/],
    ['SHA-1', () => createHash('sha1').update(text()).digest('hex').toUpperCase(), /SHA-1/],
    ['HMAC-MD5', () => hmac(text(), key(), 'md5'), /HMAC-MD5/],
  ])('digest: %s', (_, sign, how) => {
    const told = ask(usual(), sign());
    expect(named(told)).toEqual({ verdict: 'mistaken', causes: ['digest'] });
    expect(told.rule).toMatch(how);
  });

  it('digest: MD5 or a bare SHA-256 where sign_type says HMAC-SHA256', () => {
    const fields = usual({ sign_type: 'HMAC-SHA256' });
    const full = stringA(fields) + tail();
    expect(ask(fields, md5(full)).rule).toContain('as MD5, but sign_type says HMAC-SHA256');
    const bare = createHash('sha256').update(full).digest('hex').toUpperCase();
    expect(ask(fields, bare).rule).toContain('as SHA-256, but');
    expect(named(ask(fields, hmac(full)))).toEqual({ verdict: 'genuine', causes: [] });
  });

  it('signature-encoding: lower case, Base64, blanks; signature-length', () => {
    const sign = md5(text());
    const lower = ask(usual(), sign.toLowerCase());
    expect(named(lower)).toEqual({ verdict: 'genuine', causes: ['signature-encoding'] });
    expect(lower.rule).toContain('lower case');
    const base64 = ask(usual(), Buffer.from(sign, 'hex').toString('base64'));
    expect(named(base64)).toEqual({ verdict: 'genuine', causes: ['signature-encoding'] });
    const cut = ask(usual(), sign.slice(2));
    expect(named(cut)).toEqual({ verdict: 'forged', causes: ['signature-length'] });
  });

  it('nothing explains nonsense, and nothing is wrong with what is right', () => {
    const nonsense = ask(usual(), md5('nothing'));
    expect(named(nonsense)).toEqual({ verdict: 'forged', causes: [] });
    expect(nonsense.rule).toContain('Neither a key known here nor a usual mistake');
    expect(named(ask(usual(), md5(text())))).toEqual({ verdict: 'genuine', causes: [] });
    expect(named(ask(usual(), ''))).toEqual({ verdict: 'unsigned', causes: [] });
  });
});

describe('documents', () => {
  it('in GBK are read, and told', () => {
    const fields = usual({ body: '测试', attach: '' });
    const sign = md5(encodeText(stringA(fields) + tail(), 'gbk'));
    const document = encodeText(xml({ ...fields, sign }), 'gbk');
    const told = ask(fields, sign, { document });
    expect(told.rule).toContain('sent in GBK');
    expect(told.causes.map(({ cause }) => cause)).toEqual(['charset', 'charset']);
    const right = md5(stringA(fields) + tail());
    const half = ask(fields, right, {
      document: encodeText(xml({ ...fields, sign: right }), 'gbk'),
    });
    expect(named(half)).toEqual({ verdict: 'genuine', causes: ['charset'] });
  });

  it('that are none, of nobody, or refunds', () => {
    expect(ask(usual(), '', { document: '<xml><a><b>1</b></a></xml>' }).cause).toBe('xml');
    expect(ask(usual(), '', { document: Uint8Array.of(0xff, 0x3c) }).cause).toBe('xml');
    expect(ask(usual({ mch_id: '1' }), 'x').cause).toBe('unknown-merchant');
    const { mch_id: _, ...anonymous } = usual();
    expect(ask(anonymous, 'x').rule).toContain('names no mch_id');
    const refund = writeXml({ return_code: 'SUCCESS', req_info: 'x' });
    expect(ask(usual(), '', { document: refund, kind: 'notification' }).cause).toBe('no-signature');
  });
});

describe('answers and notifications', () => {
  const told = (): Fields => ({
    return_code: 'SUCCESS',
    appid: merchant().appid,
    mch_id: merchant().mchid,
    bank_type: 'OTHERS',
    attach: 'a & b',
    time_end: '20261124150809',
  });
  const right = () => md5(stringA(told()) + tail());

  it.each<[string, () => string, RegExp]>([
    ['order', () => joined(filled(told())) + tail(), /sent/],
    ['dropped', () => stringA({ ...told(), bank_type: '' }) + tail(), /bank_type/],
    ['wrong-key', () => stringA(told()) + tail(merchant().signer.apiV3Key), /APIv3/],
    ['xml-escaped', () => stringA({ ...told(), attach: 'a &amp; b' }) + tail(), /./],
    [
      'sign-included',
      () =>
        joined(
          [...filled(told()).sort(([a], [b]) => (a < b ? -1 : 1))].flatMap((pair) =>
            pair[0] === 'time_end' ? [['sign', ''] as const, pair] : [pair],
          ),
        ) + tail(),
      /sign=/,
    ],
  ])('verified over another text: %s', (id, text, how) => {
    const asked = { kind: 'notification', text: text() } as const;
    const explained = ask(told(), right(), asked);
    expect(named(explained)).toEqual({ verdict: 'genuine', causes: [id] });
    expect(explained.rule).toMatch(how);
    expect(ask(told(), right(), { ...asked, without: id }).cause).not.toBe(id);
    expect(JSON.stringify(explained)).not.toContain(key());
    expect(JSON.stringify(explained)).not.toContain(merchant().signer.apiV3Key);
  });

  it('a key that is blotted out in the text is taken for the right one', () => {
    for (const mask of ['***', '<key>', '', '[redacted]']) {
      const explained = ask(told(), right(), {
        kind: 'reply',
        text: `${stringA(told())}&key=${mask}`,
      });
      expect(explained.rule).toContain('The text you show is the right one');
    }
  });

  it('a key nobody knows in a shown text is not shown again', () => {
    const text = `${stringA(told())}&key=S3cretOfSomebodyElse`;
    const explained = ask(told(), right(), { kind: 'reply', text });
    expect(JSON.stringify(explained)).not.toContain('S3cretOfSomebodyElse');
    expect(explained.verdict).toBe('genuine');
  });

  it('one that was altered is not believed', () => {
    const explained = ask({ ...told(), attach: 'other' }, right(), { kind: 'notification' });
    expect(explained.verdict).toBe('forged');
    expect(explained.advice).toContain('Do not believe it');
  });
});
