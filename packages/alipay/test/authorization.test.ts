import { PolyrailError, type Ref } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import {
  clock,
  cny,
  failure,
  gateway,
  keyConfig,
  now,
  nowMs,
  order,
  sellerId,
  success,
  thrown,
} from './gateway.ts';

const silence = () => new PolyrailError('UNAVAILABLE', 'silence', { doubt: 'no-reply' });
const authNo = '2026112210002001700000000001';
const code = { ...order, scene: 'barcode', authCode: '281234567890123456' } as const;
const authorization: Ref<'authorization'> = {
  noun: 'authorization',
  merchantId: 'order_1',
  channelId: authNo,
  amount: cny(900),
  startedAt: now,
  handle: `a1|hold|PRE_AUTH|${nowMs + 60_000}`,
};
const { channelId: _number, ...unnumbered } = authorization;
const operation = {
  auth_no: authNo,
  out_order_no: 'order_1',
  operation_id: '20261122000000000001',
  out_request_no: 'order_1',
  amount: '9.00',
  status: 'SUCCESS',
  gmt_trans: '2026-11-22 10:49:23',
};
const detailOf = (orderStatus: string, more: object = {}) =>
  success({ ...operation, operation_type: 'FREEZE', order_status: orderStatus, ...more });
const held = detailOf('AUTHORIZED', { rest_amount: '9.00', total_pay_amount: '0.00' });
const freeze = 'alipay.fund.auth.order.freeze';
const unfreeze = 'alipay.fund.auth.order.unfreeze';
const undo = 'alipay.fund.auth.operation.cancel';
const detail = 'alipay.fund.auth.operation.detail.query';

/** A gateway that answers by method; what is not named is an error of the test. */
const answering = (answers: Record<string, object | Error | (() => object | Error)>) =>
  gateway(({ method }) => {
    const answer = answers[method];
    if (answer === undefined) throw new Error(`${method} was not to be called`);
    return typeof answer === 'function' ? answer() : answer;
  });
const named = async (work: Promise<{ status: string }>) => {
  const { status, ...rest } = (await work) as Record<string, string>;
  return [status, rest.doubt ?? rest.reason ?? rest.effect].filter(Boolean).join('/');
};

describe('authorize, on the wire', () => {
  it.each([
    ['barcode', { authCode: '281234567890123456' }, operation, 'succeeded'],
    [
      'qr',
      {},
      { ...operation, code_type: 'qrCode', code_value: 'https://qr.alipay.com/x' },
      'pending',
    ],
  ] as const)('%s asks as documented', async (scene, more, answer, status) => {
    const site = gateway(() => success(answer));
    const result = await site.channel().authorize({
      ...order,
      scene,
      ...more,
      expiresAt: '2026-11-22T03:00:00.000Z',
      notifyUrl: 'https://shop.example/notify',
      extra: {
        payeeUserId: sellerId,
        sceneCode: 'HOTEL',
        depositProductMode: 'DEPOSIT_ONLY',
        postPayments: [{ name: 'Minibar', amount: cny(100), description: 'at most' }],
        extraParameters: '{"category":"HOTEL"}',
      },
    } as never);
    expect(result.status).toBe(status);
    const [{ method, content, parameters }] = site.heard as never as [(typeof site.heard)[0]];
    expect(parameters.notify_url).toBe('https://shop.example/notify');
    expect({ method, content }).toMatchSnapshot();
  });

  it('is stored with what its capture must name, before the first byte', async () => {
    const refs: unknown[] = [];
    const site = answering({ [freeze]: () => success(operation) });
    const onPrepared = async (ref: unknown) => void refs.push([ref, site.heard.length]);
    const extra = { productCode: 'PREAUTH_PAY' } as const;
    const { ref } = await site.channel().authorize({ ...code, extra }, { onPrepared });
    expect(ref).toMatchObject({
      handle: `a1|hold|PREAUTH_PAY|${nowMs + 60_000}`,
      channelId: authNo,
    });
    expect(refs).toMatchObject([[{ noun: 'authorization', handle: ref.handle }, 0]]);
    const voucher = await gateway(() => success({ ...operation, code_value: 'x' }))
      .channel()
      .authorize({ ...order, scene: 'qr' });
    expect(voucher.ref.handle).toBe(`a1|hold|PRE_AUTH_ONLINE|${nowMs + 16 * 60_000}`);
  });

  it.each([
    ['expiresAt', { expiresAt: '2026-11-22T02:50:00.000Z' }],
    ['expiresAt', { expiresAt: '2026-12-24T02:50:00.000Z' }],
    ['description', { description: 'd'.repeat(101) }],
    ['attachment', { attachment: 'a' }],
    ['scene', { scene: 'page' }],
    ['merchantPaymentId', { merchantPaymentId: 'order-1' }],
    ['extra.productCode', { extra: { productCode: 'FACE_TO_FACE_PAYMENT' } }],
    ['extra.storeId', { extra: { storeId: 'S1' } }],
    ['notifyUrl', { notifyUrl: `https://shop.example/${'n'.repeat(250)}` }],
  ])('refuses a wrong %s before anything is sent', async (field, change) => {
    const site = gateway(() => success(operation));
    const error = await thrown(site.channel().authorize({ ...code, ...change } as never));
    expect(error.field).toBe(field);
    expect(site.heard).toHaveLength(0);
  });
});

