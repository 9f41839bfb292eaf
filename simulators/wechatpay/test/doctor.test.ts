/** The journal says which mistake explains a signature that does not verify. */
import { constants, createHash, createHmac, createSign } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { WechatPaySite } from '../src/index.ts';
import { authorization, send, start } from './client.ts';
import { post, signed, stringA } from './v2-client.ts';

let site: WechatPaySite;
afterEach(() => site.stop());

const target = '/v3/pay/transactions/out-trade-no/a%7Cb/close?x=%E4%BD%A0';
const body = '{"mchid":"1", "name":"你好/", "a":1}';

/** Sends `body` to `target` with a signature over another text. */
async function noteOf(spoil: (text: string, parts: Parts) => string, options: Options = {}) {
  const timestamp = Math.floor(site.clock.now() / 1000);
  const nonce = 'N0nce';
  const parts = { timestamp, nonce };
  const text = spoil(`POST\n${target}\n${timestamp}\n${nonce}\n${body}\n`, parts);
  const { digest = 'RSA-SHA256', padding = constants.RSA_PKCS1_PADDING } = options;
  const key = { key: options.key ?? site.credentials.merchantPrivateKey, padding };
  const bytes = createSign(digest).update(text).sign(key);
  const signature = (options.spell ?? ((made) => made.toString('base64')))(bytes);
  const header = authorization(site, { method: 'POST', target, body }, { nonce, timestamp });
  const authorized = header.replace(/signature="[^"]*"/, `signature="${signature}"`);
  const answer = await send(site, { target, body, headers: { authorization: authorized } });
  return { status: answer.status, note: site.journal.entries().at(-1)?.note };
}
interface Parts {
  readonly timestamp: number;
  readonly nonce: string;
}
interface Options {
  readonly digest?: string;
  readonly padding?: number;
  readonly key?: string;
  readonly spell?: (bytes: Buffer) => string;
}
const bodyAs = (other: string) => (text: string) => text.replace(body, other);
const targetAs = (other: string) => (text: string) => text.replace(target, other);

