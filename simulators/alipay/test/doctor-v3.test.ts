/** Every mistake with the lines of V3, in requests and in replies. */

import type { Explanation } from '@polyrail/simulator/doctor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encryptText } from '../src/cipher.ts';
import { explainReply } from '../src/doctor-reply.ts';
import { lineCauses } from '../src/doctor-v3.ts';
import { explainV3Signature } from '../src/doctor-v3-request.ts';
import type { Merchant } from '../src/merchants.ts';
import type { Room } from '../src/room.ts';
import { parseAuthorization } from '../src/v3-request.ts';
import { doctorRoom, hash, rsaSign } from './doctor-client.ts';

let room: Room;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ room, stop } = await doctorRoom());
});
afterAll(() => stop());

const merchant = (): Merchant => room.merchants[0] as Merchant;
const named = ({ verdict, causes }: Explanation) => ({
  verdict,
  causes: causes.map(({ cause }) => cause),
});

interface Sent {
  readonly auth: string;
  readonly verb: string;
  readonly target: string;
  readonly body: string;
  readonly token?: string;
}

const sent = (): Sent => ({
  auth: `app_id=${merchant().appId},app_cert_sn=0123,nonce=c9a2,timestamp=1795503609123`,
  verb: 'POST',
  target: '/v3/alipay/trade/query?note=a%20b%2Fc',
  body: '{"out_trade_no":"order_1","subject":"Tea/茶"}',
});

const lines = (...all: readonly string[]): string => all.map((line) => `${line}\n`).join('');
const usual = ({ auth, verb, target, body, token }: Sent): string =>
  lines(auth, verb, target, body, ...(token === undefined ? [] : [token]));

const explain = (request: Sent, sign: string, without?: string): Explanation =>
  explainV3Signature(
    {
      authorization: parseAuthorization(`ALIPAY-SHA256withRSA ${request.auth},sign=${sign}`),
      verb: request.verb,
      target: request.target,
      body: Buffer.from(request.body),
      ...(request.token === undefined ? {} : { appAuthToken: request.token }),
    },
    { room, merchant: merchant() },
    { causes: lineCauses.filter(({ id }) => id !== without) },
  );

interface Mistake {
  readonly cause: string;
  readonly how: string;
  /** What would be named if the table lacked the cause, because the texts coincide. */
  readonly also?: readonly string[];
  readonly parameter: string;
  readonly request?: (usual: Sent) => Sent;
  text(request: Sent): string;
}

const withToken = (request: Sent): Sent => ({ ...request, token: 'token_202611BB' });
const mistakes: readonly Mistake[] = [
  {
    cause: 'final-line-end',
    how: 'missing',
    parameter: 'the body',
    text: (request) => usual(request).slice(0, -1),
  },
  {
    cause: 'target',
    how: 'the path without the query',
    parameter: 'the request target',
    text: (request) => usual({ ...request, target: request.target.replace(/\?.*/, '') }),
  },
  {
    cause: 'target',
    how: 'the query decoded',
    parameter: 'the request target',
    text: (request) => usual({ ...request, target: decodeURIComponent(request.target) }),
  },
  {
    cause: 'body-rewritten',
    how: 'with blanks',
    parameter: 'the body',
    text: (request) =>
      usual({ ...request, body: '{"out_trade_no": "order_1", "subject": "Tea/茶"}' }),
  },
  {
    cause: 'body-rewritten',
    how: 'members sorted the other way',
    parameter: 'the body',
    text: (request) => usual({ ...request, body: '{"subject":"Tea/茶","out_trade_no":"order_1"}' }),
  },
  {
    cause: 'authorization-rebuilt',
    how: 'in another order',
    parameter: 'Authorization',
    text: (request) => {
      const [app, sn, nonce, time] = request.auth.split(',');
      return usual({ ...request, auth: [app, time, nonce, sn].join(',') });
    },
  },
  {
    cause: 'authorization-rebuilt',
    how: 'with the scheme',
    parameter: 'Authorization',
    text: (request) => usual({ ...request, auth: `ALIPAY-SHA256withRSA ${request.auth}` }),
  },
  {
    cause: 'token-line',
    how: 'sent, not signed',
    parameter: 'alipay-app-auth-token',
    request: withToken,
    text: ({ token: _, ...request }) => usual(request),
  },
  {
    cause: 'token-line',
    how: 'signed empty, not sent',
    also: ['stray-ends'],
    parameter: 'alipay-app-auth-token',
    text: (request) => usual({ ...request, token: '' }),
  },
  {
    cause: 'timestamp-unit',
    how: 'signed in seconds',
    parameter: 'Authorization',
    text: (request) => usual({ ...request, auth: request.auth.slice(0, -3) }),
  },
  {
    cause: 'method',
    how: 'in lower case',
    parameter: 'the method',
    text: (request) => usual({ ...request, verb: 'post' }),
  },
  {
    cause: 'missing-line',
    how: 'no method',
    parameter: 'the method',
    text: ({ auth, target, body }) => lines(auth, target, body),
  },
  {
    cause: 'line-order',
    how: 'as WeChat Pay signs',
    parameter: 'Authorization',
    text: ({ verb, target, body }) => lines(verb, target, '1795503609123', 'c9a2', body),
  },
  {
    cause: 'line-order',
    how: 'CR LF',
    parameter: 'Authorization',
    text: (request) => usual(request).replaceAll('\n', '\r\n'),
  },
  {
    cause: 'signed-before-encrypting',
    how: 'plain body signed',
    parameter: 'the body',
    request: (request) => ({
      ...request,
      body: encryptText(merchant().encryptKey, request.body, 'utf-8'),
    }),
    text: (request) => usual({ ...request, body: sent().body }),
  },
  {
    cause: 'digest-signed',
    how: 'in hexadecimal',
    parameter: 'Authorization',
    text: (request) => hash(usual(request)).toString('hex'),
  },
  {
    cause: 'stray-ends',
    how: 'a line end more',
    parameter: 'the end',
    request: withToken,
    text: (request) => `${usual(request)}\n`,
  },
];