describe('what an answer to authorize says', () => {
  it.each([
    ['money frozen', success(operation), 'succeeded'],
    ['a payer who must confirm', success({ ...operation, status: 'INIT' }), 'pending'],
    ['the same, as a payment says it', { code: '10003', msg: 'wait' }, 'pending'],
    ['an order that ended', success({ ...operation, status: 'CLOSED' }), 'failed/order-closed'],
    ['no money', failure('MONEY_NOT_ENOUGH'), 'failed/insufficient-funds'],
    ['a used code', failure('PAYMENT_AUTH_CODE_INVALID'), 'failed/instrument-invalid'],
    ['an order frozen before', failure('FREEZE_ALREADY_SUCCESS'), 'unknown/repeated-id'],
    ['an order closed before', failure('ORDER_ALREADY_CLOSED'), 'unknown/repeated-id'],
    ['trouble', failure('SYSTEM_ERROR'), 'unknown/server-error'],
    ['a code nobody knows', failure('SOMETHING_NEW'), 'unknown/unreadable-reply'],
    ['silence', silence(), 'unknown/no-reply'],
    [
      'a status nobody knows',
      success({ ...operation, status: 'MAYBE' }),
      'unknown/unreadable-reply',
    ],
    ['a hold without a time', success({ ...operation, gmt_trans: '' }), 'unknown/unreadable-reply'],
    ['a hold without a number', success({ ...operation, auth_no: '' }), 'unknown/unreadable-reply'],
    ['another order', success({ ...operation, out_order_no: 'o2' }), 'unknown/contradicts-request'],
    [
      'another operation',
      success({ ...operation, out_request_no: 'o2' }),
      'unknown/contradicts-request',
    ],
    ['another amount', success({ ...operation, amount: '9.01' }), 'unknown/contradicts-request'],
    [
      'another currency',
      success({ ...operation, trans_currency: 'USD' }),
      'unknown/contradicts-request',
    ],
    [
      'another order that failed',
      { ...failure('MONEY_NOT_ENOUGH'), out_order_no: 'o2' },
      'unknown/contradicts-request',
    ],
  ])('%s', async (_what, answer, expected) => {
    expect(
      await named(
        gateway(() => answer)
          .channel()
          .authorize(code),
      ),
    ).toBe(expected);
  });

  it('a code to scan, for the order asked about', async () => {
    const voucher = { ...operation, code_value: 'https://qr.alipay.com/x' };
    const ask = (node: object) =>
      gateway(() => success(node))
        .channel()
        .authorize({ ...order, scene: 'qr' });
    expect(await ask(voucher)).toMatchObject({
      status: 'pending',
      waitingFor: 'payer',
      nextAction: { kind: 'qr', text: 'https://qr.alipay.com/x' },
    });
    expect(await named(ask({ ...voucher, out_order_no: 'o2' }))).toBe(
      'unknown/contradicts-request',
    );
    expect(await named(ask({ ...voucher, code_value: '' }))).toBe('unknown/unreadable-reply');
  });

  it('REFUSED for another hold under the same id', async () => {
    const error = await thrown(
      gateway(() => failure('UNIQUE_VIOLATION'))
        .channel()
        .authorize(code),
    );
    expect(error).toMatchObject({ code: 'REFUSED', reason: 'id-reused' });
  });
});

