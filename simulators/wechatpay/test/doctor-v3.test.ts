/** The doctor on requests of API v3: names the mistake, and would not without its cause. */
import { constants } from 'node:crypto';
import { decodeText, encodeText } from '@polyrail/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explainV3Request, type RequestOptions } from '../src/doctor-v3.ts';
import { v3Causes } from '../src/doctor-v3-causes.ts';
import { remember } from '../src/doctor-witness.ts';
import type { Merchant } from '../src/merchants.ts';
import type { Room } from '../src/room.ts';
import {
  doctorRoom,
  type Heading,
  linesOf,
  type Making,
  named,
  type Parts,
  requestOf,
  rsaSign,
  usual,
} from './doctor-client.ts';

let room: Room;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ room, stop } = await doctorRoom());
});
afterAll(() => stop());

const merchant = (): Merchant => room.merchants[0] as Merchant;
const other = (): Merchant => room.merchants[1] as Merchant;
const own = (): string => merchant().signer.keys.privateKeyPem;

interface Case {
  readonly sent?: Partial<Parts>;
  readonly heading?: Heading;
  readonly making?: Making;
  readonly options?: RequestOptions;
}

function explain(text: string | Uint8Array, { sent, heading, making, options }: Case = {}) {
  const signature = rsaSign(text, making?.key ?? own(), making);
  const request = requestOf({ ...usual, ...sent }, signature, { merchant: merchant(), ...heading });
  return explainV3Request(request, room, options);
}

const withoutCause = (id: string): RequestOptions => ({
  causes: v3Causes.filter((cause) => cause.id !== id),
  variantsInPairs: 0,
});
const signed = (parts: Partial<Parts>): string => linesOf({ ...usual, ...parts });
const line = (index: number, change: (lines: string[]) => void): string => {
  const lines = linesOf(usual).slice(0, -1).split('\n');
  change(lines);
  expect(index).toBeLessThan(5);
  return lines.map((one) => `${one}\n`).join('');
};

