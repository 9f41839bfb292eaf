import { secret } from '@polyrail/core';
import { encryptAes } from '@polyrail/kit/aes';
import { describe, expect, it } from 'vitest';
import { rootSerialOf, serialOf } from '../src/certificates.ts';
import { toTarget } from '../src/rest.ts';
import {
  appId,
  certificateConfig,
  certificates,
  now,
  nowMs,
  order,
  payment,
  stranger,
  thrown,
  trade,
} from './gateway.ts';
import { isSigned, restSite, v3Config } from './rest.ts';

const paid = { ...trade, trade_status: 'TRADE_SUCCESS', total_amount: '9.00' };
const barcode = { ...order, scene: 'barcode', authCode: '281234567890123456' } as const;

describe('a V3 request', () => {
  it('is JSON at the path of its method, signed over its raw parts', async () => {
    const site = restSite(() => ({ body: paid }));
    await site.channel().query(payment);
    const [request] = site.heard;
    expect(request).toMatchObject({
      method: 'POST',
      url: 'https://openapi.alipay.com/v3/alipay/trade/query',
      body: '{"out_trade_no":"order_1"}',
    });
    expect(isSigned(request!)).toBe(true);
    expect(isSigned({ ...request!, body: '{"out_trade_no":"order_2"}' })).toBe(false);
    expect(request?.headers.authorization).toContain(`app_id=${appId},nonce=`);
    expect(request?.headers.authorization).toContain(`timestamp=${nowMs},`);
    expect(request?.headers['content-type']).toBe('application/json');
  });

  it('tells the address of notifications inside the body', async () => {
    const site = restSite(() => ({
      body: { ...trade, gmt_payment: '2026-11-22 10:49:20', total_amount: '9.00' },
    }));
    await site.channel().pay({ ...barcode, notifyUrl: 'https://shop.example/n' });
    expect(JSON.parse(String(site.heard[0]?.body))).toMatchObject({
      notify_url: 'https://shop.example/n',
      auth_code: '281234567890123456',
    });
  });

  it('asks in the query where Alipay has it so, percent-encoded as it is signed', async () => {
    const site = restSite(() => ({ body: { code: 'BILL_NOT_EXIST', message: '' }, status: 400 }));
    await thrown(site.channel().statement({ kind: 'trade', date: '2026-11-21' }));
    const [request] = site.heard;
    expect(request).toMatchObject({
      method: 'GET',
      url: 'https://openapi.alipay.com/v3/alipay/data/dataservice/bill/downloadurl/query?bill_type=trade&bill_date=2026-11-21',
    });
    expect(request?.body).toBeUndefined();
    expect(isSigned(request!)).toBe(true);
    const odd = toTarget({
      method: 'alipay.fund.account.query',
      fields: { a: 'ä /', b: { c: 1 } },
    });
    expect(odd.target).toBe('/v3/alipay/fund/account/query?a=%C3%A4%20%2F&b=%7B%22c%22%3A1%7D');
  });

  it('goes to the origin that is configured, or to that of the gateway', async () => {
    const urlOf = async (change: object) => {
      const site = restSite(() => ({ body: paid }));
      await site.channel({ ...v3Config, ...change }).query(payment);
      return site.heard[0]?.url;
    };
    expect(await urlOf({ gatewayUrl: 'http://127.0.0.1:1/gateway.do' })).toBe(
      'http://127.0.0.1:1/v3/alipay/trade/query',
    );
    expect(await urlOf({ v3Url: 'http://127.0.0.1:2' })).toContain('http://127.0.0.1:2/v3/');
  });

  it('names certificates in certificate mode', async () => {
    const { parseCertificates } = await import('@polyrail/kit/keys');
    const [leaf] = parseCertificates(certificates.merchant);
    const site = restSite(() => ({ body: paid }));
    await site.channel({ ...certificateConfig, protocol: 'v3' }).query(payment);
    const { headers } = site.heard[0]!;
    expect(headers.authorization).toContain(`app_id=${appId},app_cert_sn=${serialOf(leaf!)},`);
    expect(headers['alipay-root-cert-sn']).toBe(rootSerialOf(parseCertificates(certificates.root)));
  });

  it('acts for another merchant, and signs that it does', async () => {
    const site = restSite(() => ({ body: paid }));
    const appAuth = { appId: '2021999', token: secret('201612BB_token') };
    await site.channel({ ...v3Config, appAuth }).query(payment);
    expect(site.heard[0]?.headers['alipay-app-auth-token']).toBe('201612BB_token');
    expect(isSigned(site.heard[0]!)).toBe(true);
  });
});