describe('queryAuthorization', () => {
  const ask = (node: object) =>
    gateway(() => node)
      .channel()
      .queryAuthorization(authorization);

  it('asks by the operation that froze', async () => {
    const site = gateway(() => held);
    await site.channel().queryAuthorization(authorization);
    expect(site.heard[0]).toMatchObject({
      method: detail,
      content: { out_order_no: 'order_1', out_request_no: 'order_1', operation_type: 'FREEZE' },
    });
  });

  it('tells what is held, captured and released', async () => {
    const parts = { rest_amount: '4.00', total_pay_amount: '3.00' };
    expect(await ask(detailOf('AUTHORIZED', parts))).toMatchObject({
      status: 'succeeded',
      amount: cny(900),
      remaining: cny(400),
      captured: cny(300),
      released: cny(200),
      ref: { channelId: authNo },
    });
    expect(await ask(detailOf('FINISH', { total_pay_amount: '5.00' }))).toMatchObject({
      status: 'succeeded',
      remaining: cny(0),
      captured: cny(500),
      released: cny(400),
    });
    expect(await ask(detailOf('CLOSED'))).toMatchObject({
      status: 'succeeded',
      remaining: cny(0),
      captured: cny(0),
      released: cny(900),
    });
  });

  it('tells an order that is not paid, or never was', async () => {
    expect(await named(ask(detailOf('INIT', { status: 'INIT' })))).toBe('pending');
    expect(await named(ask(detailOf('CLOSED', { status: 'CLOSED' })))).toBe('failed/order-closed');
    for (const word of ['AUTH_ORDER_NOT_EXIST', 'AUTH_OPERATION_NOT_EXIST']) {
      expect(await named(ask(failure(word)))).toBe('unknown/not-found');
    }
  });

  it.each([
    ['a state nobody knows', detailOf('MAYBE'), 'REPLY_UNREADABLE'],
    ['a hold that never froze', detailOf('AUTHORIZED', { status: 'INIT' }), 'REPLY_UNREADABLE'],
    ['a hold without its rest', detailOf('AUTHORIZED'), 'REPLY_UNREADABLE'],
    ['parts over the whole', detailOf('FINISH', { total_pay_amount: '9.01' }), 'REPLY_UNREADABLE'],
    ['a release', detailOf('FINISH', { operation_type: 'UNFREEZE' }), 'REPLY_UNVERIFIED'],
    ['another operation', detailOf('FINISH', { out_request_no: 'o2' }), 'REPLY_UNVERIFIED'],
    [
      'another order',
      detailOf('FINISH', { out_order_no: 'o2', out_request_no: 'o2' }),
      'REPLY_UNVERIFIED',
    ],
    ['another amount', detailOf('FINISH', { amount: '8.00' }), 'REPLY_UNVERIFIED'],
    ['trouble', failure('SYSTEM_ERROR'), 'UNAVAILABLE'],
    ['no permission', failure('HAS_NO_PRIVILEGE'), 'REFUSED'],
  ])('throws on %s', async (_what, node, expected) => {
    expect((await thrown(ask(node))).code).toBe(expected);
  });
});