describe('v3', () => {
  it.each<[string, (text: string, parts: Parts) => string, RegExp, Options?]>([
    ['no body', bodyAs(''), /the body was left out/],
    ['compact', bodyAs('{"mchid":"1","name":"你好/","a":1}'), /serialized again: what was signed/],
    ['as Python', bodyAs('{"mchid": "1", "name": "\\u4f60\\u597d/", "a": 1}'), /as Python writes/],
    ['escaped', bodyAs('{"mchid":"1","name":"\\u4f60\\u597d/","a":1}'), /with \\u escapes/],
    ['as PHP', bodyAs('{"mchid":"1","name":"你好\\/","a":1}'), /with \\\/ for \//],
    ['sorted', bodyAs('{"a":1,"mchid":"1","name":"你好/"}'), /sorted before signing/],
    ['a line end', bodyAs(`${body}\n`), /line end behind it/],
    ['no query', targetAs(target.replace(/\?.*/, '')), /query was left out/],
    ['decoded', targetAs(decodeURIComponent(target)), /signed decoded/],
    ['whole URL', targetAs(`https://api.mch.weixin.qq.com${target}`), /real host/],
    [
      'lower-case method',
      (text) => text.replace('POST', 'post'),
      /method was signed in lower case/,
    ],
    ['no last line end', (text) => text.slice(0, -1), /line end behind the body is missing/],
    [
      'swapped',
      (text, { timestamp, nonce }) =>
        text.replace(`${timestamp}\n${nonce}`, `${nonce}\n${timestamp}`),
      /wrong order/,
    ],
    ['CR LF', (text) => text.replaceAll('\n', '\r\n'), /CR LF/],
    [
      'two at once',
      (text) => bodyAs('')(targetAs(decodeURIComponent(target))(text)),
      /signed decoded.*; the body was left out/,
    ],
    ['SHA-1', (text) => text, /SHA-1 was used/, { digest: 'RSA-SHA1' }],
    ['PSS', (text) => text, /PSS padding/, { padding: constants.RSA_PKCS1_PSS_PADDING }],
    [
      'hexadecimal',
      (text) => text,
      /written in hexadecimal/,
      { spell: (made) => made.toString('hex') },
    ],
    ['nonsense', () => 'nothing', /No usual mistake/],
  ])('%s', async (_, spoil, expected, options) => {
    site = await start();
    const { status, note } = await noteOf(spoil, options);
    expect(status).toBe(401);
    expect(note).toContain('The signature should be about');
    expect(note).toMatch(expected);
  });

  it('tells whose key it was, and which serial was expected', async () => {
    site = await start();
    const other = await site.enroll();
    const { note } = await noteOf((text) => text, { key: other.merchantPrivateKey });
    expect(note).toContain(`the key is that of merchant ${other.mchId}`);
    const header = authorization(site, { target: '/v3/certificates' }, { serial: 'ABC' });
    await send(site, { target: '/v3/certificates', headers: { authorization: header } });
    const { merchantCertSerial } = site.credentials;
    expect(site.journal.entries().at(-1)?.note).toContain(
      `Expected serial_no ${merchantCertSerial}`,
    );
  });
});

describe('v2', () => {
  const md5 = (text: string) => createHash('md5').update(text).digest('hex').toUpperCase();
  const more = { out_trade_no: 'order_1', attach: ' a&b ', Zeta: '1', empty: '' };

  it.each<[string, (fields: Record<string, string>, key: string) => string, RegExp]>([
    [
      'HMAC',
      (fields, key) =>
        createHmac('sha256', key)
          .update(`${stringA(fields)}&key=${key}`)
          .digest('hex')
          .toUpperCase(),
      /HMAC-SHA256 was used without/,
    ],
    [
      'empty kept',
      (fields, key) =>
        md5(
          `${Object.keys(fields)
            .sort()
            .map((name) => `${name}=${fields[name]}`)
            .join('&')}&key=${key}`,
        ),
      /empty values were kept/,
    ],
    [
      'unsorted',
      (fields, key) =>
        md5(
          `${Object.entries(fields)
            .filter(([, text]) => text)
            .map((pair) => pair.join('='))
            .join('&')}&key=${key}`,
        ),
      /not sorted/,
    ],
    ['no key', (fields) => md5(stringA(fields)), /key was left out/],
    ['joined', (fields, key) => md5(stringA(fields) + key), /joined without &key=/],
    [
      'no nonce',
      ({ nonce_str: _, ...fields }, key) => md5(`${stringA(fields)}&key=${key}`),
      /nonce_str was left out/,
    ],
    [
      'encoded',
      (fields, key) =>
        md5(
          `${stringA(Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, encodeURIComponent(text)])))}&key=${key}`,
        ),
      /URL-encoded/,
    ],
    [
      'trimmed',
      (fields, key) => md5(`${stringA({ ...fields, attach: 'a&b' })}&key=${key}`),
      /trimmed/,
    ],
    [
      'entities',
      (fields, key) => md5(`${stringA({ ...fields, attach: ' a&amp;b ' })}&key=${key}`),
      /XML entities/,
    ],
    ['nonsense', () => md5('nothing'), /No usual mistake/],
  ])('%s', async (_, spoil, expected) => {
    site = await start();
    const { credentials } = site;
    const { sign: _sign, ...fields } = signed(credentials, more) as Record<string, string>;
    const answer = await post(site, '/pay/orderquery', {
      ...fields,
      sign: spoil(fields, credentials.apiKey),
    });
    expect(answer.fields['return_msg']).toBe('签名错误');
    const note = site.journal.entries().at(-1)?.note;
    expect(note).toMatch(expected);
    expect(note).not.toContain(credentials.apiKey);
  });

  it('the key of v3, MD5 where HMAC was said', async () => {
    site = await start();
    const { credentials } = site;
    const noteAfter = async (extra: Record<string, string>, key: string) => {
      const { sign: _, ...fields } = signed(credentials, { ...more, ...extra });
      await post(site, '/pay/orderquery', {
        ...fields,
        sign: md5(`${stringA(fields)}&key=${key}`),
      });
      return site.journal.entries().at(-1)?.note;
    };
    expect(await noteAfter({}, credentials.apiV3Key)).toContain('the key of API v3 was used');
    expect(await noteAfter({ sign_type: 'HMAC-SHA256' }, credentials.apiKey)).toContain(
      'MD5 was used where',
    );
  });

  it('a signature in lower case is taken', async () => {
    site = await start();
    const fields = signed(site.credentials, { out_trade_no: 'order_1' });
    const answer = await post(site, '/pay/orderquery', {
      ...fields,
      sign: (fields['sign'] ?? '').toLowerCase(),
    });
    expect(answer.fields['err_code']).toBe('ORDERNOTEXIST');
  });
});