describe('a V3 reply', () => {
  const query = (answer: Parameters<typeof restSite>[0]) =>
    restSite(answer).channel().query(payment);
  const pay = (answer: Parameters<typeof restSite>[0]) => restSite(answer).channel().pay(barcode);

  it('is believed when Alipay signed it', async () => {
    expect(await query(() => ({ body: paid }))).toMatchObject({
      status: 'succeeded',
      evidence: 'signed',
      ref: { channelId: trade.trade_no },
    });
  });

  it('that tells no time of payment leaves the payment under way', async () => {
    const body = { ...trade, total_amount: '9.00' };
    expect(await pay(() => ({ body }))).toMatchObject({ status: 'pending', waitingFor: 'payer' });
    const told = await pay(() => ({ body: { ...body, gmt_payment: '2026-11-22 10:49:20' } }));
    expect(told).toMatchObject({ status: 'succeeded' });
  });

  it.each([
    ['unsigned', { headers: { 'alipay-signature': undefined } }, 'unverified-reply'],
    ['signed by a stranger', { key: stranger.privateKey }, 'unverified-reply'],
    ['with another nonce', { headers: { 'alipay-nonce': 'other' } }, 'unverified-reply'],
    ['with no base64', { headers: { 'alipay-signature': '***' } }, 'unverified-reply'],
    ['of another time', { timestamp: String(nowMs - 600_001) }, 'unverified-reply'],
    ['of the future', { timestamp: String(nowMs + 600_001) }, 'unverified-reply'],
    ['without a time', { timestamp: '' }, 'unverified-reply'],
    ['that is no JSON', { body: '<html>' }, 'unreadable-reply'],
    ['with a member twice', { body: '{"a":1,"a":2}' }, 'unreadable-reply'],
    ['of a server in trouble', { status: 503 }, 'server-error'],
    ['of a proxy', { status: 502, headers: { 'alipay-signature': undefined } }, 'server-error'],
    ['of another kind', { status: 302 }, 'server-error'],
  ])('%s moves nothing', async (_what, change, doubt) => {
    const body = { ...trade, total_amount: '9.00', gmt_payment: '2026-11-22 10:49:20' };
    expect(await pay(() => ({ body, ...change }))).toMatchObject({ status: 'unknown', doubt });
    const error = await thrown(query(() => ({ body: paid, ...change })));
    expect(error).toMatchObject({ doubt });
  });

  it('of an unsigned refusal refuses nothing', async () => {
    const answer = () => ({
      status: 400,
      body: { code: 'ACQ.BUYER_BALANCE_NOT_ENOUGH', message: 'x' },
      headers: { 'alipay-signature': undefined },
    });
    expect(await pay(answer)).toMatchObject({ status: 'unknown', doubt: 'unverified-reply' });
  });

  it.each([
    ['ACQ.BUYER_BALANCE_NOT_ENOUGH', 400, { status: 'failed', reason: 'insufficient-funds' }],
    ['ACQ.SYSTEM_ERROR', 400, { status: 'unknown', doubt: 'server-error' }],
    ['unknow-error', 400, { status: 'unknown', doubt: 'server-error' }],
    ['NEVER_HEARD_OF', 400, { status: 'unknown', doubt: 'unreadable-reply' }],
    ['never-heard-of', 401, { status: 'unknown', doubt: 'unreadable-reply' }],
  ])('with %s and status %i', async (code, status, expected) => {
    expect(await pay(() => ({ status, body: { code, message: 'x' } }))).toMatchObject(expected);
  });

  it.each([
    ['invalid-signature', 401, 'credential-invalid'],
    ['insufficient-isv-permissions', 403, 'permission-denied'],
    ['app-call-limited', 429, 'rate-limited'],
    ['invalid-parameter', 400, 'parameter-invalid'],
  ])('refuses with %s', async (code, status, reason) => {
    const error = await thrown(pay(() => ({ status, body: { code, message: '无效' } })));
    expect(error).toMatchObject({
      code: 'REFUSED',
      reason,
      channelCode: code,
      channelMessage: '无效',
    });
  });

  it('cannot make itself a success by a member called code', async () => {
    const body = { code: 'ACQ.TRADE_NOT_EXIST', message: 'x' };
    expect(await query(() => ({ status: 400, body }))).toMatchObject({ doubt: 'not-found' });
  });
});

describe('V3 with encrypted content', () => {
  const key = Buffer.alloc(16, 3);
  const iv = new Uint8Array(16);
  const config = { ...v3Config, encryptionKey: secret(key.toString('base64')) };
  const hide = (value: object) =>
    Buffer.from(encryptAes({ key, iv }, JSON.stringify(value))).toString('base64');

  it('sends the ciphertext as text and reads one back', async () => {
    const site = restSite(() => ({ body: hide(paid) }));
    expect(await site.channel(config).query(payment)).toMatchObject({ status: 'succeeded' });
    const [request] = site.heard;
    expect(request?.headers).toMatchObject({
      'alipay-encrypt-type': 'AES',
      'content-type': 'text/plain;charset=utf-8',
    });
    expect(request?.body).toBe(hide({ out_trade_no: 'order_1' }));
    expect(isSigned(request!)).toBe(true);
  });

  it('reads an error in the clear, and believes no ciphertext of another key', async () => {
    const body = { code: 'decryption-error-unknown', message: '解密出错' };
    const refused = restSite(() => ({ status: 400, body }));
    const error = await thrown(refused.channel(config).query(payment));
    expect(error).toMatchObject({ code: 'REFUSED', reason: 'credential-invalid' });
    const other = Buffer.from(encryptAes({ key: Buffer.alloc(16, 4), iv }, JSON.stringify(paid)));
    const site = restSite(() => ({ body: other.toString('base64') }));
    const garbled = await thrown(site.channel(config).query(payment));
    expect(garbled.code).toBe('REPLY_UNREADABLE');
  });
});

it('a V3 payment reference is the same as one of gateway.do', async () => {
  const site = restSite(() => ({ body: paid }));
  const { ref } = await site.channel().query(payment);
  expect(ref).toEqual({ ...payment, channelId: trade.trade_no, startedAt: now });
});