describe('another text was signed', () => {
  const bodies: readonly (readonly [string, string, RegExp])[] = [
    ['left out', '', /an empty line/],
    ['compact', '{"mchid":"1","name":"你好/","a":1}', /without blanks/],
    ['as Python', '{"mchid": "1", "name": "\\u4f60\\u597d/", "a": 1}', /blanks after/],
    ['as PHP', '{"mchid":"1","name":"\\u4f60\\u597d\\/","a":1}', /`\/` as `\\\/`/],
    ['sorted', '{"a":1,"mchid":"1","name":"你好/"}', /members/],
    ['indented', JSON.stringify(JSON.parse(usual.body), undefined, 2), /two blanks/],
  ];
  it.each(bodies)('body-rewritten: %s', (_, body, how) => {
    const text = signed({ body });
    const told = explain(text);
    expect(named(told)).toEqual({ verdict: 'mistaken', causes: ['body-rewritten'] });
    expect(told.rule).toMatch(how);
    expect(told.firstDifference?.parameter).toBe('the body');
    const less = explain(text, { options: withoutCause('body-rewritten') });
    expect(less.cause).not.toBe('body-rewritten');
  });

  const targets: readonly (readonly [string, string, RegExp])[] = [
    ['query missing', usual.target.replace(/\?.*/, ''), /without the query/],
    ['query decoded', decodeURIComponent(usual.target).replace('a|b', 'a%7Cb'), /query decoded/],
    ['all decoded', decodeURIComponent(usual.target), /path and query decoded/],
    ['real host', `https://api.mch.weixin.qq.com${usual.target}`, /whole address/],
    ['this host', `http://127.0.0.1:8080${usual.target}`, /whole address/],
    ['host without scheme', `api.mch.weixin.qq.com${usual.target}`, /with the host/],
    ['query sorted', usual.target.replace('x=%E4%BD%A0&b=1', 'b=1&x=%E4%BD%A0'), /sorted/],
    ['no slash', usual.target.slice(1), /without the slash/],
  ];
  it.each(targets)('target: %s', (_, target, how) => {
    const told = explain(signed({ target }));
    expect(named(told)).toEqual({ verdict: 'mistaken', causes: ['target'] });
    expect(told.rule).toMatch(how);
    expect(explain(signed({ target }), { options: withoutCause('target') }).cause).not.toBe(
      'target',
    );
  });

  const texts: [string, () => string | Uint8Array, RegExp, Case?][] = [
    ['method', () => signed({ method: 'post' }), /as post/],
    ['method', () => signed({ method: 'GET' }), /as GET/],
    ['final-line-end', () => linesOf(usual).slice(0, -1), /line end after the last line/],
    ['timestamp-unit', () => signed({ timestamp: `${usual.timestamp}000` }), /milliseconds/],
    [
      'timestamp-mismatch',
      () => signed({ timestamp: String(Number(usual.timestamp) - 1) }),
      /1 s earlier/,
    ],
    ['nonce-mismatch', () => signed({ nonce: usual.nonce.toLowerCase() }), /lower case/],
    [
      'line-order',
      () => signed({ timestamp: usual.nonce, nonce: usual.timestamp }),
      /other way round/,
    ],
    ['line-order', () => linesOf(usual).replaceAll('\n', '\r\n'), /CR LF/],
    [
      'line-order',
      () => `${usual.timestamp}\n${usual.nonce}\n${usual.body}\n`,
      /as answers are signed/,
    ],
    ['missing-line', () => line(3, (lines) => lines.splice(3, 1)), /the nonce/],
    ['charset', () => encodeText(linesOf(usual), 'gbk'), /written as GBK/],
    ['charset', () => signed({ body: decodeText(Buffer.from(usual.body), 'gbk') }), /read as GBK/],
    [
      'body-trimmed',
      () => signed({ body: usual.body }),
      /at its end/,
      { sent: { body: `${usual.body}\n` } },
    ],
    ['stray-ends', () => `\u{feff}${linesOf(usual)}`, /byte order mark/],
    [
      'wrong-body',
      () => linesOf({ ...usual, method: 'GET', body: 'x=%E4%BD%A0&b=1' }),
      /the query/,
      { sent: { method: 'GET', body: '' } },
    ],
  ];
  it.each(texts)('%s', (id, text, how, given = {}) => {
    const told = explain(text(), given);
    expect(named(told)).toEqual({ verdict: 'mistaken', causes: [id] });
    expect(told.rule).toMatch(how);
    expect(told.firstDifference).toBeDefined();
    const less = explain(text(), { ...given, options: withoutCause(id) });
    expect(less.cause).not.toBe(id);
  });

  it('wrong-body: of an upload the whole of it', () => {
    const meta = '{"filename":"x.png","sha256":"00"}';
    const whole =
      `--b\r\ncontent-disposition: form-data; name="meta"\r\n\r\n${meta}\r\n--b\r\n` +
      'content-disposition: form-data; name="file"\r\n\r\nbytes\r\n--b--\r\n';
    const request = requestOf({ ...usual, body: whole }, rsaSign(signed({ body: whole }), own()), {
      merchant: merchant(),
    });
    const headers = { ...request.headers, 'content-type': 'multipart/form-data; boundary=b' };
    const told = explainV3Request({ ...request, headers }, room);
    expect(named(told)).toEqual({ verdict: 'mistaken', causes: ['wrong-body'] });
    expect(told.rule).toContain('the whole upload');
  });

  it('names two mistakes at once', () => {
    const told = explain(signed({ target: decodeURIComponent(usual.target), body: '' }));
    expect(told.causes.map(({ cause }) => cause)).toEqual(['target', 'body-rewritten']);
  });

  it('knows a nonce that was made twice from the text that is shown', () => {
    const text = signed({ nonce: 'another' });
    expect(named(explain(text))).toEqual({ verdict: 'tampered', causes: [] });
    const told = explain(text, { options: { belief: { text: Buffer.from(text) } } });
    expect(named(told)).toEqual({ verdict: 'mistaken', causes: ['nonce-mismatch'] });
    expect(told.firstDifference).toMatchObject({ parameter: 'the nonce' });
  });

  it('knows the signature of an earlier request', () => {
    const before = { ...usual, nonce: 'before', body: '{"a":1}' };
    remember(room, merchant().mchid, before);
    const told = explain(linesOf(before));
    expect(named(told)).toEqual({ verdict: 'mistaken', causes: ['other-message'] });
    expect(told.rule).toContain('the nonce, the body');
    const alone = explain(signed({ nonce: 'before' }));
    expect(named(alone)).toEqual({ verdict: 'mistaken', causes: ['nonce-mismatch'] });
  });
});

