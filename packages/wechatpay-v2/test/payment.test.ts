import { PolyrailError, type Ref } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import {
  appId,
  base,
  cny,
  type Fields,
  failure,
  full,
  gateway,
  mchId,
  now,
  ok,
  order,
  paid,
  rejection,
  signOf,
  silence,
  thrown,
} from './gateway.ts';

const prepay = ok({ trade_type: 'JSAPI', prepay_id: 'wx201410272009395522657a690389285100' });
const answers = {
  qr: ok({ trade_type: 'NATIVE', prepay_id: 'wx1', code_url: 'weixin://wxpay/bizpayurl?pr=abc' }),
  'in-wallet': prepay,
  app: prepay,
  h5: ok({ trade_type: 'MWEB', prepay_id: 'wx1', mweb_url: 'https://wx.tenpay.com/check?id=1' }),
} as const;
const parts = {
  qr: {},
  'in-wallet': { payerId: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
  app: {},
  h5: {
    payer: { ip: '203.0.113.7' },
    returnUrl: 'https://shop.example/back?a=1&b=2',
    extra: { sceneInfo: '{"h5_info":{"type":"Wap"}}' },
  },
} as const;
type Scene = keyof typeof parts;
const scenes = Object.keys(parts) as Scene[];
const requestOf = (scene: Scene, more: object = {}) =>
  ({ ...order, scene, ...parts[scene], ...more }) as never;
const barcode = { ...order, scene: 'barcode', authCode: '130012345678901234' } as const;

describe('pay, on the wire', () => {
  it.each(scenes)('%s asks as documented', async (scene) => {
    const site = gateway(() => answers[scene]);
    const more = {
      expiresAt: '2026-11-22T03:00:00.500Z',
      attachment: 'a=1&b=<茶>]]>',
      payer: { ip: '203.0.113.7', deviceId: '013467007045764' },
    };
    const result = await site.channel().pay(requestOf(scene, more));
    expect(result).toMatchObject({ status: 'pending', waitingFor: 'payer', evidence: 'signed' });
    const [heard] = site.heard;
    const { nonce_str: nonce, sign, ...fields } = heard?.fields ?? {};
    expect(heard?.path).toBe('/pay/unifiedorder');
    expect(nonce).toMatch(/^[A-Z2-7]{32}$/);
    expect(sign).toMatch(/^[0-9A-F]{64}$/);
    expect(fields).toMatchSnapshot();
    expect(heard?.request.headers['content-type']).toBe('text/xml; charset=utf-8');
  });

  it('is signed by MD5 alone when that is configured, and says nothing of it', async () => {
    const site = gateway(() => answers.qr);
    await site.channel({ ...full, signType: 'MD5' } as never).pay(requestOf('qr'));
    expect(site.heard[0]?.fields['sign_type']).toBeUndefined();
    expect(site.heard[0]?.fields['sign']).toHaveLength(32);
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
    expect(result.ref.handle).toBe('w2|qr');
  });

  it.each([
    ['h5 without the payer’s address', 'h5', { payer: {} }, 'payer.ip'],
    ['h5 without its page', 'h5', { extra: {} }, 'extra.sceneInfo'],
    ['a product in another scene', 'app', { extra: { productId: '1' } }, 'extra.productId'],
    ['a short number', 'qr', { merchantPaymentId: 'abcde' }, 'merchantPaymentId'],
    ['an address with a query', 'qr', { notifyUrl: 'https://a.example/?b=1' }, 'notifyUrl'],
    ['a text that XML cannot carry', 'qr', { description: 'a\u0001b' }, 'body'],
  ] as const)('refuses %s before anything is sent', async (_, scene, more, field) => {
    const site = gateway(() => answers[scene]);
    expect(await thrown(site.channel().pay(requestOf(scene, more)))).toMatchObject({
      code: 'REQUEST_INVALID',
      field,
    });
    expect(site.heard).toHaveLength(0);
  });

  it('signs an agreement with the payment', async () => {
    const site = gateway(() => ok({ ...answers.qr.fields, contract_result_code: 'SUCCESS' }));
    const signUp = { merchantAgreementId: 'consent1', displayAccount: 'tea' };
    await site.channel().pay(requestOf('qr', { startedAt: now, extra: { signUp } }));
    expect(site.heard[0]).toMatchObject({
      path: '/pay/contractorder',
      fields: {
        contract_mchid: mchId,
        contract_appid: appId,
        plan_id: '12535',
        contract_code: 'consent1',
        request_serial: String(Date.parse(now)),
        contract_display_account: 'tea',
        contract_notify_url: base.notifyUrl,
      },
    });
  });
});

describe('what the payer is given', () => {
  const actionOf = async (scene: Scene, config: object = full) => {
    const site = gateway(() => answers[scene]);
    const result = await site.channel(config as never).pay(requestOf(scene));
    return 'nextAction' in result ? result.nextAction : undefined;
  };

  it('is a code, or the page with the way back', async () => {
    expect(await actionOf('qr')).toEqual({ kind: 'qr', text: 'weixin://wxpay/bizpayurl?pr=abc' });
    expect(await actionOf('h5')).toEqual({
      kind: 'redirect',
      url: `https://wx.tenpay.com/check?id=1&redirect_url=${encodeURIComponent(parts.h5.returnUrl)}`,
    });
  });

  it.each(['HMAC-SHA256', 'MD5'] as const)('is signed by %s for page and app', async (signType) => {
    const config = { ...full, signType };
    const page = (await actionOf('in-wallet', config)) as { parameters: Fields };
    const { paySign, ...fields } = page.parameters;
    expect(fields).toMatchObject({
      appId,
      package: 'prepay_id=wx201410272009395522657a690389285100',
      signType,
      timeStamp: String(Date.parse(now) / 1000),
    });
    expect(paySign).toBe(signOf(fields, signType));
    const app = (await actionOf('app', config)) as { parameters: Fields };
    const { sign, ...told } = app.parameters;
    expect(told).toMatchObject({ appid: appId, partnerid: mchId, package: 'Sign=WXPay' });
    expect(sign).toBe(signOf(told, signType));
  });
});

describe('pay, by what comes back', () => {
  it.each([
    ['silence', silence(), 'no-reply'],
    ['a bad gateway', { status: 502, body: '<html>502</html>' }, 'server-error'],
    ['HTML', { body: '<html><body>hello</body></html>' }, 'unreadable-reply'],
    ['nothing', { body: '' }, 'unreadable-reply'],
    ['an answer without a sign', { ...answers.qr, signed: false }, 'unverified-reply'],
    ['a sign by another key', { ...answers.qr, key: 'x'.repeat(32) }, 'unverified-reply'],
    ['a sign by MD5', { ...answers.qr, signType: 'MD5' }, 'unverified-reply'],
    ['another merchant', ok({ code_url: 'x', mch_id: '1900000000' }), 'contradicts-request'],
    ['another application', ok({ code_url: 'x', appid: 'wx0' }), 'contradicts-request'],
    ['no code', ok({ prepay_id: 'wx1' }), 'unreadable-reply'],
    ['its own trouble', failure('SYSTEMERROR'), 'server-error'],
    ['a known number', failure('OUT_TRADE_NO_USED'), 'repeated-id'],
    ['a paid order', failure('ORDERPAID'), 'repeated-id'],
    ['a number used otherwise', failure('INVALID_REQUEST', '201 商户订单号重复'), 'repeated-id'],
    ['a code nobody documents', failure('WHO_KNOWS'), 'unreadable-reply'],
    ['words nobody documents', rejection('系统开小差了'), 'unreadable-reply'],
    ['trouble without a sign', rejection('SYSTEMERROR'), 'server-error'],
  ] as const)('%s leaves us not knowing', async (_, answer, doubt) => {
    const site = gateway(() => answer as never);
    const result = await site.channel().pay(requestOf('qr'));
    expect(result).toMatchObject({ status: 'unknown', doubt });
    expect(site.heard).toHaveLength(1);
  });

  it.each([
    ['a wrong sign', rejection('签名错误'), 'credential-invalid', 'transport'],
    ['another’s application', rejection('appid和mch_id不匹配'), 'credential-invalid', 'transport'],
    ['a missing field', rejection('缺少参数'), 'parameter-invalid', 'transport'],
    [
      'a product that is not open',
      rejection('商户号该产品权限未开通，请前往商户平台>产品中心检查后重试'),
      'permission-denied',
      'transport',
    ],
    ['no permission', failure('NOAUTH'), 'permission-denied', 'signed'],
    ['a bad parameter', failure('PARAM_ERROR'), 'parameter-invalid', 'signed'],
  ] as const)('%s is refused', async (_, answer, reason, evidence) => {
    const site = gateway(() => answer);
    expect(await thrown(site.channel().pay(requestOf('qr')))).toMatchObject({
      code: 'REFUSED',
      reason,
      evidence,
    });
  });

  it('is a refusal only if it says so under its sign', async () => {
    const forged = gateway(() => ({ ...failure('NOAUTH'), key: 'x'.repeat(32) }));
    const result = await forged.channel().pay(requestOf('qr'));
    expect(result).toMatchObject({ status: 'unknown', doubt: 'unverified-reply' });
  });

  it('is nothing when the host could not be reached, unless the backup host can', async () => {
    const unsent = new PolyrailError('NOT_SENT', 'refused');
    const dead = gateway(() => unsent);
    expect((await thrown(dead.channel().pay(requestOf('qr')))).code).toBe('NOT_SENT');
    const backup = gateway((_, count) => (count === 1 ? unsent : answers.qr));
    const config = { ...full, backupUrl: 'https://backup.example' } as never;
    expect((await backup.channel(config).pay(requestOf('qr'))).status).toBe('pending');
    expect(backup.heard.map(({ request }) => new URL(request.url).origin)).toEqual([
      'https://pay.example',
      'https://backup.example',
    ]);
    const lost = gateway(silence);
    expect((await lost.channel(config).pay(requestOf('qr'))).status).toBe('unknown');
    expect(lost.heard).toHaveLength(1);
  });
});

describe('a payment by the payer’s code', () => {
  const payWith = (answer: unknown) =>
    gateway(() => answer as never)
      .channel()
      .pay(barcode);

  it('is paid at once', async () => {
    const site = gateway(() => ok({ ...paid, trade_type: 'MICROPAY' }));
    expect(await site.channel().pay(barcode)).toMatchObject({
      status: 'succeeded',
      evidence: 'signed',
      amount: cny(900),
      payerAmount: cny(800),
      paidAt: '2026-11-22T02:49:23.000Z',
      ref: { channelId: paid.transaction_id, handle: 'w2|barcode' },
    });
    expect(site.heard[0]).toMatchObject({
      path: '/pay/micropay',
      fields: { auth_code: barcode.authCode, spbill_create_ip: '127.0.0.1' },
    });
    expect(site.heard[0]?.fields['notify_url']).toBeUndefined();
  });

  it('waits while the payer enters a password', async () => {
    const answer = failure('USERPAYING', '需要用户输入支付密码');
    expect(await payWith(answer)).toMatchObject({
      status: 'pending',
      waitingFor: 'payer',
      pollAfterMs: 5000,
    });
    expect(await payWith({ ...answer, key: 'x'.repeat(32) })).toMatchObject({
      status: 'unknown',
      doubt: 'unverified-reply',
    });
  });

  it.each([
    ['SYSTEMERROR', '', 'server-error'],
    ['BANKERROR', '', 'server-error'],
    ['ORDERPAID', '', 'repeated-id'],
    ['OUT_TRADE_NO_USED', '', 'repeated-id'],
    ['ORDERREVERSED', '', 'repeated-id'],
    ['ORDERCLOSED', '', 'repeated-id'],
  ])('%s leaves us not knowing', async (code, words, doubt) => {
    expect(await payWith(failure(code, words))).toMatchObject({ status: 'unknown', doubt });
  });

  it.each([
    ['TRADE_ERROR', '用户没有输入支付密码', 'payer-declined'],
    ['TRADE_ERROR', '交易失败', 'other'],
    ['AUTHCODEEXPIRE', '', 'instrument-invalid'],
    ['AUTH_CODE_INVALID', '101 付款码无效，请重新扫码', 'instrument-invalid'],
    ['NOTENOUGH', '', 'insufficient-funds'],
    ['BUYER_MISMATCH', '', 'payer-unverified'],
  ])('%s (%s) is a failure that wants a new id', async (code, words, reason) => {
    const result = await payWith(failure(code, words));
    expect(result).toMatchObject({ status: 'failed', reason, retry: 'new-id', channelCode: code });
  });

  it.each([
    ['another order', { out_trade_no: 'order_2' }],
    ['another amount', { total_fee: '90' }],
    ['another currency', { fee_type: 'HKD' }],
  ])('is not believed of %s', async (_, fields) => {
    const result = await payWith(ok({ ...paid, ...fields }));
    expect(result).toMatchObject({ status: 'unknown', doubt: 'contradicts-request' });
  });
});
