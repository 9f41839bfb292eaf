/** The REST protocol, byte by byte: requests are built here, from the dossier. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlipaySite } from '../src/index.ts';
import { certificateSn, rootCertificateSn } from '../src/seal.ts';
import { parseAuthorization } from '../src/v3-request.ts';
import { type Answer, barcode, call, collect, start, startsAt, terms } from './client.ts';
import { callV3, sendV3, usualPairs, type V3Parts, v3Verifies } from './v3-client.ts';

let site: AlipaySite;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

const query = '/v3/alipay/trade/query';
const nobody = JSON.stringify({ out_trade_no: 'nobody' });
const ask = (parts: Partial<V3Parts> = {}) =>
  sendV3(site, { target: query, body: nobody, ...parts });
const errorOf = ({ status, text }: Answer) => ({ status, code: JSON.parse(text).code as string });
const verified = (answer: Answer) => v3Verifies(answer, site.credentials.platformPublicKey);
const sns = () => ({
  app: certificateSn(site.credentials.merchantCert),
  root: rootCertificateSn(site.credentials.rootCert),
});

describe('a V3 request', () => {
  it('goes the way of a trade, its answers the business alone', async () => {
    const pay = { ...terms('t1', '8.88'), scene: 'bar_code', auth_code: barcode() };
    const paid = await callV3(site, 'trade/pay', pay);
    expect(paid).toMatchObject({ status: 200, out_trade_no: 't1', total_amount: '8.88' });
    expect(paid).not.toHaveProperty('code');
    expect(paid).not.toHaveProperty('msg');
    expect(paid['gmt_payment']).toBe('2026-11-24 15:08:09');
    const refund = { out_trade_no: 't1', refund_amount: '8.00', out_request_no: 'r1' };
    expect(await callV3(site, 'trade/refund', refund)).toMatchObject({ fund_change: 'Y' });
    const asked = { out_trade_no: 't1', out_request_no: 'r1' };
    expect(await callV3(site, 'trade/fastpay/refund/query', asked)).toMatchObject({
      status: 200,
      refund_status: 'REFUND_SUCCESS',
    });
    const none = await callV3(site, 'trade/fastpay/refund/query', {
      ...asked,
      out_request_no: 'x',
    });
    expect(none).toEqual({ status: 200 });
    expect(await callV3(site, 'trade/cancel', { out_trade_no: 't1' })).toMatchObject({
      action: 'refund',
    });
    expect(site.book('t1')).toMatchObject({ debits: 1, paid: 888, refunds: 2, refunded: 888 });
  });

  it('and one over gateway.do are the same order', async () => {
    await callV3(site, 'trade/precreate', terms('t2'));
    await site.payer.approve('t2');
    expect(await call(site, 'trade.query', { out_trade_no: 't2' })).toMatchObject({
      trade_status: 'TRADE_SUCCESS',
    });
  });

  it('may order its pairs as it likes: they are signed as they stand', async () => {
    const [app, nonce, time] = usualPairs(site) as [[string, string], never, never];
    const pairs = [time, ['expired_seconds', '60'], app, ['x', 'a=b=='], nonce] as const;
    expect(errorOf(await ask({ pairs }))).toEqual({ status: 400, code: 'ACQ.TRADE_NOT_EXIST' });
  });

  it('is signed over the bytes that were sent', async () => {
    const spaced = ' { "out_trade_no" : "nob\\u006fdy" ,"note":"a\\/b 测试" }\n';
    expect(errorOf(await ask({ body: spaced })).code).toBe('ACQ.TRADE_NOT_EXIST');
    const again = JSON.stringify(JSON.parse(spaced));
    expect(errorOf(await ask({ body: spaced, signedBody: again }))).toEqual({
      status: 401,
      code: 'invalid-signature',
    });
  });

  it('with GET says everything in its query, percent-encoded as signed', async () => {
    const path = '/v3/alipay/data/dataservice/bill/downloadurl/query';
    await site.settle('2026-11-24');
    const target = `${path}?bill_type=%74rade&bill_date=2026-11-24`;
    const ready = await sendV3(site, { verb: 'GET', target });
    expect(ready.status).toBe(200);
    expect(JSON.parse(ready.text).bill_download_url).toContain('fileId=');
    const plain = target.replace('%74', 't');
    const other = await sendV3(site, { verb: 'GET', target, pairs: usualPairs(site) });
    expect(other.status).toBe(200);
    const signedElsewhere = await site.transport.exchange({
      method: 'GET',
      url: `${site.url}${plain}`,
      headers: { authorization: await authorizationOf(target) },
    });
    expect(signedElsewhere.status).toBe(401);
  });

  /** The header a request to `target` carries. */
  async function authorizationOf(target: string): Promise<string> {
    let header = '';
    await sendV3(site, { verb: 'GET', target, alter: (made) => (header = made) });
    return header;
  }

  it('keeps its notify_url in the body', async () => {
    const told = collect(site);
    const address = { notify_url: 'http://merchant.example/v3' };
    await callV3(site, 'trade/precreate', { ...terms('t3'), ...address });
    await site.payer.approve('t3');
    await site.notifier.idle();
    expect(told.map(({ fields }) => fields['trade_status'])).toEqual(['TRADE_SUCCESS']);
    const wrong = await callV3(site, 'trade/create', {
      ...terms('t4'),
      buyer_id: '2088102146225135',
      notify_url: 'ftp://x',
    });
    expect(wrong).toMatchObject({ status: 400, code: 'invalid-parameter' });
    expect(wrong['details'][0]).toMatchObject({ field: 'notify_url', location: 'body' });
  });

  it('names the member that is wrong', async () => {
    const wrong = await callV3(site, 'trade/create', { ...terms('t5'), total_amount: '1.001' });
    expect(wrong).toMatchObject({ status: 400, code: 'ACQ.INVALID_PARAMETER' });
    expect(wrong['message']).toContain('total_amount');
    expect(wrong['details']).toEqual([
      expect.objectContaining({ field: 'total_amount', location: 'body' }),
    ]);
  });

  it('in certificate mode is answered with the SN of the certificate', async () => {
    const pairs = [...usualPairs(site), ['app_cert_sn', sns().app] as const];
    const headers = { 'alipay-root-cert-sn': sns().root };
    const answer = await ask({ pairs, headers });
    expect(answer.headers['alipay-sn']).toBe(certificateSn(site.credentials.platformCert));
    expect(verified(answer)).toBe(true);
    const plain = await ask();
    expect(plain.headers).not.toHaveProperty('alipay-sn');
  });

  it('carries the token of the merchant it acts for as a last line', async () => {
    const { appAuthToken } = site.credentials;
    const token = { 'alipay-app-auth-token': appAuthToken };
    await callV3(site, 'trade/precreate', terms('t6'), token);
    await site.payer.approve('t6');
    const order = { out_trade_no: 't6' };
    expect(await callV3(site, 'trade/query', order, token)).toMatchObject({ status: 200 });
    expect(await callV3(site, 'trade/query', order)).toMatchObject({ code: 'ACQ.TRADE_NOT_EXIST' });
    const wrong = await callV3(site, 'trade/query', order, { 'alipay-app-auth-token': 'x' });
    expect(wrong).toMatchObject({ status: 401, code: 'invalid-app-auth-token' });
    expect(errorOf(await ask({ unsigned: token })).code).toBe('invalid-signature');
  });
});