describe('a V3 request', () => {
  it.each(mistakes)('$cause: $how', ({ cause, parameter, also, request = (one) => one, text }) => {
    const made = request(sent());
    const sign = rsaSign(text(made), merchant().keys.privateKeyPem);
    const alone = also === undefined ? 'tampered' : 'mistaken';
    expect(named(explain(made, sign, cause))).toEqual({ verdict: alone, causes: also ?? [] });
    const told = explain(made, sign);
    expect(named(told)).toEqual({ verdict: 'mistaken', causes: [cause] });
    expect(told.firstDifference?.parameter).toBe(parameter);
  });

  it('is not accused when it is right, token and query included', () => {
    for (const made of [sent(), withToken(sent()), { ...sent(), verb: 'GET', body: '' }]) {
      const told = explain(made, rsaSign(usual(made), merchant().keys.privateKeyPem));
      expect(named(told)).toEqual({ verdict: 'genuine', causes: [] });
    }
  });

  it('names the other app, the other digest and two mistakes at once', () => {
    const other = (room.merchants[1] as Merchant).keys.privateKeyPem;
    const own = merchant().keys.privateKeyPem;
    const right = usual(sent());
    expect(named(explain(sent(), rsaSign(right, other))).causes).toEqual(['key-of-another-app']);
    expect(named(explain(sent(), rsaSign(right, own, 'RSA-SHA1'))).causes).toEqual(['digest']);
    const path = { ...sent(), target: '/v3/alipay/trade/query' };
    const both = explain(sent(), rsaSign(usual(path).slice(0, -1), own));
    expect(named(both)).toEqual({ verdict: 'mistaken', causes: ['final-line-end', 'target'] });
  });

  it('says when its timestamp counts seconds, though the signature is right', () => {
    const made = { ...sent(), auth: sent().auth.slice(0, -3) };
    const told = explain(made, rsaSign(usual(made), merchant().keys.privateKeyPem));
    expect(named(told)).toEqual({ verdict: 'genuine', causes: ['timestamp-unit'] });
  });

  it('masks the token', () => {
    const made = withToken(sent());
    const told = explain(made, rsaSign(`${usual(made)}x`, merchant().keys.privateKeyPem));
    expect(JSON.stringify(told)).not.toContain('token_2026');
    expect(told.expected).toContain('nonce=c9a2');
  });
});

describe('a V3 reply', () => {
  const body = '{"out_trade_no":"order_1","qr_code":"https:\\/\\/qr.alipay.com\\/bax1"}';
  const reply = (text = body) => {
    const signed = `1795503609123\nnonce_1\n${text}\n`;
    const sign = rsaSign(signed, room.platform.identity.privateKey.rsa as never);
    const headers = {
      'alipay-timestamp': '1795503609123',
      'alipay-nonce': 'nonce_1',
      'alipay-signature': sign,
    };
    return { body: Buffer.from(text), headers };
  };
  const cases: readonly [string, string, string][] = [
    ['missing-line', 'no timestamp', `nonce_1\n${body}\n`],
    ['missing-line', 'no nonce', `1795503609123\n${body}\n`],
    ['missing-line', 'the body alone', `${body}\n`],
    ['final-line-end', 'no last line end', `1795503609123\nnonce_1\n${body}`],
    [
      'body-rewritten',
      'unescaped slashes',
      `1795503609123\nnonce_1\n${body.replaceAll('\\/', '/')}\n`,
    ],
    ['line-order', 'nonce first', `nonce_1\n1795503609123\n${body}\n`],
  ];
  it.each(cases)('%s: %s', async (cause, _, text) => {
    const told = await explainReply(reply(), room, { belief: { text } });
    expect(named(told)).toEqual({ verdict: 'genuine', causes: [cause] });
    expect(told.firstDifference).toBeDefined();
  });

  it('was verified after decrypting', async () => {
    const message = reply(encryptText(merchant().encryptKey, body, 'utf-8'));
    const text = `1795503609123\nnonce_1\n${body}\n`;
    const told = await explainReply(message, room, { belief: { text } });
    expect(named(told)).toEqual({ verdict: 'genuine', causes: ['signed-before-encrypting'] });
  });

  it('is genuine, tampered, forged or unsigned', async () => {
    expect((await explainReply(reply(), room)).verdict).toBe('genuine');
    const changed = { ...reply(), body: Buffer.from(body.replace('order_1', 'order_2')) };
    expect((await explainReply(changed, room)).verdict).toBe('tampered');
    const sign = rsaSign('x', merchant().keys.privateKeyPem);
    const headers = { ...reply().headers, 'alipay-signature': sign };
    const forged = await explainReply({ ...reply(), headers }, room);
    expect(named(forged)).toEqual({ verdict: 'forged', causes: ['key-of-an-app'] });
    const { 'alipay-signature': _, ...rest } = reply().headers;
    expect((await explainReply({ ...reply(), headers: rest }, room)).verdict).toBe('unsigned');
  });
});
