import { createVerify, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { PolyrailError, type Ref, secret } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import {
  appId,
  base,
  clock,
  cny,
  failure,
  gateway,
  type Heard,
  keyConfig,
  mchId,
  merchant,
  now,
  ok,
  order,
  payment,
  pem,
  publicKeyId,
  thrown,
  transaction,
} from './gateway.ts';

const silence = () => new PolyrailError('UNAVAILABLE', 'silence', { doubt: 'no-reply' });
const prepay = ok({ prepay_id: 'wx201410272009395522657a690389285100' });
const answers = {
  qr: ok({ code_url: 'weixin://wxpay/bizpayurl/up?pr=NwY5Mz9&groupid=00' }),
  'in-wallet': prepay,
  app: prepay,
  h5: ok({
    h5_url: 'https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx1&package=2',
  }),
} as const;
const parts = {
  qr: {},
  'in-wallet': { payerId: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
  app: {},
  h5: { payer: { ip: '203.0.113.7' }, returnUrl: 'https://shop.example/back?a=1&b=2' },
} as const;
type Scene = keyof typeof parts;
const scenes = Object.keys(parts) as Scene[];
const requestOf = (scene: Scene, more: object = {}) =>
  ({ ...order, scene, ...parts[scene], ...more }) as never;
const verifies = (lines: readonly string[], signature: string) =>
  createVerify('sha256')
    .update(lines.map((line) => `${line}\n`).join(''))
    .verify(merchant.publicKey, signature, 'base64');
const codeConfig = { ...keyConfig, codepay: true } as const;
const barcode = {
  ...order,
  scene: 'barcode',
  authCode: '130012345678901234',
  extra: { store: { id: 'S1' } },
} as const;

describe('pay, on the wire', () => {
  it.each(scenes)('%s asks as documented', async (scene) => {
    const site = gateway(() => answers[scene]);
    const result = await site.channel().pay(
      requestOf(scene, {
        expiresAt: '2026-11-22T03:00:00.000Z',
        notifyUrl: 'https://shop.example/notify',
        attachment: 'a=1&b=茶',
        payer: { ip: '203.0.113.7', deviceId: '013467007045764' },
        extra: {
          goodsTag: 'WXG',
          supportFapiao: true,
          limitPay: ['no_credit'],
          profitSharing: true,
          costPrice: cny(1000),
          goods: [{ id: 'g', wechatpayId: '1001', name: 'Tea', quantity: 2, price: cny(450) }],
          store: { id: '0001', name: 'Tea house' },
        },
      }),
    );
    expect(result).toMatchObject({ status: 'pending', waitingFor: 'payer', evidence: 'signed' });
    const [heard] = site.heard;
    expect({ target: heard?.target, fields: heard?.fields }).toMatchSnapshot();
    expect(heard?.request.headers).toMatchObject({
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': 'polyrail-wechatpay',
      'wechatpay-serial': publicKeyId,
    });
  });

  it('stores the reference before anything is sent', async () => {
    const site = gateway(() => answers.qr);
    const refs: Ref<never>[] = [];
    const onPrepared = async (ref: unknown) => {
      expect(site.heard).toHaveLength(0);
      refs.push(ref as Ref<never>);
    };
    const result = await site.channel().pay(requestOf('qr'), { onPrepared });
    expect(refs).toEqual([result.ref]);
    expect(result.ref.handle).toBe('w1|qr');
  });

  it('needs an address for notifications, without a query', async () => {
    const { notifyUrl: _none, ...config } = keyConfig;
    const site = gateway(() => answers.qr);
    const missing = await thrown(site.channel(config).pay(requestOf('qr')));
    expect(missing).toMatchObject({ code: 'REQUEST_INVALID', field: 'notifyUrl' });
    const withQuery = requestOf('qr', { notifyUrl: 'https://shop.example/notify?a=1' });
    expect((await thrown(site.channel().pay(withQuery))).field).toBe('notifyUrl');
    expect(site.heard).toHaveLength(0);
  });

  it.each([
    ['h5 without the payer’s address', 'h5', { payer: {} }, 'payer.ip'],
    ['a store without the payer’s address', 'qr', { extra: { store: { id: '1' } } }, 'payer.ip'],
    ['a page in another scene', 'qr', { extra: { h5: { type: 'Wap' } } }, 'extra.h5'],
    [
      'an outer store in an order',
      'qr',
      { payer: { ip: '203.0.113.7' }, extra: { store: { id: '1', outId: '2' } } },
      'extra.store',
    ],
    ['a short number', 'qr', { merchantPaymentId: 'abcde' }, 'merchantPaymentId'],
    ['a number with a blank', 'qr', { merchantPaymentId: 'order 1' }, 'merchantPaymentId'],
  ] as const)('refuses %s', async (_what, scene, more, field) => {
    const site = gateway(() => answers[scene]);
    const error = await thrown(site.channel().pay(requestOf(scene, more)));
    expect(error).toMatchObject({ code: 'REQUEST_INVALID', field });
    expect(site.heard).toHaveLength(0);
  });

  it('hides who alone may pay with the platform’s key', async () => {
    const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const config = { ...base, publicKey: { id: publicKeyId, key: pem(keys.publicKey) } };
    const site = gateway(() => ok(answers.qr.body ?? '', { key: keys.privateKey }));
    const identity = { type: 'IDCARD', number: secret('310000199001011234'), name: secret('张三') };
    await site.channel(config).pay(requestOf('qr', { extra: { identity } }));
    const { payer } = (site.heard[0] as Heard).fields as {
      payer: { identity: Record<string, string> };
    };
    const open = (text = '') =>
      privateDecrypt({ key: keys.privateKey, oaepHash: 'sha1' }, Buffer.from(text, 'base64'));
    expect(payer.identity.type).toBe('IDCARD');
    expect(open(payer.identity.number).toString()).toBe('310000199001011234');
    expect(open(payer.identity.name).toString()).toBe('张三');
    expect(site.heard[0]?.request.headers['wechatpay-serial']).toBe(publicKeyId);
  });
});

describe('what the payer is given', () => {
  const give = async (scene: Scene) => {
    const result = await gateway(() => answers[scene])
      .channel()
      .pay(requestOf(scene));
    return (result as { nextAction?: never }).nextAction as unknown;
  };

  it('is the text of a code, and a page that leads back', async () => {
    expect(await give('qr')).toEqual({ kind: 'qr', text: answers.qr.body && expect.any(String) });
    const page = (await give('h5')) as { kind: string; url: string };
    expect(page.kind).toBe('redirect');
    expect(page.url).toBe(
      'https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx1&package=2' +
        '&redirect_url=https%3A%2F%2Fshop.example%2Fback%3Fa%3D1%26b%3D2',
    );
  });

  it('is signed for the page in the wallet', async () => {
    const { parameters } = (await give('in-wallet')) as { parameters: Record<string, string> };
    const { paySign = '', ...signed } = parameters;
    expect(signed).toMatchObject({ appId, signType: 'RSA', timeStamp: '1795315764' });
    const { timeStamp = '', nonceStr = '', package: prepayId = '' } = signed;
    expect(prepayId).toBe('prepay_id=wx201410272009395522657a690389285100');
    expect(nonceStr).toMatch(/^[0-9A-Z]{32}$/);
    expect(verifies([appId, timeStamp, nonceStr, prepayId], paySign)).toBe(true);
  });

  it('is signed for the app, where the number stands bare', async () => {
    const { parameters } = (await give('app')) as { parameters: Record<string, string> };
    const { sign = '', ...signed } = parameters;
    const prepayid = 'wx201410272009395522657a690389285100';
    expect(signed).toMatchObject({
      appid: appId,
      partnerid: mchId,
      prepayid,
      package: 'Sign=WXPay',
    });
    const { timestamp = '', noncestr = '' } = signed;
    expect(verifies([appId, timestamp, noncestr, prepayid], sign)).toBe(true);
  });
});

describe('an answer to pay', () => {
  const answered = async (told: ReturnType<typeof failure> | Error) =>
    gateway(() => told)
      .channel()
      .pay(requestOf('qr'));
  const refused = (told: ReturnType<typeof failure>) => thrown(answered(told));

  it.each([
    ['PARAM_ERROR', 400, 'parameter-invalid'],
    ['SIGN_ERROR', 401, 'credential-invalid'],
    ['NO_AUTH', 403, 'permission-denied'],
    ['NOAUTH', 403, 'permission-denied'],
    ['RULE_LIMIT', 403, 'risk-blocked'],
    ['APPID_MCHID_NOT_MATCH', 400, 'credential-invalid'],
    ['FREQUENCY_LIMITED', 429, 'rate-limited'],
    ['RATELIMIT_EXCEEDED', 429, 'rate-limited'],
  ] as const)('that rejects the message is thrown: %s', async (code, status, reason) => {
    const error = await refused(failure(status, code));
    expect(error).toMatchObject({
      code: 'REFUSED',
      reason,
      evidence: 'transport',
      channelCode: code,
    });
    expect(error.retryAfterMs).toBe(reason === 'rate-limited' ? 1000 : undefined);
  });

  it.each([
    ['a number that is used', failure(403, 'OUT_TRADE_NO_USED')],
    ['an order that is paid', failure(400, 'INVALID_REQUEST', { message: '该订单已支付' })],
    ['a repeated number', failure(400, 'INVALID_REQUEST', { message: '201 商户订单号重复' })],
    ['words nobody knows', failure(400, 'INVALID_REQUEST')],
    [
      'a repeated number by another code',
      failure(400, 'PARAM_ERROR', { message: '商户订单号重复' }),
    ],
  ])('about the number is unknown until a query tells: %s', async (_what, told) => {
    expect(await answered(told)).toMatchObject({ status: 'unknown', doubt: 'repeated-id' });
  });

  it.each([
    ['its detail', { detail: { location: 'body', field: '/amount', issue: 'x' } }, {}],
    ['its words', { message: '请求中含有未在API文档中定义的参数' }, {}],
    ['the number of its request', {}, { 'request-id': '08A8AAAB-268435461' }],
  ])('that blames the message by %s is thrown', async (_what, more, headers) => {
    const error = await refused({ ...failure(400, 'INVALID_REQUEST', more), headers });
    expect(error).toMatchObject({ code: 'REFUSED', reason: 'parameter-invalid' });
  });

  it('that the order is closed has failed', async () => {
    const result = await answered(failure(400, 'ORDER_CLOSED'));
    const end = { reason: 'order-closed', retry: 'new-id', evidence: 'transport' };
    expect(result).toMatchObject({ status: 'failed', ...end });
  });

  it('that an order by code is closed decides nothing: it may have been paid, and reversed', async () => {
    const { channel } = gateway(() => failure(400, 'ORDER_CLOSED'));
    const result = await channel(codeConfig).pay(barcode);
    expect(result).toMatchObject({ status: 'unknown', doubt: 'repeated-id' });
  });

  it.each([
    ['SYSTEM_ERROR', failure(500, 'SYSTEM_ERROR'), 'server-error'],
    ['a page of a proxy', { status: 502, body: '<html>', signed: false }, 'server-error'],
    ['a redirection', { status: 302, signed: false }, 'server-error'],
    ['a code under another status', failure(404, 'SIGN_ERROR'), 'unreadable-reply'],
    ['a code nobody documented', failure(400, 'TEAPOT'), 'unreadable-reply'],
    ['a status without content', { status: 404, signed: false }, 'unreadable-reply'],
    ['an error in another form', { status: 400, body: '[]', signed: false }, 'unreadable-reply'],
    ['silence', silence(), 'no-reply'],
    [
      'a success that nobody signed',
      { body: { code_url: 'x' }, signed: false },
      'unverified-reply',
    ],
    ['a success without its member', ok({}), 'unreadable-reply'],
  ] as const)('that decides nothing is unknown: %s', async (_what, told, doubt) => {
    expect(await answered(told as never)).toMatchObject({ status: 'unknown', doubt });
  });

  it('that says it was accepted is under way', async () => {
    const result = await answered(ok({ code: 'USERPAYING' }, { status: 202 }));
    expect(result).toMatchObject({ status: 'pending', waitingFor: 'channel' });
  });

  it('that was signed is evidence of its own', async () => {
    const error = await refused({ ...failure(403, 'NO_AUTH'), signed: true });
    expect(error.evidence).toBe('signed');
    const forged = { ...failure(403, 'NO_AUTH'), headers: { 'wechatpay-signature': 'AAAA' } };
    expect(await answered(forged)).toMatchObject({ status: 'unknown', doubt: 'unverified-reply' });
  });
});

describe('a query', () => {
  const queried = (body: object, told: object = {}) =>
    gateway(() => ok(body, told))
      .channel()
      .query(payment);
  const unpaid = {
    appid: appId,
    mchid: mchId,
    out_trade_no: 'order_1',
    payer: {},
    amount: { total: 900, currency: 'CNY' },
  };

  it('asks by the merchant’s number', async () => {
    const site = gateway(() => ok(transaction));
    const ref = { ...payment, merchantId: 'order|1*', channelId: '4200' };
    await thrown(site.channel().query(ref));
    expect(site.targets()).toEqual([
      `GET /v3/pay/transactions/out-trade-no/order%7C1*?mchid=${mchId}`,
    ]);
  });

  it('asks by WeChat Pay’s number where the other one is none', async () => {
    const site = gateway(() => ok({ ...transaction, out_trade_no: 'x1' }));
    const ref = { ...payment, merchantId: 'x1', channelId: '4200001234' };
    expect(await site.channel().query(ref)).toMatchObject({ status: 'succeeded' });
    expect(site.targets()).toEqual([`GET /v3/pay/transactions/id/4200001234?mchid=${mchId}`]);
  });

  it('tells who paid what', async () => {
    expect(await queried(transaction)).toMatchObject({
      status: 'succeeded',
      evidence: 'signed',
      amount: cny(900),
      payerAmount: cny(800),
      paidAt: '2026-11-22T02:49:23.000Z',
      payer: { id: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
      ref: { channelId: transaction.transaction_id },
    });
  });

  it.each([
    ['NOTPAY', { status: 'pending', waitingFor: 'payer' }],
    ['USERPAYING', { status: 'pending', waitingFor: 'payer' }],
    ['ACCEPT', { status: 'pending', waitingFor: 'channel' }],
    ['CLOSED', { status: 'failed', reason: 'order-closed', retry: 'new-id' }],
    ['REVOKED', { status: 'failed', reason: 'cancelled', retry: 'new-id' }],
    ['PAYERROR', { status: 'failed', reason: 'other', retry: 'new-id' }],
    ['PAY_FAIL', { status: 'failed', reason: 'other', retry: 'new-id' }],
  ])('reads %s', async (state, expected) => {
    expect(await queried({ ...unpaid, trade_state: state })).toMatchObject(expected);
  });

  it('keeps a payment that was refunded or reversed', async () => {
    const refunded = await queried({ ...transaction, trade_state: 'REFUND' });
    expect(refunded).toMatchObject({ status: 'succeeded', amount: cny(900) });
    expect(refunded).not.toHaveProperty('undone');
    const reversed = await queried({ ...transaction, trade_state: 'REVOKED' });
    expect(reversed).toMatchObject({
      status: 'succeeded',
      undone: { by: 'reversal', amount: cny(900) },
    });
  });

  it('tells what reverse gave back, where there is one', async () => {
    const refunded = ok({ ...transaction, trade_state: 'REFUND' });
    const back = { out_refund_no: 'order_1', out_trade_no: 'order_1', status: 'SUCCESS' };
    const ask = async (refund: object) => {
      const site = gateway(
        ({ target }) => (target.includes('refund') ? refund : refunded) as never,
      );
      return site.channel(codeConfig).query(payment);
    };
    const whole = await ask(ok({ ...back, amount: { refund: 900, total: 900 } }));
    expect(whole).toMatchObject({ undone: { by: 'reversal', amount: cny(900) } });
    for (const other of [
      ok({ ...back, amount: { refund: 300, total: 900 } }),
      ok({ ...back, out_refund_no: 'x', amount: { refund: 900, total: 900 } }),
      failure(404, 'RESOURCE_NOT_EXISTS'),
      failure(500, 'SYSTEM_ERROR'),
    ]) {
      const found = await ask(other);
      expect(found.status).toBe('succeeded');
      expect(found).not.toHaveProperty('undone');
    }
  });

  it('finds nothing, without proving it', async () => {
    for (const code of ['ORDER_NOT_EXIST', 'ORDERNOTEXIST']) {
      const result = await gateway(() => failure(404, code))
        .channel()
        .query(payment);
      expect(result).toMatchObject({
        status: 'unknown',
        doubt: 'not-found',
        evidence: 'transport',
      });
    }
  });

  it.each([
    ['another order', { ...transaction, out_trade_no: 'order_2' }],
    ['another amount', { ...transaction, amount: { total: 901, currency: 'CNY' } }],
    ['another currency', { ...transaction, amount: { total: 900, currency: 'USD' } }],
    ['another merchant', { ...transaction, mchid: '1900000001' }],
    ['another application', { ...transaction, appid: 'wxother' }],
  ])('believes no answer about %s', async (_what, body) => {
    expect((await thrown(queried(body))).code).toBe('REPLY_UNVERIFIED');
  });

  it.each([
    ['a state nobody documented', { ...transaction, trade_state: 'TEAPOT' }],
    ['a payment without its number', { ...transaction, transaction_id: undefined }],
    ['an amount with a fraction', { ...transaction, amount: { total: 900.5 } }],
    ['an amount in words', { ...transaction, amount: { total: '900' } }],
  ])('reads no answer with %s', async (_what, body) => {
    expect((await thrown(queried(body))).code).toBe('REPLY_UNREADABLE');
  });

  it.each([
    [500, 'SYSTEM_ERROR', 'UNAVAILABLE'],
    [404, 'TEAPOT', 'REPLY_UNREADABLE'],
    [403, 'RULE_LIMIT', 'REFUSED'],
  ] as const)('throws what is no answer: %i %s', async (status, code, expected) => {
    const site = gateway(() => failure(status, code));
    expect((await thrown(site.channel().query(payment))).code).toBe(expected);
  });
});

describe('close', () => {
  const closing = (first: object, state?: object) =>
    gateway((_heard, count) => (count === 1 ? first : ok(state ?? {})) as never);

  it('is an answer without content, signed', async () => {
    const site = closing({ status: 204 });
    const result = await site.channel().close(payment);
    expect(result).toMatchObject({ noun: 'closure', status: 'succeeded', evidence: 'signed' });
    expect(site.heard[0]).toMatchObject({
      target: '/v3/pay/transactions/out-trade-no/order_1/close',
      fields: { mchid: mchId },
    });
  });

  it.each([
    ['unsigned', { status: 204, signed: false }],
    ['with content', { status: 204, body: { out_trade_no: 'order_1' } }],
    ['with another status', { status: 200, body: {} }],
  ])('believes no answer %s', async (_what, told) => {
    expect(await closing(told).channel().close(payment)).toMatchObject({ status: 'unknown' });
  });

  it.each(['ORDER_PAID', 'TRADE_ERROR', 'RULE_LIMIT', 'INVALID_REQUEST', 'TEAPOT'])(
    'looks up what answers %s',
    async (code) => {
      const status = code === 'TRADE_ERROR' || code === 'RULE_LIMIT' ? 403 : 400;
      const paid = await closing(failure(status, code), transaction).channel().close(payment);
      expect(paid).toMatchObject({ status: 'failed', reason: 'already-paid', retry: 'never' });
      const before = { ...transaction, transaction_id: undefined, trade_state: 'CLOSED' };
      const closed = await closing(failure(status, code), before).channel().close(payment);
      expect(closed).toMatchObject({ status: 'succeeded', evidence: 'signed' });
      const open = { ...before, trade_state: 'NOTPAY' };
      const still = await closing(failure(status, code), open).channel().close(payment);
      expect(still).toMatchObject({ status: 'unknown', doubt: 'repeated-id' });
    },
  );

  it('knows that an order nobody knows can still become one', async () => {
    const result = await closing(failure(404, 'ORDER_NOT_EXIST')).channel().close(payment);
    expect(result).toMatchObject({ status: 'unknown', doubt: 'not-found' });
  });

  it('does not take a refused question for a refused closing', async () => {
    const site = gateway((_heard, count) =>
      count === 1 ? failure(403, 'TRADE_ERROR') : failure(403, 'NO_AUTH'),
    );
    const result = await site.channel().close(payment);
    expect(result).toMatchObject({ status: 'unknown', doubt: 'server-error' });
  });

  it('is refused when the message is', async () => {
    const error = await thrown(closing(failure(403, 'NO_AUTH')).channel().close(payment));
    expect(error).toMatchObject({ code: 'REFUSED', reason: 'permission-denied' });
  });
});

describe('payments by code', () => {
  it('are offered where they are configured only', async () => {
    const plain = gateway(() => ok({})).channel();
    expect(plain.capabilities.scenes?.pay).not.toContain('barcode');
    expect(plain).not.toHaveProperty('reverse');
    expect((await thrown(plain.pay(barcode as never))).code).toBe('UNSUPPORTED');
    expect(gateway(() => ok({})).channel(codeConfig).capabilities.scenes?.pay).toContain('barcode');
  });

  it('are asked for as documented, and paid at once', async () => {
    const site = gateway(() => ok({ ...transaction, trade_type: 'MICROPAY' }));
    const result = await site.channel(codeConfig).pay(barcode);
    expect(result).toMatchObject({ status: 'succeeded', amount: cny(900) });
    const [heard] = site.heard;
    expect({ target: heard?.target, fields: heard?.fields }).toMatchSnapshot();
    const late = { ...barcode, expiresAt: '2026-11-22T03:00:00.000Z' };
    expect((await thrown(site.channel(codeConfig).pay(late))).field).toBe('expiresAt');
    const { extra: _none, ...storeless } = barcode;
    const error = await thrown(site.channel(codeConfig).pay(storeless));
    expect(error).toMatchObject({ code: 'REQUEST_INVALID', field: 'extra.store' });
  });

  it.each([
    ['in the order', ok({ ...transaction, transaction_id: undefined, trade_state: 'USERPAYING' })],
    ['by a status', ok({ code: 'USERPAYING' }, { status: 202 })],
  ])('wait for the payer’s password, told %s', async (_what, told) => {
    const result = await gateway(() => told)
      .channel(codeConfig)
      .pay(barcode);
    expect(result).toMatchObject({ status: 'pending', waitingFor: 'payer' });
  });

  it('leave everything open where the business failed', async () => {
    const result = await gateway(() => failure(403, 'TRADE_ERROR'))
      .channel(codeConfig)
      .pay(barcode);
    expect(result).toMatchObject({ status: 'unknown', doubt: 'server-error' });
  });
});

describe('reverse', () => {
  const ref = { ...payment, handle: 'w1|barcode' };
  const reversing = (first: object, second?: object, target: Ref<'payment'> = ref) =>
    gateway((_heard, count) => (count === 1 ? first : (second ?? first)) as never)
      .channel(codeConfig)
      .reverse(target);
  const done = ok({ appid: appId, mchid: mchId, out_trade_no: 'order_1' });
  const revoked = { ...transaction, trade_state: 'REVOKED' };

  it('says what it did by the order’s state', async () => {
    expect(await reversing(done, ok(revoked))).toMatchObject({
      noun: 'cancellation',
      status: 'succeeded',
      effect: 'refunded',
      amount: cny(900),
    });
    const closed = await reversing(done, ok({ ...revoked, transaction_id: undefined }));
    expect(closed).toMatchObject({ status: 'succeeded', effect: 'closed' });
    expect(await reversing(done, ok(transaction))).toMatchObject({
      status: 'pending',
      waitingFor: 'merchant',
    });
  });

  it('proves nothing where nothing is there', async () => {
    const result = await reversing(failure(404, 'ORDER_NOT_EXIST'));
    expect(result).toMatchObject({ status: 'unknown', doubt: 'not-found' });
  });

  it('believes no answer about another order', async () => {
    const other = ok({ mchid: mchId, out_trade_no: 'order_2' });
    expect(await reversing(other)).toMatchObject({
      status: 'unknown',
      doubt: 'contradicts-request',
    });
    const state = ok({ ...revoked, out_trade_no: 'order_2' });
    expect(await reversing(done, state)).toMatchObject({ doubt: 'contradicts-request' });
  });

  it('closes an order of another scene, or gives all of it back', async () => {
    const native = { ...payment, handle: 'w1|qr' };
    const open = ok({ ...transaction, transaction_id: undefined, trade_state: 'NOTPAY' });
    const undone = { status: 'succeeded', effect: 'closed' };
    expect(await reversing(open, { status: 204 }, native)).toMatchObject(undone);
    const closed = ok({ ...transaction, transaction_id: undefined, trade_state: 'CLOSED' });
    expect(await reversing(closed, closed, native)).toMatchObject(undone);
    const back = {
      out_refund_no: 'order_1',
      out_trade_no: 'order_1',
      status: 'SUCCESS',
      amount: { refund: 900, total: 900, currency: 'CNY' },
    };
    const site = (refund: object) =>
      gateway(({ target }) => (target.includes('refund') ? refund : ok(transaction)) as never);
    const reversed = site(ok(back));
    const paid = await reversed.channel(codeConfig).reverse(native);
    expect(paid).toMatchObject({ status: 'succeeded', effect: 'refunded', amount: cny(900) });
    expect(reversed.heard[1]?.fields).toMatchObject({
      out_trade_no: 'order_1',
      out_refund_no: 'order_1',
      amount: { refund: 900, total: 900 },
    });
    const undo = (refund: object) => site(refund).channel(codeConfig).reverse(native);
    expect(await undo(ok({ ...back, status: 'PROCESSING' }))).toMatchObject({
      status: 'pending',
      waitingFor: 'channel',
    });
    expect(await undo(failure(403, 'NOT_ENOUGH'))).toMatchObject({
      status: 'failed',
      reason: 'merchant-funds',
    });
    expect(await undo(failure(500, 'SYSTEM_ERROR'))).toMatchObject({
      status: 'unknown',
      doubt: 'server-error',
    });
    expect(await undo(ok({ ...back, out_refund_no: 'x' }))).toMatchObject({
      doubt: 'contradicts-request',
    });
    expect((await thrown(undo(failure(403, 'NO_AUTH')))).code).toBe('REFUSED');
    let asked = 0;
    const racing = gateway(({ target }) => {
      if (target.includes('refund')) return ok(back);
      if (target.endsWith('/close')) return failure(400, 'ORDER_PAID');
      asked += 1;
      return (asked === 1 ? open : ok(transaction)) as never;
    });
    const late = await racing.channel(codeConfig).reverse(native);
    expect(late).toMatchObject({ status: 'succeeded', effect: 'refunded' });
    expect((await thrown(reversing(failure(500, 'SYSTEM_ERROR'), undefined, native))).code).toBe(
      'NOT_SENT',
    );
  });

  it('takes payments only, with handles of this package', async () => {
    const channel = gateway(() => done).channel(codeConfig);
    const hold = { noun: 'authorization', merchantId: 'order_1', startedAt: now } as const;
    expect((await thrown(channel.reverse(hold))).code).toBe('UNSUPPORTED');
    const error = await thrown(channel.reverse({ ...payment, handle: 'a1|qr|0' }));
    expect(error).toMatchObject({ code: 'REQUEST_INVALID', field: 'handle' });
  });
});

describe('the same call at the same time with the same randomness', () => {
  it('has the same bytes', async () => {
    const random = { bytes: (length: number) => new Uint8Array(length).fill(7) };
    const sent = await Promise.all(
      [1, 2].map(async () => {
        const site = gateway(() => answers.qr);
        await site.channel(keyConfig, { random, clock }).pay(requestOf('qr'));
        return site.heard[0]?.request;
      }),
    );
    expect(sent[0]).toEqual(sent[1]);
    expect(sent[0]?.headers.authorization).toContain('nonce_str="HHHHHHHHHHHHHHHH');
  });
});