describe('the paths of the documentation', () => {
  const posted = [
    ...['pay', 'query', 'close', 'cancel', 'refund', 'precreate', 'create'].map(
      (a) => `trade/${a}`,
    ),
    'trade/fastpay/refund/query',
    ...['freeze', 'unfreeze', 'voucher/create'].map((path) => `fund/auth/order/${path}`),
    'fund/auth/operation/cancel',
    'fund/auth/operation/detail/query',
    'fund/trans/uni/transfer',
    'user/agreement/unsign',
    'user/agreement/executionplan/modify',
  ];
  const got = [
    'fund/trans/common/query',
    'fund/account/query',
    'user/agreement/query',
    'data/dataservice/bill/downloadurl/query',
  ];
  const all = [
    ...posted.map((path) => ['POST', path] as const),
    ...got.map((path) => ['GET', path] as const),
  ];

  it.each(all)('%s %s leads to its business', async (verb, path) => {
    const body = verb === 'GET' ? {} : { body: '{}' };
    const answer = await sendV3(site, { verb, target: `/v3/alipay/${path}`, ...body });
    expect(verified(answer)).toBe(true);
    expect(answer.text).not.toContain('invalid-method');
    const [entry] = site.journal.entries();
    expect(entry?.operation).toBe(`alipay.${path.replaceAll('/', '.')}`);
    const other = verb === 'GET' ? { verb: 'POST', body: '{}' } : { verb: 'GET' };
    const refused = await sendV3(site, { target: `/v3/alipay/${path}`, ...other });
    expect(errorOf(refused)).toEqual({ status: 400, code: 'invalid-method' });
  });
});

