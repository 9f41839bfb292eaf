/** What a request must pass, in the order the channel has, and how answers are sealed. */
import { afterEach, describe, expect, it } from 'vitest';
import type { WechatPaySite } from '../src/index.ts';
import {
  authorization,
  call,
  gcmOpen,
  native,
  query,
  send,
  serialOf,
  signedSend,
  start,
  terms,
  verifies,
} from './client.ts';

let site: WechatPaySite;
afterEach(() => site.stop());

const nativePath = '/v3/pay/transactions/native';
const refundPath = '/v3/refund/domestic/refunds/r1';
const malformed = 'Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》';

describe('the order of checks', () => {
  it('answers unknown paths and wrong methods with a status and nothing else', async () => {
    site = await start();
    const unknown = await send(site, { target: '/v3/pay/transactions/nothing', body: '{}' });
    expect([unknown.status, unknown.text]).toEqual([404, '']);
    const wrong = await send(site, { target: nativePath });
    expect([wrong.status, wrong.text]).toEqual([405, '']);
  });

  it('wants Accept and User-Agent before authorization, but not for orders', async () => {
    site = await start();
    const bare = { accept: '', 'user-agent': '' };
    const refused = await send(site, { target: refundPath, headers: bare });
    expect(refused.status).toBe(400);
    expect(refused.json).toEqual({
      code: 'INVALID_REQUEST',
      message: 'Http头缺少Accept或User-Agent',
    });
    const order = await send(site, { target: nativePath, body: '{}', headers: bare });
    expect(order.json['code']).toBe('SIGN_ERROR');
  });

  it('words a missing authorization by gateway, and leaves the Request-ID out for orders', async () => {
    site = await start();
    const order = await send(site, { target: nativePath, body: '{}' });
    expect(order.status).toBe(401);
    expect(order.json).toEqual({ code: 'SIGN_ERROR', message: '签名信息错误，验签失败' });
    expect(order.headers).not.toHaveProperty('request-id');
    const refund = await send(site, { target: refundPath });
    expect(refund.json).toEqual({ code: 'SIGN_ERROR', message: malformed });
    expect(refund.headers['request-id']).toMatch(/^[0-9A-F]+-268443699$/);
    expect(Object.keys(refund.headers).filter((name) => name.startsWith('wechatpay-'))).toEqual([]);
  });

  it.each([
    ['another scheme', (text: string) => text.replace('RSA2048', 'RSA4096'), /认证类型不正确/],
    ['a member twice', (text: string) => `${text},mchid="1"`, /值格式错误/],
    ['a member missing', (text: string) => text.replace(/nonce_str="[^"]*",/, ''), /值格式错误/],
    ['something behind', (text: string) => `${text} and more`, /值格式错误/],
    [
      'another serial',
      (text: string) => text.replace(/serial_no="../, 'serial_no="00'),
      /商户证书序列号有误/,
    ],
    [
      'a merchant nobody knows',
      (text: string) => text.replace(/mchid="\d+"/, 'mchid="1900000000"'),
      /商户未申请过证书/,
    ],
  ])('refuses %s', async (_, spoil, message) => {
    site = await start();
    const sent = { target: refundPath };
    const header = spoil(authorization(site, sent));
    const answer = await send(site, { ...sent, headers: { authorization: header } });
    expect(answer.status).toBe(401);
    expect(answer.json['message']).toMatch(message);
  });

  it('looks at the timestamp before the signature: five minutes, by either clock', async () => {
    site = await start();
    const now = Math.floor(site.clock.now() / 1000);
    const ask = async (timestamp: number, signedBody = '') =>
      (await signedSend(site, { target: refundPath }, { timestamp, signedBody })).json['message'];
    expect(await ask(now - 301, 'wrong')).toMatch(/timestamp与发起请求的时间不得超过5分钟/);
    expect(await ask(now + 301)).toMatch(/不得超过5分钟/);
    expect(await ask(now - 299)).toBe('退款单不存在');
    expect(await ask(Math.floor(Date.now() / 1000))).toBe('退款单不存在');
  });

  it('tells a wrong signature in short for orders, elsewhere with what it verified', async () => {
    site = await start();
    const order = await signedSend(site, { target: nativePath, body: '{}' }, { signedBody: '{ }' });
    expect([order.status, order.json]).toEqual([401, { code: 'SIGN_ERROR', message: '签名错误' }]);
    const timestamp = Math.floor(site.clock.now() / 1000);
    const signing = { signedBody: 'x', nonce: 'N', timestamp };
    const { json } = await signedSend(site, { target: refundPath }, signing);
    expect(json['message']).toBe('错误的签名，验签失败');
    const text = `GET\n${refundPath}\n${timestamp}\nN\n\n`;
    expect(json['detail']).toEqual({
      detail: { issue: 'sign not match' },
      field: 'signature',
      location: 'authorization',
      sign_information: {
        method: 'GET',
        url: refundPath,
        sign_message_length: text.length,
        truncated_sign_message: text,
      },
    });
    expect(site.journal.entries().at(-1)?.note).toContain(
      'The signature was made with the key of this merchant',
    );
  });

  it('takes the members in any order, with blanks, and bytes as they came', async () => {
    site = await start();
    const body = `{ "mchid":"${site.credentials.mchId}" }\n`;
    const sent = { target: '/v3/pay/transactions/out-trade-no/order%7C0001/close', body };
    const header = authorization(site, sent);
    const [scheme = '', rest = ''] = header.split(' ');
    const shuffled = `${scheme} ${rest.split(',').reverse().join(', ')}`;
    await native(site, 'order|0001');
    const answer = await send(site, { ...sent, headers: { authorization: shuffled } });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(answer.headers).not.toHaveProperty('content-type');
    expect(verifies(answer.headers, '', site.credentials)).toBe(true);
    expect(site.book('order|0001')?.state).toBe('CLOSED');
  });

  it('refuses a body of another merchant, and one that is no JSON', async () => {
    site = await start();
    const other = await site.enroll();
    const { json, status } = await call(site, `POST ${nativePath}`, terms(other, 'order-1'));
    expect(status).toBe(400);
    expect(json).toMatchObject({
      code: 'PARAM_ERROR',
      message: 'http header中的mchid与post payload中的mchid不匹配',
    });
    const broken = await signedSend(site, { target: nativePath, body: '{"appid":' });
    expect([broken.status, broken.json['code']]).toEqual([400, 'PARAM_ERROR']);
  });
});

describe('answers', () => {
  it('carry every header of the real ones', async () => {
    site = await start();
    const { status, headers, text } = await native(site, 'order-1');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      server: 'nginx',
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-cache, must-revalidate',
      'x-content-type-options': 'nosniff',
      'content-language': 'zh-CN',
      'request-id': expect.stringMatching(/^08[0-9A-F]{36}-0$/),
      'wechatpay-nonce': expect.stringMatching(/^[0-9a-f]{32}$/),
      'wechatpay-timestamp': String(Math.floor(site.clock.now() / 1000)),
      'wechatpay-serial': site.credentials.platformCertSerial,
      'wechatpay-signature-type': 'WECHATPAY2-SHA256-RSA2048',
    });
    expect(text).toBe(JSON.stringify(JSON.parse(text)));
  });

  it('are dated by the clock the request was dated by', async () => {
    site = await start();
    await site.clock.advance(86_400_000);
    const wall = Math.floor(Date.now() / 1000);
    const target = '/v3/certificates';
    const { headers } = await signedSend(site, { target }, { timestamp: wall });
    expect(Math.abs(Number(headers['wechatpay-timestamp']) - wall)).toBeLessThan(60);
    const virtual = await signedSend(site, { target });
    expect(virtual.headers['wechatpay-timestamp']).toBe(
      String(Math.floor(site.clock.now() / 1000)),
    );
  });

  it('are signed by the key the request names, and by the certificate when it names nothing', async () => {
    site = await start();
    const { platformPublicKeyId: id, platformCertSerial } = site.credentials;
    const serials: unknown[] = [];
    for (const serial of [id, platformCertSerial, 'somebody', undefined]) {
      const headers = serial === undefined ? {} : { 'wechatpay-serial': serial };
      const answer = await call(site, 'GET /v3/certificates', undefined, { headers });
      serials.push(answer.headers['wechatpay-serial']);
    }
    expect(serials).toEqual([id, platformCertSerial, platformCertSerial, platformCertSerial]);
    expect(id).toMatch(/^PUB_KEY_ID_\d{28}$/);
  });

  it('to errors are unsigned, or signed where the option says so', async () => {
    site = await start();
    const plain = await query(site, 'order-9');
    expect(plain.status).toBe(404);
    expect(plain.json).toEqual({ code: 'ORDER_NOT_EXIST', message: '订单不存在' });
    expect(plain.headers['request-id']).toMatch(/-268512771$/);
    expect(plain.headers).not.toHaveProperty('wechatpay-signature');
    await site.stop();
    site = await start({ signErrors: true });
    const signed = await query(site, 'order-9');
    expect(verifies(signed.headers, signed.bytes, site.credentials)).toBe(true);
  });
});