describe('capture', () => {
  const capture = {
    authorization,
    merchantPaymentId: 'capture_1',
    amount: cny(500),
    final: true,
    description: 'Two nights',
  };
  const paid = {
    out_trade_no: 'capture_1',
    trade_no: '2026112222001400000000000002',
    total_amount: '5.00',
    receipt_amount: '5.00',
    gmt_payment: '2026-11-23 10:00:00',
  };
  const pay = 'alipay.trade.pay';

  it('names the money, the product it was frozen for, and whether that is all', async () => {
    const site = answering({ [pay]: success(paid) });
    const result = await site.channel().capture(capture);
    expect(result).toMatchObject({ noun: 'payment', status: 'succeeded', amount: cny(500) });
    expect(site.heard[0]?.content).toEqual({
      out_trade_no: 'capture_1',
      total_amount: '5.00',
      subject: 'Two nights',
      product_code: 'PRE_AUTH',
      auth_no: authNo,
      auth_confirm_mode: 'COMPLETE',
      seller_id: sellerId,
    });
    const handle = `a1|hold|PRE_AUTH_ONLINE|${nowMs}`;
    const part = { ...capture, final: false, authorization: { ...authorization, handle } };
    await site.channel().capture(part);
    expect(site.heard[1]?.content).toMatchObject({
      product_code: 'PRE_AUTH_ONLINE',
      auth_confirm_mode: 'NOT_COMPLETE',
    });
  });

  it('looks the number up where it is not known, before anything is stored or moved', async () => {
    const prepared: string[] = [];
    const site = answering({ [detail]: held, [pay]: success(paid) });
    const result = await site
      .channel()
      .capture(
        { ...capture, authorization: unnumbered },
        { onPrepared: async () => void prepared.push(...site.heard.map(({ method }) => method)) },
      );
    expect(result.status).toBe('succeeded');
    expect(prepared).toEqual([detail]);
    expect(site.heard.map(({ method }) => method)).toEqual([detail, pay]);
    expect(site.heard[1]?.content.auth_no).toBe(authNo);
  });

  it.each([
    ['silence', silence(), 'NOT_SENT'],
    ['trouble', failure('SYSTEM_ERROR'), 'NOT_SENT'],
    ['no such authorization', failure('AUTH_ORDER_NOT_EXIST'), 'REFUSED'],
    [
      'another authorization',
      detailOf('FINISH', { out_order_no: 'o2', out_request_no: 'o2' }),
      'NOT_SENT',
    ],
    ['no number', detailOf('FINISH', { auth_no: '' }), 'NOT_SENT'],
  ])('captures nothing when that answers with %s', async (_what, answer, expected) => {
    const site = answering({ [detail]: answer });
    const error = await thrown(site.channel().capture({ ...capture, authorization: unnumbered }));
    expect(error.code).toBe(expected);
    expect(site.heard.map(({ method }) => method)).toEqual([detail]);
  });

  it.each([
    ['a payment', success(paid), 'succeeded'],
    ['a capture under way', { code: '10003', msg: 'wait' }, 'pending'],
    ['too little left', failure('ACQ.AUTH_AMOUNT_NOT_ENOUGH'), 'failed/limit-exceeded'],
    ['an ended authorization', failure('ACQ.AUTH_ORDER_HAS_FINISHED'), 'failed/order-closed'],
    ['a payment made before', failure('ACQ.TRADE_HAS_SUCCESS'), 'unknown/repeated-id'],
    ['silence', silence(), 'unknown/no-reply'],
    ['trouble', failure('ACQ.SYSTEM_ERROR'), 'unknown/server-error'],
    ['another amount', success({ ...paid, total_amount: '9.00' }), 'unknown/contradicts-request'],
    ['another trade', success({ ...paid, out_trade_no: 'c2' }), 'unknown/contradicts-request'],
    [
      'a trade without a payment',
      success({ ...paid, gmt_payment: '' }),
      'unknown/unreadable-reply',
    ],
  ])('says of %s', async (_what, answer, expected) => {
    expect(
      await named(
        answering({ [pay]: answer })
          .channel()
          .capture(capture),
      ),
    ).toBe(expected);
  });
});