describe('the headers of an answer', () => {
  it('date, number and sign it, errors as well', async () => {
    const answer = await ask();
    expect(answer.status).toBe(400);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json;charset=utf-8',
      'alipay-timestamp': String(startsAt),
      'alipay-trace-id': expect.stringMatching(/^[0-9a-f]{32}$/),
      'alipay-nonce': expect.stringMatching(/^\S{16,}$/),
    });
    expect(verified(answer)).toBe(true);
    const error = JSON.parse(answer.text);
    expect(Object.keys(error)).toEqual(['code', 'message', 'links']);
    expect(error.links[0]).toMatchObject({ link: expect.any(String), desc: expect.any(String) });
  });

  it('tell the time by the clock the request was dated with', async () => {
    const wall = Date.now();
    const pairs = usualPairs(site).map(([name, value]): [string, string] =>
      name === 'timestamp' ? [name, String(wall)] : [name, value],
    );
    const answer = await ask({ pairs });
    expect(Number(answer.headers['alipay-timestamp'])).toBeGreaterThanOrEqual(wall);
    expect(errorOf(answer).code).toBe('ACQ.TRADE_NOT_EXIST');
  });
});

const replaced = (name: string, value: string | undefined) => {
  const pairs = usualPairs(site).filter(([other]) => other !== name);
  return value === undefined ? pairs : [...pairs, [name, value] as const];
};