describe('platform certificates', () => {
  it('are listed encrypted, with serials in upper-case hexadecimal', async () => {
    site = await start();
    for (const query of ['', '?algorithm_type=RSA']) {
      const { json } = await call(site, `GET /v3/certificates${query}`);
      const [{ serial_no: serial, encrypt_certificate: sealed, ...times }] = json['data'];
      const pem = gcmOpen(sealed, site.credentials.apiV3Key);
      expect(sealed).toMatchObject({
        algorithm: 'AEAD_AES_256_GCM',
        associated_data: 'certificate',
      });
      expect(serial).toBe(serialOf(pem));
      expect(serial).toBe(serial.toUpperCase());
      expect(times['effective_time']).toBe('2026-11-24T15:08:09+08:00');
    }
  });

  it('rotate on command and by a fault: the new one signs, both can be downloaded', async () => {
    site = await start();
    const before = site.credentials.platformCertSerial;
    const after = await site.rotate();
    expect(site.credentials.platformCertSerial).toBe(after);
    const { json, headers } = await call(site, 'GET /v3/certificates');
    const serials = json['data'].map((one: { serial_no: string }) => one.serial_no);
    expect(serials).toEqual([after, before]);
    expect(headers['wechatpay-serial']).toBe(after);
    site.faults.arm({ fault: 'key-rotation' });
    const struck = await signedSend(site, { target: '/v3/certificates' });
    expect([before, after]).not.toContain(struck.headers['wechatpay-serial']);
    const command = await send(site, { target: '/_sim/rotate', body: '', method: 'POST' });
    expect(command.json['platformCertSerial']).toBe(site.credentials.platformCertSerial);
    await site.reset();
    expect(site.credentials.platformCertSerial).toBe(before);
  });

  it('are none for a merchant with the public key only', async () => {
    site = await start();
    const credentials = await site.enroll('public-key');
    const { status, json } = await call(site, 'GET /v3/certificates', undefined, { credentials });
    expect([status, json['code']]).toEqual([404, 'RESOURCE_NOT_EXISTS']);
    expect(json['message']).toMatch(/^无可用的平台证书/);
    const body = terms(credentials, 'order-1');
    const answer = await call(site, `POST ${nativePath}`, body, { credentials });
    expect(answer.headers['wechatpay-serial']).toBe(credentials.platformPublicKeyId);
  });

  it('say back what they are told, also what was encrypted for them', async () => {
    site = await start();
    const answer = await call(site, 'POST /v3/security/echo', { echo_message: 'hello' });
    expect(answer.json).toEqual({ echo_message: 'hello' });
    const secret = { echo_message: 'hello', encrypted_echo_message: 'bm90IGVuY3J5cHRlZA==' };
    const missing = await call(site, 'POST /v3/security/echo', secret);
    expect(missing.json['message']).toMatch(/缺少微信支付平台证书序列号/);
    const wrong = { headers: { 'wechatpay-serial': 'X' } };
    const unknown = await call(site, 'POST /v3/security/echo', secret, wrong);
    expect(unknown.json['message']).toBe('平台证书序列号Wechatpay-Serial错误');
    const known = { headers: { 'wechatpay-serial': site.credentials.platformCertSerial } };
    const stray = await call(site, 'POST /v3/security/echo', secret, known);
    expect(stray.json['message']).toContain('请确认待处理的消息是否为加密后的密文');
  });
});