describe('cancelAuthorization', () => {
  const cancel = { authorization, merchantCancelId: 'cancel_1' };
  const release = { ...operation, out_request_no: 'cancel_1', operation_type: 'UNFREEZE' };
  const methods = (site: ReturnType<typeof gateway>) => site.heard.map(({ method }) => method);
  const partly = detailOf('AUTHORIZED', { rest_amount: '4.00', total_pay_amount: '5.00' });
  const finished = detailOf('FINISH', { total_pay_amount: '9.00' });

  it('releases a part', async () => {
    const site = answering({ [detail]: held, [unfreeze]: success({ ...release, amount: '3.00' }) });
    const refs: unknown[] = [];
    const onPrepared = async (ref: unknown) => void refs.push([ref, site.heard.length]);
    const result = await site
      .channel()
      .cancelAuthorization({ ...cancel, amount: cny(300) }, { onPrepared });
    expect(result).toMatchObject({
      noun: 'cancellation',
      status: 'succeeded',
      effect: 'released',
      amount: cny(300),
      ref: { merchantId: 'cancel_1', handle: 'a1|release|order_1' },
    });
    expect(refs).toMatchObject([[{ handle: 'a1|release|order_1' }, 1]]);
    expect(site.heard[1]?.content).toEqual({
      auth_no: authNo,
      out_request_no: 'cancel_1',
      amount: '3.00',
      remark: '资金授权解冻',
    });
  });

  it('releases what is left, and ends a credit authorization with it', async () => {
    const site = answering({
      [detail]: partly,
      [unfreeze]: success({ ...release, amount: '4.00' }),
    });
    const result = await site
      .channel()
      .cancelAuthorization({ ...cancel, authorization: unnumbered });
    expect(result).toMatchObject({ status: 'succeeded', amount: cny(400) });
    expect(site.heard[1]?.content).toMatchObject({
      auth_no: authNo,
      amount: '4.00',
      extra_param: '{"unfreezeBizInfo":"{\\"bizComplete\\":\\"true\\"}"}',
    });
  });

  it('closes an order that is not paid, and no part of one', async () => {
    const open = detailOf('INIT', { status: 'INIT' });
    const site = answering({ [detail]: open, [undo]: success({ ...operation, action: 'close' }) });
    const result = await site.channel().cancelAuthorization(cancel);
    expect(result).toMatchObject({ status: 'succeeded', effect: 'closed' });
    expect(result.ref.handle).toBe('a1|undo|order_1');
    expect(methods(site)).toEqual([detail, undo]);
    const part = answering({ [detail]: open });
    expect(await named(part.channel().cancelAuthorization({ ...cancel, amount: cny(1) }))).toBe(
      'failed/other',
    );
  });

  it('is what it was when it is asked for again', async () => {
    const again = answering({
      [detail]: () => finished,
    });
    // The order has nothing left: whether this release took it, its own query tells.
    const site = gateway(({ content }) =>
      content.out_request_no === 'cancel_1' ? success({ ...release, amount: '4.00' }) : finished,
    );
    expect(await site.channel().cancelAuthorization(cancel)).toMatchObject({
      status: 'succeeded',
      effect: 'released',
      amount: cny(400),
    });
    expect(methods(site)).toEqual([detail, detail]);
    expect((await thrown(again.channel().cancelAuthorization(cancel))).code).toBe('NOT_SENT');
    const never = gateway(({ content }) =>
      content.out_request_no === 'cancel_1' ? failure('AUTH_OPERATION_NOT_EXIST') : finished,
    );
    expect(await named(never.channel().cancelAuthorization(cancel))).toBe('failed/order-closed');
    const closed = answering({ [detail]: detailOf('CLOSED', { status: 'CLOSED' }) });
    expect(await named(closed.channel().cancelAuthorization(cancel))).toBe('succeeded/closed');
  });

  it.each([
    ['a release', success(release), 'succeeded/released'],
    ['a release under way', success({ ...release, status: 'INIT' }), 'pending'],
    ['a release that ended', success({ ...release, status: 'CLOSED' }), 'failed/other'],
    ['more than is held', failure('REQUEST_AMOUNT_EXCEED'), 'failed/refund-exceeds'],
    ['trouble', failure('SYSTEM_ERROR'), 'unknown/server-error'],
    ['trouble of the business', failure('BIZ_ERROR'), 'unknown/server-error'],
    ['silence', silence(), 'unknown/no-reply'],
    ['a status nobody knows', success({ ...release, status: 'X' }), 'unknown/unreadable-reply'],
    [
      'another release',
      success({ ...release, out_request_no: 'c2' }),
      'unknown/contradicts-request',
    ],
    ['another order', success({ ...release, out_order_no: 'o2' }), 'unknown/contradicts-request'],
    ['another amount', success({ ...release, amount: '8.00' }), 'unknown/contradicts-request'],
  ])('says of %s', async (_what, answer, expected) => {
    const site = answering({ [detail]: held, [unfreeze]: answer });
    expect(await named(site.channel().cancelAuthorization(cancel))).toBe(expected);
  });

  it.each([
    [success(release), 'succeeded/released'],
    [failure('AUTH_OPERATION_NOT_EXIST'), 'failed/order-closed'],
    [failure('SYSTEM_ERROR'), 'unknown/server-error'],
    [failure('HAS_NO_PRIVILEGE'), 'unknown/server-error'],
    [success({ ...release, operation_type: 'FREEZE' }), 'unknown/contradicts-request'],
  ])('asks what became of it when the order is said to be over: %#', async (told, expected) => {
    const site = gateway(({ method, content }) => {
      if (method === unfreeze) return failure('ORDER_ALREADY_FINISH');
      return content.operation_type === 'FREEZE' ? held : told;
    });
    const part = { ...cancel, amount: cny(900) };
    expect(await named(site.channel().cancelAuthorization(part))).toBe(expected);
  });

  it('changes nothing where the authorization is not known', async () => {
    for (const [answer, expected] of [
      [failure('AUTH_ORDER_NOT_EXIST'), 'REFUSED'],
      [failure('SYSTEM_ERROR'), 'NOT_SENT'],
      [detailOf('FINISH', { out_order_no: 'o2', out_request_no: 'o2' }), 'NOT_SENT'],
    ] as const) {
      const site = answering({ [detail]: answer });
      expect((await thrown(site.channel().cancelAuthorization(cancel))).code).toBe(expected);
    }
  });

  it('releases nothing of another authorization than the one asked about', async () => {
    const another = { out_order_no: 'o2', out_request_no: 'o2', auth_no: 'another' };
    const site = answering({
      [detail]: detailOf('AUTHORIZED', { ...another, rest_amount: '9.00' }),
      [unfreeze]: success(release),
    });
    const asked = { ...cancel, authorization: unnumbered };
    expect((await thrown(site.channel().cancelAuthorization(asked))).code).toBe('NOT_SENT');
    expect(methods(site)).toEqual([detail]);
  });

  it('is asked about by its own id', async () => {
    const ref = {
      noun: 'cancellation',
      merchantId: 'cancel_1',
      startedAt: now,
      handle: 'a1|release|order_1',
    } as const;
    const site = gateway(() => success(release));
    expect(await named(site.channel().queryCancellation(ref))).toBe('succeeded/released');
    expect(site.heard[0]?.content).toEqual({
      out_order_no: 'order_1',
      out_request_no: 'cancel_1',
      operation_type: 'UNFREEZE',
    });
    const wrong = gateway(() => success({ ...release, out_request_no: 'c2' }));
    expect((await thrown(wrong.channel().queryCancellation(ref))).code).toBe('REPLY_UNVERIFIED');
    const none = gateway(() => failure('AUTH_OPERATION_NOT_EXIST'));
    expect(await named(none.channel().queryCancellation(ref))).toBe('unknown/not-found');
  });
});

