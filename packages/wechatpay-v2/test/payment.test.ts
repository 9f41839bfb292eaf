import { PolyrailError, type Ref } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import {
  apiKey,
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
  payment,
  rejection,
  signOf,
  silence,
  state,
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
const scanned = { ...payment, handle: 'w2|barcode' } as const;

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
    ['ORDERREVERSED', '', 'cancelled'],
    ['ORDERCLOSED', '', 'order-closed'],
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

describe('query', () => {
  const ask = (answer: unknown, ref: object = payment) =>
    gateway(() => answer as never)
      .channel()
      .query(ref as never);
  const { transaction_id: _id, time_end: _end, ...unpaid } = paid;

  it.each([
    ['SUCCESS', paid, { status: 'succeeded', payer: { id: paid.openid } }],
    ['REVOKED', paid, { status: 'succeeded', undone: { by: 'reversal', amount: cny(900) } }],
    ['NOTPAY', unpaid, { status: 'pending', waitingFor: 'payer' }],
    ['USERPAYING', unpaid, { status: 'pending', waitingFor: 'payer' }],
    ['ACCEPT', unpaid, { status: 'pending', waitingFor: 'channel' }],
    ['CLOSED', unpaid, { status: 'failed', reason: 'order-closed' }],
    ['REVOKED', unpaid, { status: 'failed', reason: 'cancelled' }],
    ['PAYERROR', unpaid, { status: 'failed', reason: 'other' }],
    ['PAY_FAIL', unpaid, { status: 'failed', reason: 'other' }],
  ] as const)('%s', async (name, fields, expected) => {
    const answer = ok({ ...fields, trade_state: name });
    expect(await ask(answer)).toMatchObject({ ...expected, evidence: 'signed' });
  });

  const refunds = (
    ...amounts: readonly (readonly [fee: number, status: string, id?: string])[]
  ) => {
    const fields = amounts.flatMap(([fee, status, id], at) => [
      [`out_refund_no_${at}`, id ?? `refund_${at}`],
      [`refund_fee_${at}`, String(fee)],
      [`refund_status_${at}`, status],
    ]);
    return ok({ out_trade_no: 'order_1', ...Object.fromEntries(fields) });
  };
  const refunded = (...answers: readonly unknown[]) => {
    const site = gateway((_, count) => [state('REFUND'), ...answers][count - 1] as never);
    return { site, result: site.channel().query(payment) };
  };

  it('adds up what was given back of an order that says so', async () => {
    const some = refunded(refunds([100, 'SUCCESS'], [50, 'PROCESSING'], [200, 'SUCCESS']));
    expect(await some.result).toMatchObject({
      status: 'succeeded',
      amount: cny(900),
      undone: { by: 'refund', amount: cny(300) },
    });
    expect(some.site.heard[1]).toMatchObject({
      path: '/pay/refundquery',
      fields: { out_trade_no: 'order_1' },
    });
    const all = refunded(refunds([900, 'SUCCESS', 'order_1']));
    expect(await all.result).toMatchObject({ undone: { by: 'reversal', amount: cny(900) } });
    const none = await refunded(refunds([100, 'PROCESSING'])).result;
    expect(none).not.toHaveProperty('undone');
  });

  it('asks on where ten refunds are told', async () => {
    const ten = Array.from({ length: 10 }, () => [10, 'SUCCESS'] as const);
    const { site, result } = refunded(refunds(...ten), refunds([1, 'SUCCESS']));
    expect(await result).toMatchObject({ undone: { amount: cny(101) } });
    expect(site.heard[2]?.fields).toMatchObject({ offset: '10' });
  });

  it.each([
    ['silence', silence(), 'UNAVAILABLE'],
    ['a refusal', rejection('签名错误'), 'UNAVAILABLE'],
    ['the refunds of another order', ok({ out_trade_no: 'order_2' }), 'REPLY_UNVERIFIED'],
    ['more than was paid', refunds([901, 'SUCCESS']), 'REPLY_UNVERIFIED'],
  ])('does not tell what was given back on %s', async (_, answer, code) => {
    expect((await thrown(refunded(answer).result)).code).toBe(code);
  });

  it('of nothing there is a reading', async () => {
    const result = await ask(failure('ORDERNOTEXIST', '订单不存在'));
    expect(result).toMatchObject({ status: 'unknown', doubt: 'not-found' });
  });

  it('asks by WeChat Pay’s number where the merchant’s id is none of an order', async () => {
    const site = gateway(() => state('SUCCESS'));
    const ref = { ...payment, merchantId: 'x y', channelId: '4200001234' } as const;
    await thrown(site.channel().query(ref as never));
    expect(site.heard[0]?.fields).toMatchObject({ transaction_id: '4200001234' });
    expect(site.heard[0]?.fields['out_trade_no']).toBeUndefined();
  });

  it.each([
    ['a paid order without its number', { transaction_id: '' }, 'REPLY_UNREADABLE'],
    ['an amount that is none', { total_fee: '9.00' }, 'REPLY_UNREADABLE'],
    ['another order', { out_trade_no: 'order_2' }, 'REPLY_UNVERIFIED'],
    ['another amount', { total_fee: '901' }, 'REPLY_UNVERIFIED'],
    ['a state nobody documents', { trade_state: 'PAID' }, 'REPLY_UNREADABLE'],
  ])('believes nothing of %s', async (_, fields, code) => {
    expect((await thrown(ask(state('SUCCESS', fields as Fields)))).code).toBe(code);
  });

  it.each([
    [
      'an element that stands twice',
      (xml: string) => xml.replace('<total_fee>', '<total_fee>1</total_fee><total_fee>'),
    ],
    ['a document type', (xml: string) => `<!DOCTYPE x [<!ENTITY a "b">]>${xml}`],
    [
      'another sign_type in the message',
      (xml: string) => xml.replace('<xml>', '<xml><sign_type>MD5</sign_type>'),
    ],
    ['one byte changed', (xml: string) => xml.replace('900', '901')],
  ])('believes nothing of %s', async (_, tamper) => {
    const fields = { ...state('SUCCESS').fields } as Fields;
    const { xmlOf } = await import('./gateway.ts');
    const body = tamper(xmlOf({ ...fields, sign: signOf(fields) }));
    const error = await thrown(ask({ body }));
    expect(error.code).toMatch(/^REPLY_UN(?:READABLE|VERIFIED)$/);
    const genuine = await ask({ body: xmlOf({ ...fields, sign: signOf(fields) }) });
    expect(genuine.status).toBe('succeeded');
  });

  it.each(['MD5', 'HMAC-SHA256'] as const)(
    'believes no sign_type of a message, signed by %s',
    async (signType) => {
      const fields = { ...state('SUCCESS').fields, sign_type: 'MD5' } as Fields;
      const error = await thrown(ask({ fields, signType }));
      expect(error).toMatchObject({ code: 'REPLY_UNVERIFIED', doubt: 'unverified-reply' });
    },
  );

  it('shows no secret of the answer', async () => {
    const result = await ask(state('SUCCESS'));
    expect(JSON.stringify(result)).not.toMatch(/[0-9A-F]{64}/);
    expect(JSON.stringify(result)).not.toContain(apiKey);
  });
});

describe('close', () => {
  const closing = (first: unknown, second?: unknown) => {
    const site = gateway((_, count) => (count === 1 ? first : second) as never);
    return site.channel().close(payment);
  };

  it('ends an unpaid order', async () => {
    const result = await closing(ok({ result_msg: 'OK' }));
    expect(result).toMatchObject({ status: 'succeeded', evidence: 'signed' });
  });

  it.each([
    ['ORDERPAID', 'SUCCESS', { status: 'failed', reason: 'already-paid' }],
    ['ORDERCLOSED', 'CLOSED', { status: 'succeeded' }],
    ['TRADE_STATE_ERROR', 'NOTPAY', { status: 'unknown', doubt: 'repeated-id' }],
  ] as const)('%s is explained by the order: %s', async (code, name, expected) => {
    expect(await closing(failure(code), state(name))).toMatchObject(expected);
  });

  it('does not know of nothing, nor by the state of another order', async () => {
    expect(await closing(failure('ORDERNOTEXIST'))).toMatchObject({ doubt: 'not-found' });
    const other = state('CLOSED', { out_trade_no: 'order_2' });
    const result = await closing(failure('ORDERCLOSED'), other);
    expect(result).toMatchObject({ status: 'unknown', doubt: 'contradicts-request' });
  });

  it('does not know when the question is refused', async () => {
    const result = await closing(failure('ORDERPAID'), rejection('签名错误'));
    expect(result).toMatchObject({ status: 'unknown', doubt: 'server-error' });
  });
});

describe('reverse', () => {
  const reversing = (answers: readonly unknown[], ref: object = scanned) => {
    const site = gateway((_, count) => answers[count - 1] as never);
    return { site, result: site.channel().reverse(ref as never) };
  };
  const { transaction_id: _id, ...unpaid } = paid;

  it('tells by the order whether it was paid', async () => {
    const done = ok({ recall: 'N' });
    const { site, result } = reversing([done, state('REVOKED')]);
    expect(await result).toMatchObject({
      status: 'succeeded',
      effect: 'refunded',
      amount: cny(900),
    });
    expect(site.paths()).toEqual(['/secapi/pay/reverse', '/pay/orderquery']);
    const closed = reversing([done, ok({ ...unpaid, trade_state: 'REVOKED' })]);
    expect(await closed.result).toMatchObject({ status: 'succeeded', effect: 'closed' });
  });

  it.each([
    ['done', ok({ recall: 'Y' })],
    ['an error', failure('SYSTEMERROR', '', { recall: 'Y' })],
  ])('is to be repeated when told so, with %s', async (_, answer) => {
    const { site, result } = reversing([answer]);
    expect(await result).toMatchObject({ status: 'pending', waitingFor: 'merchant' });
    expect(site.heard).toHaveLength(1);
  });

  it.each([
    ['trouble', failure('SYSTEMERROR', '', { recall: 'N' }), { doubt: 'server-error' }],
    ['silence', silence(), { doubt: 'no-reply' }],
    [
      'an unsigned answer',
      { ...ok({ recall: 'N' }), signed: false },
      { doubt: 'unverified-reply' },
    ],
  ])('is not known of %s', async (_, answer, expected) => {
    expect(await reversing([answer]).result).toMatchObject({ status: 'unknown', ...expected });
  });

  it('fails after its window', async () => {
    const late = reversing([failure('REVERSE_EXPIRE')]);
    expect(await late.result).toMatchObject({ status: 'failed', reason: 'window-passed' });
  });

  const shown = { ...payment, handle: 'w2|qr' } as const;
  const closedNow = ok({ result_msg: 'OK' });
  const accepted = ok({ out_trade_no: 'order_1', out_refund_no: 'order_1', refund_fee: '900' });
  const returned = ok({
    out_refund_no_0: 'order_1',
    refund_fee_0: '900',
    refund_status_0: 'SUCCESS',
  });

  it('closes another order that is open, and gives back what was paid', async () => {
    const open = reversing([ok({ ...unpaid, trade_state: 'NOTPAY' }), closedNow], shown);
    expect(await open.result).toMatchObject({ status: 'succeeded', effect: 'closed' });
    expect(open.site.paths()).toEqual(['/pay/orderquery', '/pay/closeorder']);
    const done = reversing([state('SUCCESS'), accepted, returned], shown);
    expect(await done.result).toMatchObject({ effect: 'refunded', amount: cny(900) });
    expect(done.site.heard[1]).toMatchObject({
      path: '/secapi/pay/refund',
      fields: { out_refund_no: 'order_1', refund_fee: '900', total_fee: '900' },
    });
    const meanwhile = [failure('ORDERPAID'), state('SUCCESS'), accepted, returned];
    const late = reversing([ok({ ...unpaid, trade_state: 'NOTPAY' }), ...meanwhile], shown);
    expect(await late.result).toMatchObject({ status: 'succeeded', effect: 'refunded' });
  });

  it('sends nothing that moves about another order that nobody tells', async () => {
    const blind = reversing([silence()], shown);
    expect((await thrown(blind.result)).code).toBe('NOT_SENT');
    expect(blind.site.heard).toHaveLength(1);
    const lost = reversing([state('SUCCESS'), silence()], shown);
    expect(await lost.result).toMatchObject({ status: 'unknown', doubt: 'no-reply' });
  });

  it('needs the certificate: nginx turns the call down without it', async () => {
    const page = '<html><center>No required SSL certificate was sent</center></html>';
    const { result } = reversing([{ status: 400, body: page }]);
    expect(await thrown(result)).toMatchObject({ code: 'REFUSED', reason: 'credential-invalid' });
    const other = reversing([{ status: 400, body: '<html>400 Bad Request</html>' }]);
    expect(await other.result).toMatchObject({ status: 'unknown', doubt: 'server-error' });
  });
});
