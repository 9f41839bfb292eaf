/** What the doctor finds in the signature of a request, and how it shows what it found. */
import { createSign, generateKeyPairSync } from 'node:crypto';
import { parseSm2PrivateKey, signSm2 } from '@polyrail/kit/sm2';
import { encodeText } from '@polyrail/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explainRequest } from '../src/doctor-request.ts';
import { remember } from '../src/doctor-witness.ts';
import { envelopeOf, formPairs, formText } from '../src/envelope.ts';
import type { Merchant } from '../src/merchants.ts';
import type { Room } from '../src/room.ts';
import { bareSign, doctorRoom, hash, joined, pssSign, rsaSign, sorted } from './doctor-client.ts';

import {
  entries,
  escapeHtml,
  named,
  patientOf,
  python,
  rewrite,
  type Sent,
} from './doctor-patient.ts';

let room: Room;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ room, stop } = await doctorRoom());
});
afterAll(() => stop());
const { merchant, key, request, explain } = patientOf(() => room);

/** The two numbers of a signature in 32 bytes each, where DER writes as many as they need. */
function withoutDer(signature: Uint8Array): Buffer {
  const first = 4;
  const middle = first + (signature[3] as number);
  const numbers = [signature.subarray(first, middle), signature.subarray(middle + 2)];
  const hex = numbers.map((one) =>
    Buffer.from(one)
      .toString('hex')
      .replace(/^(?:00)+/, ''),
  );
  return Buffer.from(hex.map((digits) => digits.padStart(64, '0')).join(''), 'hex');
}

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
    const raw = explain({ fields: fields(), sign: withoutDer(sm2(text)).toString('base64') });
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