describe('reverse of an authorization', () => {
  const reverse = (answer: object | Error, target: Ref<'authorization'> = authorization) =>
    answering({ [undo]: answer, [detail]: held })
      .channel()
      .reverse(target);

  it.each([
    ['an order closed', success({ ...operation, action: 'close' }), 'succeeded/closed'],
    ['money given free', success({ ...operation, action: 'unfreeze' }), 'succeeded/released'],
    ['the window over', failure('CANCEL_OPERATION_TIME_OUT'), 'failed/window-passed'],
    ['trouble', failure('SYSTEM_ERROR'), 'unknown/server-error'],
    ['silence', silence(), 'unknown/no-reply'],
    ['an action nobody knows', success({ ...operation, action: 'x' }), 'unknown/unreadable-reply'],
    ['no action', success(operation), 'unknown/unreadable-reply'],
    [
      'another order',
      success({ ...operation, out_order_no: 'o2', action: 'close' }),
      'unknown/contradicts-request',
    ],
    [
      'another operation',
      success({ ...operation, out_request_no: 'o2', action: 'close' }),
      'unknown/contradicts-request',
    ],
  ])('says of %s', async (_what, answer, expected) => {
    expect(await named(reverse(answer))).toBe(expected);
  });

  it('is harmless where nothing is there, and certain only when nothing can come', async () => {
    const absent = failure('AUTH_ORDER_NOT_EXIST');
    expect(await named(reverse(absent))).toBe('unknown/not-found');
    const past = { ...authorization, handle: `a1|hold|PRE_AUTH|${nowMs}` };
    expect(await named(reverse(absent, past))).toBe('succeeded/nothing-there');
    const { handle: _none, ...bare } = authorization;
    expect(await named(reverse(absent, bare))).toBe('unknown/not-found');
    const before = new Date(nowMs - 60_000).toISOString();
    expect(await named(reverse(absent, { ...bare, startedAt: before }))).toBe(
      'succeeded/nothing-there',
    );
    const foreign = { ...authorization, handle: 'a1|barcode|0' };
    expect((await thrown(reverse(absent, foreign))).field).toBe('handle');
  });

  it.each([
    [detailOf('FINISH', { total_pay_amount: '0.00' }), 'succeeded/released'],
    [detailOf('CLOSED'), 'succeeded/released'],
    [detailOf('CLOSED', { status: 'CLOSED' }), 'succeeded/closed'],
    [detailOf('FINISH', { total_pay_amount: '9.00' }), 'failed/order-closed'],
    [held, 'unknown/not-found'],
    [failure('SYSTEM_ERROR'), 'unknown/server-error'],
  ])('asks what became of an order that is over: %#', async (told, expected) => {
    const site = answering({ [undo]: failure('ORDER_ALREADY_FINISH'), [detail]: told });
    const past = { ...authorization, handle: `a1|hold|PRE_AUTH|${nowMs + 1}` };
    expect(await named(site.channel().reverse(past))).toBe(expected);
    const ref = {
      noun: 'cancellation',
      merchantId: 'order_1',
      startedAt: now,
      handle: 'a1|undo|order_1',
    } as const;
    const asked = answering({ [detail]: told })
      .channel()
      .queryCancellation(ref);
    if (expected === 'unknown/server-error') await expect(asked).rejects.toThrow();
    else expect(await named(asked)).toBe(expected);
  });

  it('does not undo a cancellation', async () => {
    const ref = { noun: 'cancellation', merchantId: 'c1', startedAt: now } as const;
    const error = await thrown(
      gateway(() => success({}))
        .channel()
        .reverse(ref),
    );
    expect(error.code).toBe('UNSUPPORTED');
  });
});

it('keeps its fixtures honest: the clock stands, the seller is configured', () => {
  expect(clock.now()).toBe(nowMs);
  expect(keyConfig.sellerId).toBe(sellerId);
});