describe('another key, padding or digest', () => {
  it('names whose key it was', () => {
    const key = other().signer.keys.privateKeyPem;
    const told = explain(linesOf(usual), { making: { key } });
    expect(named(told)).toEqual({ verdict: 'mistaken', causes: ['key-of-another-merchant'] });
    expect(told.rule).toContain(other().mchid);
    const { privateKeyPem } = room.platform.current().keys;
    const own = explain(linesOf(usual), { making: { key: privateKeyPem } });
    expect(own.cause).toBe('platform-key');
    const foreign = room.platform.foreign.keys.privateKeyPem;
    expect(explain(linesOf(usual), { making: { key: foreign } }).cause).toBe('unregistered-key');
  });

  const makings: readonly (readonly [string, Making, RegExp])[] = [
    ['padding', { padding: constants.RSA_PKCS1_PSS_PADDING }, /PSS/],
    ['digest', { digest: 'sha1' }, /SHA-1 with RSA, .* is WECHATPAY2-SHA256-RSA2048/],
    ['digest', { digest: 'sha512' }, /SHA-512/],
    ['signature-encoding', { spell: (made) => made.toString('hex') }, /hexadecimal/],
    ['signature-encoding', { spell: (made) => made.toString('base64url') }, /URL-safe/],
  ];
  it.each(makings)('%s %#', (id, making, how) => {
    const told = explain(linesOf(usual), { making });
    expect(named(told)).toEqual({ verdict: 'mistaken', causes: [id] });
    expect(told.rule).toMatch(how);
  });

  it('tells what is no signature at all', () => {
    const md5 = explain('x', { making: { spell: () => 'a'.repeat(32) } });
    expect(named(md5)).toEqual({ verdict: 'forged', causes: ['no-signature'] });
    expect(md5.rule).toContain('API v2');
  });
});

describe('what the header shows', () => {
  it.each<[string, Case, RegExp]>([
    ['timestamp-unit', { sent: { timestamp: `${usual.timestamp}123` } }, /in milliseconds/],
    [
      'stale-time',
      { sent: { timestamp: String(Number(usual.timestamp) - 301) } },
      /301 s from now/,
    ],
    ['wrong-serial', { heading: { serial: 'ABC' } }, /names a certificate/],
    ['scheme', { heading: { scheme: 'WECHATPAY2-RSA' } }, /WECHATPAY2-SHA256-RSA2048/],
    ['unknown-merchant', { heading: { mchid: '1' } }, /No merchant here is called 1/],
  ])('%s', (id, given, how) => {
    const told = explain(signed(given.sent ?? {}), given);
    expect(told.cause).toBe(id);
    expect(told.rule).toMatch(how);
  });

  it('tells whose serial number it is', () => {
    const serials = [
      [other().signer.serial, `that of merchant ${other().mchid}`],
      [room.platform.current().id, "WeChat Pay's key"],
      [BigInt(`0x${merchant().signer.serial}`).toString(), 'decimal'],
      [merchant().signer.serial.replaceAll(/..(?!$)/g, '$&:'), 'colons'],
    ] as const;
    for (const [serial, how] of serials) {
      const told = explain(linesOf(usual), { heading: { serial } });
      expect(told.cause).toBe('wrong-serial');
      expect(told.rule).toContain(how);
    }
  });

  it.each<[string, RegExp]>([
    ['', /no Authorization header/],
    ['WECHATPAY2-SHA256-RSA2048', /one blank/],
    ['WECHATPAY2-SHA256-RSA2048 mchid="1"', /lacks nonce_str, signature, timestamp, serial_no/],
    [
      'S mchid="1",mchid="1",nonce_str="1",signature="1",timestamp="1",serial_no="1"',
      /mchid twice/,
    ],
    ['S mchid=1,nonce_str=1,signature=1,timestamp=1,serial_no=1', /no double quotes/],
    ['S mchid="1";nonce_str="1";signature="1";timestamp="1";serial_no="1"', /commas/],
  ])('authorization: %s', (authorization, how) => {
    const request = requestOf(usual, 'x', { merchant: merchant() });
    const told = explainV3Request({ ...request, headers: { authorization } }, room);
    expect(named(told)).toEqual({ verdict: 'mistaken', causes: ['authorization'] });
    expect(told.rule).toMatch(how);
  });
});

describe('what is right', () => {
  it('is never accused', () => {
    const told = explain(linesOf(usual));
    expect(named(told)).toEqual({ verdict: 'genuine', causes: [] });
    expect(told.expected).toContain(usual.target);
    const shown = explain(linesOf(usual), {
      options: { belief: { text: Buffer.from(linesOf(usual)) } },
    });
    expect(shown.rule).toContain('The text you show is the right one');
  });

  it('what nobody can explain is told with both digests', () => {
    const told = explain('nothing of this');
    expect(named(told)).toEqual({ verdict: 'tampered', causes: [] });
    expect(told.digest?.algorithm).toBe('sha256');
    expect(told.digest?.expected).not.toBe(told.digest?.received);
  });
});