describe('a V3 request that is wrong', () => {
  type Case = readonly [string, () => Partial<V3Parts>, number, string];
  const cases: readonly Case[] = [
    ['no header', () => ({ alter: () => '' }), 401, 'missing-signature'],
    ['garbage', () => ({ alter: () => 'Basic eDp5' }), 401, 'invalid-signature-type'],
    ['only a scheme', () => ({ alter: () => 'ALIPAY-SHA256withRSA' }), 401, 'missing-signature'],
    [
      'no signature',
      () => ({ alter: (made) => made.replace(/,sign=.*$/, '') }),
      401,
      'missing-signature',
    ],
    [
      'an empty signature',
      () => ({ alter: (made) => made.replace(/,sign=.*$/, ',sign=') }),
      401,
      'missing-signature',
    ],
    [
      'no Base64',
      () => ({ alter: (made) => made.replace(/,sign=.*$/, ',sign=%%%') }),
      401,
      'invalid-signature',
    ],
    [
      'a signature of another length',
      () => ({ alter: (made) => made.replace(/,sign=.*$/, ',sign=QUJDRA==') }),
      401,
      'invalid-signature',
    ],
    [
      'another scheme',
      () => ({ alter: (m) => m.replace('256', '1') }),
      401,
      'invalid-signature-type',
    ],
    ['no app', () => ({ pairs: replaced('app_id', undefined) }), 400, 'missing-app-id'],
    ['an unknown app', () => ({ pairs: replaced('app_id', '1') }), 400, 'invalid-app-id'],
    ['no nonce', () => ({ pairs: replaced('nonce', undefined) }), 400, 'invalid-parameter'],
    [
      'a huge nonce',
      () => ({ pairs: replaced('nonce', 'n'.repeat(129)) }),
      400,
      'invalid-parameter',
    ],
    [
      'a header without end',
      () => ({ pairs: replaced('x', 'n'.repeat(9_000)) }),
      400,
      'invalid-parameter',
    ],
    ['no timestamp', () => ({ pairs: replaced('timestamp', undefined) }), 400, 'missing-timestamp'],
    [
      'a worded timestamp',
      () => ({ pairs: replaced('timestamp', 'now') }),
      400,
      'invalid-timestamp',
    ],
    [
      'seconds for milliseconds',
      () => ({ pairs: replaced('timestamp', '1795504089') }),
      400,
      'invalid-timestamp',
    ],
    [
      'a validity of nothing',
      () => ({ pairs: [...usualPairs(site), ['expired_seconds', '0']] }),
      400,
      'invalid-timestamp',
    ],
    [
      'a late one',
      () => ({ pairs: replaced('timestamp', String(startsAt - 600_001)) }),
      400,
      'illegal-timestamp',
    ],
    [
      'an early one',
      () => ({ pairs: replaced('timestamp', String(startsAt + 600_001)) }),
      400,
      'illegal-timestamp',
    ],
    [
      'two apps',
      () => ({ pairs: [...usualPairs(site), ['app_id', '2']] }),
      400,
      'invalid-parameter',
    ],
    [
      'a certificate without root',
      () => ({ pairs: [...usualPairs(site), ['app_cert_sn', sns().app]] }),
      400,
      'missing-alipay-root-cert-sn',
    ],
    [
      'a root without certificate',
      () => ({ headers: { 'alipay-root-cert-sn': sns().root } }),
      400,
      'missing-app-cert-sn',
    ],
    [
      'an unknown certificate',
      () => ({
        pairs: [...usualPairs(site), ['app_cert_sn', '0'.repeat(32)]],
        headers: { 'alipay-root-cert-sn': sns().root },
      }),
      400,
      'app-cert-not-exist',
    ],
    ['no JSON', () => ({ body: '{"out_trade_no":' }), 400, 'illegal-json'],
    ['a list', () => ({ body: '[]' }), 400, 'illegal-json'],
    [
      'an unknown cipher',
      () => ({ headers: { 'alipay-encrypt-type': 'SM4' } }),
      400,
      'invalid-encrypt-type',
    ],
    [
      'plain text',
      () => ({ headers: { 'content-type': 'text/plain' } }),
      400,
      'decryption-error-missing-encrypt-type',
    ],
    ['another body', () => ({ signedBody: '{}' }), 401, 'invalid-signature'],
    ["a stranger's key", () => ({ privateKey: strangers }), 401, 'invalid-signature'],
    ['another verb', () => ({ verb: 'GET', body: '' }), 400, 'invalid-method'],
    ['another path', () => ({ target: '/v3/alipay/trade/page/pay' }), 404, 'invalid-method'],
    ['a path of nothing', () => ({ target: '/v3/' }), 404, 'invalid-method'],
  ];
  let strangers = '';
  beforeEach(async () => {
    strangers = (await site.enroll()).merchantPrivateKey;
  });

  it.each(cases)('by %s is refused, signed', async (_, parts, status, code) => {
    const answer = await ask(parts());
    expect(errorOf(answer)).toEqual({ status, code });
    expect(verified(answer)).toBe(true);
  });

  it('by its signature is shown the text that was expected', async () => {
    const answer = await ask({ signedBody: '{}' });
    const expected = `POST\n${query}\n${nobody}\n`;
    expect(JSON.parse(answer.text).message).toContain(expected);
    const note = site.journal.entries().at(-1)?.note ?? '';
    expect(note).toContain(JSON.stringify(expected).slice(1, -1));
  });

  it('has its signature behind the first mark', () => {
    const { text, sign } = parseAuthorization('ALIPAY-SHA256withRSA app_id=1,sign=QQ==,sign=Qg==');
    expect({ text, sign }).toEqual({ text: 'app_id=1', sign: 'QQ==,sign=Qg==' });
  });

  it('never crashes the parser, which believes nothing that is not there', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), headerish), (header) => {
        const { text, sign, fields, scheme } = parseAuthorization(header);
        expect(Object.getPrototypeOf(fields) === null || header.length > 8_192).toBe(true);
        if (sign !== '') expect(header).toBe(`${scheme} ${text},sign=${sign}`);
      }),
      { numRuns: 2_000 },
    );
  });

  const headerish = fc
    .array(fc.constantFrom('ALIPAY-SHA256withRSA ', ',', '=', 'sign', ',sign=', '__proto__=1', 'a'))
    .map((parts) => parts.join(''));

  it('never gets past the gateway with a header made up', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), headerish), async (header) => {
        const clean = header.replaceAll(/[^\x21-\x7e]/g, '');
        const answer = await ask({
          alter: (made) => (clean === '' ? '' : `${clean}${made.slice(99)}`),
        });
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.status).toBeLessThan(500);
        expect(verified(answer)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

describe('options', () => {
  it('decide about statuses, validity and the pending answer', async () => {
    await site.stop();
    const v3 = { statuses: { 'ACQ.TRADE_NOT_EXIST': 404 }, pendingStatus: 202, expiredSeconds: 5 };
    site = await start({ v3 });
    expect(errorOf(await ask()).status).toBe(404);
    const pairs = replaced('timestamp', String(startsAt - 5_001));
    expect(errorOf(await ask({ pairs })).code).toBe('illegal-timestamp');
    const longer = [...pairs, ['expired_seconds', '6'] as const];
    expect(errorOf(await ask({ pairs: longer })).code).toBe('ACQ.TRADE_NOT_EXIST');
    site.faults.arm({ fault: 'user-paying' });
    const pay = { ...terms('o1'), scene: 'bar_code', auth_code: barcode() };
    const waiting = await callV3(site, 'trade/pay', pay);
    expect(waiting).toMatchObject({ status: 202, out_trade_no: 'o1' });
    expect(waiting['trade_no']).toMatch(/^\d{28}$/);
    expect(waiting).not.toHaveProperty('gmt_payment');
    expect(waiting).not.toHaveProperty('code');
  });

  it('let old requests pass where the time is not checked', async () => {
    await site.stop();
    site = await start({ v3: { checkTimestamp: false } });
    const pairs = replaced('timestamp', '1000000000000');
    expect(errorOf(await ask({ pairs })).code).toBe('ACQ.TRADE_NOT_EXIST');
  });
});

describe('faults', () => {
  const pay = (id: string) =>
    JSON.stringify({ ...terms(id), scene: 'bar_code', auth_code: barcode() });
  const payment = (id: string) => ask({ target: '/v3/alipay/trade/pay', body: pay(id) });

  it('business-error of a system is no fault of the request', async () => {
    site.faults.arm({ fault: 'business-error', subCode: 'ACQ.SYSTEM_ERROR' });
    expect(errorOf(await payment('f0'))).toEqual({ status: 500, code: 'ACQ.SYSTEM_ERROR' });
  });

  it.each([
    ['rate-limit', 429, 'app-call-limited'],
    ['maintenance', 500, 'unknow-error'],
    ['system-error', 500, 'ACQ.SYSTEM_ERROR'],
    ['business-error', 400, 'ACQ.BUYER_BALANCE_NOT_ENOUGH'],
  ])('%s answers with its status, nothing done', async (fault, status, code) => {
    site.faults.arm({ fault, operation: 'alipay.trade.pay', id: 'f1' });
    const answer = await payment('f1');
    expect(errorOf(answer)).toEqual({ status, code });
    expect(verified(answer)).toBe(true);
    expect(site.book('f1')).toBeUndefined();
  });

  it.each([['bad-signature'], ['foreign-signature'], ['unsigned-reply'], ['key-rotation']])(
    '%s spoils the seal, and it was done',
    async (fault) => {
      site.faults.arm({ fault, operation: 'alipay.trade.pay' });
      expect(verified(await payment('f2'))).toBe(false);
      expect(site.book('f2')).toMatchObject({ debits: 1 });
      expect(verified(await ask())).toBe(true);
    },
  );

  it('stale-timestamp is old and well signed', async () => {
    site.faults.arm({ fault: 'stale-timestamp', ageMs: 3_600_000 });
    const answer = await ask();
    expect(answer.headers['alipay-timestamp']).toBe(String(startsAt - 3_600_000));
    expect(verified(answer)).toBe(true);
  });

  it('wrong-amount and wrong-order are signed lies', async () => {
    for (const rule of [{ fault: 'wrong-amount' }, { fault: 'wrong-order', otherId: 'other' }]) {
      site.faults.arm({ ...rule, operation: 'alipay.trade.pay' });
    }
    const answer = await payment('f3');
    expect(verified(answer)).toBe(true);
    expect(JSON.parse(answer.text)).toMatchObject({ out_trade_no: 'other', total_amount: '1.01' });
  });

  it('drop-reply loses the answer to what was done', async () => {
    site.faults.arm({ fault: 'drop-reply', operation: 'alipay.trade.pay', id: 'f4' });
    await expect(payment('f4')).rejects.toThrow();
    expect(site.book('f4')).toMatchObject({ debits: 1 });
    site.faults.arm({ fault: 'garbage-body', operation: 'alipay.trade.query' });
    site.faults.arm({ fault: 'server-error', operation: 'alipay.trade.query', skip: 1 });
    expect((await ask()).text).toContain('<');
    expect((await ask()).status).toBe(502);
  });
});

describe('the journal', () => {
  it('keeps V3 exchanges by their method, decoded, without the token', async () => {
    const { appAuthToken } = site.credentials;
    await callV3(site, 'trade/precreate', terms('j1'), { 'alipay-app-auth-token': appAuthToken });
    const [entry] = site.journal.entries({ id: 'j1' });
    expect(entry).toMatchObject({
      operation: 'alipay.trade.precreate',
      status: 200,
      request: { verb: 'POST', body: { out_trade_no: 'j1' } },
      reply: { code: '10000', out_trade_no: 'j1' },
    });
    expect(JSON.stringify(site.journal.entries())).not.toContain(appAuthToken);
  });
});
