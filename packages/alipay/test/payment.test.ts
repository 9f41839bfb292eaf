import { inspect } from 'node:util';
import { type NextAction, PolyrailError, type Ref } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import {
  certificateConfig,
  clock,
  cny,
  failure,
  gateway,
  keyConfig,
  now,
  nowMs,
  order,
  payment,
  success,
  thrown,
  trade,
} from './gateway.ts';

const timeout = () => new PolyrailError('UNAVAILABLE', 'silence', { doubt: 'no-reply' });
const barcode = { ...order, scene: 'barcode', authCode: '281234567890123456' } as const;
const paidNode = success({
  ...trade,
  buyer_logon_id: 'ifv***@sandbox.com',
  buyer_pay_amount: '8.00',
  buyer_user_id: '2088722003899169',
  gmt_payment: '2026-11-22 10:49:23',
  receipt_amount: '9.00',
  total_amount: '9.00',
});
const tradeNode = (status: string, more: object = {}) =>
  success({ ...trade, total_amount: '9.00', trade_status: status, ...more });
const queried = (node: object) =>
  gateway(() => node)
    .channel()
    .query(payment);

describe('pay, on the wire', () => {
  const contents: Record<string, unknown> = {};
  it.each([
    ['qr', {}, { qr_code: 'https://qr.alipay.com/bax1' }],
    ['barcode', { authCode: '281234567890123456' }, { total_amount: '9.00', gmt_payment: 'x' }],
    ['in-wallet', { payerId: '2088722003899169' }, {}],
  ] as const)('%s asks as documented', async (scene, more, answer) => {
    const site = gateway(() => success({ ...trade, ...answer }));
    const result = await site.channel().pay({
      ...order,
      scene,
      ...more,
      expiresAt: '2026-11-22T03:00:00.000Z',
      notifyUrl: 'https://shop.example/notify',
      attachment: 'a=1&b=茶',
      extra: { storeId: 'S1', goods: [{ id: 'g', name: 'Tea', quantity: 2, price: cny(450) }] },
    } as never);
    expect(result.status).toBe(scene === 'barcode' ? 'succeeded' : 'pending');
    const [{ method, content, parameters }] = site.heard as never as [(typeof site.heard)[0]];
    contents[scene] = content;
    expect(parameters.notify_url).toBe('https://shop.example/notify');
    expect({ method, content }).toMatchSnapshot();
  });

  it('takes a payer id that is no user id for an open id', async () => {
    const site = gateway(() => success(trade));
    await site.channel().pay({ ...order, scene: 'in-wallet', payerId: 'oUpF8uMuAJ' });
    expect(site.heard[0]?.content).toMatchObject({ buyer_open_id: 'oUpF8uMuAJ' });
    expect(site.heard[0]?.content).not.toHaveProperty('buyer_id');
  });

  it('takes the code of a face for one', async () => {
    const site = gateway(() => paidNode);
    await site.channel().pay({ ...barcode, authCode: `fp${'0'.repeat(33)}` });
    expect(site.heard[0]?.content.scene).toBe('security_code');
  });

  it('hands pages over without sending anything, signed and complete', async () => {
    const site = gateway(() => new Error('nothing is to be sent'));
    const refs: Ref<never>[] = [];
    const options = { onPrepared: async (ref: unknown) => void refs.push(ref as Ref<never>) };
    const request = { ...order, scene: 'page', returnUrl: 'https://shop.example/back' } as const;
    const result = await site.channel().pay(request, options);
    expect(site.heard).toHaveLength(0);
    expect(result).toMatchObject({ status: 'pending', waitingFor: 'payer', evidence: 'none' });
    const action = (result as { nextAction: NextAction }).nextAction as NextAction & {
      kind: 'form';
    };
    expect(action.url).toBe('https://openapi.alipay.com/gateway.do?charset=utf-8');
    const { sign, ...fields } = action.fields;
    expect(fields).toMatchSnapshot();
    expect(sign).toHaveLength(344);
    // The reference that was stored first is the one that came back.
    expect(refs).toEqual([result.ref]);
    expect(result.ref.handle).toBe('a1|page|open');
  });

  it.each([
    ['h5', 'redirect'],
    ['app', 'sdk'],
  ] as const)('%s is a %s whose text verifies', async (scene, kind) => {
    const result = await gateway(() => '')
      .channel()
      .pay({ ...order, scene });
    const action = (result as { nextAction: NextAction }).nextAction;
    expect(action.kind).toBe(kind);
    const text =
      action.kind === 'redirect'
        ? action.url.split('?')[1]
        : action.kind === 'sdk'
          ? String(action.parameters)
          : '';
    const parameters = Object.fromEntries(new URLSearchParams(text));
    const site = gateway(() => success({}));
    // The helper gateway verifies signatures the way the dossier says.
    await site.transport
      .exchange({ method: 'POST', url: `https://x/?${text}`, headers: {} })
      .then((reply) => expect(reply.status).toBe(200));
    expect(parameters.method).toBe(
      scene === 'h5' ? 'alipay.trade.wap.pay' : 'alipay.trade.app.pay',
    );
    expect(JSON.parse(parameters.biz_content ?? '')).toMatchObject({
      subject: order.description,
      product_code: scene === 'h5' ? 'QUICK_WAP_WAY' : 'QUICK_MSECURITY_PAY',
    });
  });

  it('hands over the other way where the merchant wants it', async () => {
    const channel = gateway(() => '').channel();
    const page = await channel.pay({ ...order, scene: 'page', extra: { handOver: 'redirect' } });
    expect(page).toMatchObject({ nextAction: { kind: 'redirect' } });
    const h5 = await channel.pay({ ...order, scene: 'h5', extra: { handOver: 'form' } });
    expect(h5).toMatchObject({ nextAction: { kind: 'form' } });
  });

  it('writes GBK without losing what GBK does not have', async () => {
    const result = await gateway(() => '')
      .channel({ ...keyConfig, charset: 'gbk' })
      .pay({ ...order, description: '茶 🍵', scene: 'page' });
    const { fields, charset } = (result as { nextAction: NextAction & { kind: 'form' } })
      .nextAction;
    expect(charset).toBe('gbk');
    expect(fields.biz_content).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(fields.biz_content ?? '').subject).toBe('茶 🍵');
  });

  it.each([
    ['amount.amount', { amount: cny(0) }],
    ['amount.amount', { amount: cny(-1) }],
    ['amount.amount', { amount: cny(1.5) }],
    ['amount.currency', { amount: { amount: 1, currency: 'yuan' } }],
    ['merchantPaymentId', { merchantPaymentId: '' }],
    ['merchantPaymentId', { merchantPaymentId: 'o'.repeat(65) }],
    ['description', { description: 'd'.repeat(257) }],
    ['expiresAt', { expiresAt: '2026-11-22 12:00:00' }],
    ['notifyUrl', { notifyUrl: 'ftp://shop.example/notify' }],
    ['notifyUrl', { notifyUrl: '/notify' }],
    ['returnUrl', { scene: 'page', returnUrl: `https://shop.example/${'r'.repeat(250)}` }],
    ['authCode', { scene: 'barcode' }],
    ['payerId', { scene: 'in-wallet', payerId: '' }],
    ['notifyUrl', { notifyUrl: `https://shop.example/${'n'.repeat(250)}` }],
    ['attachment', { attachment: '茶'.repeat(100) }],
    ['attachment', { attachment: '\ud800' }],
    ['description', { description: 'a=b' }],
    ['merchantPaymentId', { merchantPaymentId: 'order-1' }],
    ['amount.amount', { amount: cny(10_000_000_001) }],
    ['amount.currency', { amount: { amount: 1, currency: 'USD' } }],
    ['expiresAt', { expiresAt: now }],
    ['extra.colour', { extra: { colour: 'red' } }],
    ['extra.quitUrl', { extra: { quitUrl: 'https://shop.example' } }],
    ['extra', { extra: { enablePayChannels: ['a'], disablePayChannels: ['b'] } }],
    ['scene', { scene: 'card', card: {} }],
  ])('refuses a wrong %s before anything is sent', async (field, change) => {
    const site = gateway(() => paidNode);
    const error = await thrown(site.channel().pay({ ...order, scene: 'qr', ...change } as never));
    expect(error.field).toBe(field);
    expect(['REQUEST_INVALID', 'UNSUPPORTED']).toContain(error.code);
    expect(site.heard).toHaveLength(0);
  });
});

describe('extra', () => {
  const common = {
    body: 'long text',
    storeId: 'S1',
    goods: [{ id: 'g', name: 'Tea', quantity: 1, price: cny(900), category: 'c', showUrl: 'u' }],
    disablePayChannels: ['pcredit', 'coupon'],
    subMerchant: { merchantId: 'M1', merchantType: 'alipay' },
    extendParameters: {
      serviceProviderId: 'P1',
      instalments: '3',
      instalmentSellerPercent: '0',
      industryRefluxInfo: '{}',
      cardType: 'S0',
    },
    businessParameters: '{"a":1}',
    merchantOrderNo: 'shop_1',
  };
  const contentOf = async (scene: string, extra: object) => {
    const channel = gateway(() => '').channel();
    const result = await channel.pay({ ...order, scene, extra } as never);
    const { fields } = (result as { nextAction: NextAction & { kind: 'form' } }).nextAction;
    return JSON.parse(fields.biz_content ?? '');
  };

  it('has its names on the wire', async () => {
    const more = { goodsType: '0', qrPayMode: '4', qrCodeWidth: 200, handOver: 'form' };
    expect(await contentOf('page', { ...common, ...more })).toMatchSnapshot();
    const quitUrl = 'https://shop.example/quit';
    const h5 = await contentOf('h5', { quitUrl, sellerId: '2088', handOver: 'form' });
    expect(h5).toMatchObject({ quit_url: quitUrl, seller_id: '2088' });
    const site = gateway(() => success({ ...trade, qr_code: 'q' }));
    const atTheCounter = {
      productCode: 'OFFLINE',
      terminalId: 'T1',
      operatorId: 'O1',
      discountableAmount: cny(100),
      undiscountableAmount: cny(800),
      enablePayChannels: ['balance'],
    };
    await site.channel().pay({ ...order, scene: 'qr', extra: atTheCounter });
    expect(site.heard[0]?.content).toMatchSnapshot();
  });

  it('is taken only where the channel takes it', async () => {
    const channel = gateway(() => '').channel();
    const wrong = {
      qr: 'goodsType',
      barcode: 'enablePayChannels',
      page: 'sellerId',
      app: 'quitUrl',
    };
    const values = { goodsType: '0', enablePayChannels: ['a'], sellerId: 's', quitUrl: 'q' };
    for (const [scene, member] of Object.entries(wrong)) {
      const extra = { [member]: values[member as keyof typeof values] };
      const request = { ...order, scene, authCode: '28', extra };
      if (scene !== 'barcode') Reflect.deleteProperty(request, 'authCode');
      const error = await thrown(channel.pay(request as never));
      expect(error).toMatchObject({ code: 'REQUEST_INVALID', field: `extra.${member}` });
    }
  });
});

it('shows no payment code in whatever comes back', async () => {
  const ends = [paidNode, failure('ACQ.PAYMENT_FAIL'), failure('ACQ.INVALID_PARAMETER'), timeout()];
  for (const end of ends) {
    const result = await gateway(() => end)
      .channel()
      .pay(barcode)
      .catch((error: unknown) => error);
    expect(inspect(result, { depth: 9, showHidden: true })).not.toContain(barcode.authCode);
    expect(JSON.stringify(result)).not.toContain(barcode.authCode);
  }
});

describe('pay, answered', () => {
  const pay = (node: object | Error, config = keyConfig) =>
    gateway(() => node)
      .channel(config)
      .pay(barcode);

  it('succeeds with what was paid', async () => {
    expect(await pay(paidNode, certificateConfig)).toMatchObject({
      status: 'succeeded',
      evidence: 'signed',
      amount: cny(900),
      payerAmount: cny(800),
      receivedAmount: cny(900),
      paidAt: '2026-11-22T02:49:23.000Z',
      payer: { id: '2088722003899169', account: 'ifv***@sandbox.com' },
      ref: { merchantId: 'order_1', channelId: trade.trade_no, handle: 'a1|barcode|0' },
    });
  });

  it('waits while the payer confirms, and says when to ask', async () => {
    const node = {
      code: '10003',
      msg: 'order success pay inprocess',
      ...trade,
      total_amount: '9.00',
    };
    expect(await pay(node)).toMatchObject({
      status: 'pending',
      waitingFor: 'payer',
      pollAfterMs: 5000,
      ref: { channelId: trade.trade_no },
    });
    // Its members are undocumented: none is needed.
    expect(await pay({ code: '10003', msg: '' })).toMatchObject({ status: 'pending' });
  });

  it('takes 10003 for nothing in other scenes', async () => {
    const site = gateway(() => ({ code: '10003', msg: '' }));
    const result = await site.channel().pay({ ...order, scene: 'qr' });
    expect(result).toMatchObject({ status: 'unknown', doubt: 'unreadable-reply' });
  });

  it.each([
    ['ACQ.BUYER_BALANCE_NOT_ENOUGH', { status: 'failed', reason: 'insufficient-funds' }],
    ['ACQ.TRADE_HAS_SUCCESS', { status: 'unknown', doubt: 'repeated-id' }],
    ['ACQ.TRADE_HAS_CLOSE', { status: 'unknown', doubt: 'repeated-id' }],
    ['ACQ.SYSTEM_ERROR', { status: 'unknown', doubt: 'server-error' }],
    ['ACQ.NEVER_HEARD_OF', { status: 'unknown', doubt: 'unreadable-reply' }],
  ])('%s', async (subCode, expected) => {
    const result = await pay(failure(subCode));
    expect(result).toMatchObject({ ...expected, evidence: 'signed', channelCode: subCode });
  });

  it('fails with the zeros that a declined code comes with', async () => {
    const zeros = { buyer_pay_amount: '0.00', receipt_amount: '0.00', out_trade_no: 'order_1' };
    const node = { ...failure('ACQ.PAYMENT_AUTH_CODE_INVALID'), ...zeros };
    expect(await pay(node)).toMatchObject({ status: 'failed', retry: 'new-id' });
  });

  it('throws REFUSED where the message was rejected and the id is free', async () => {
    const error = await thrown(pay(failure('ACQ.CONTEXT_INCONSISTENT')));
    expect(error).toMatchObject({ code: 'REFUSED', reason: 'id-reused', evidence: 'signed' });
    const limited = await thrown(pay(failure('isv.app-call-limited', '40005')));
    expect(limited).toMatchObject({ reason: 'rate-limited', retryAfterMs: 1000 });
  });

  it.each([
    ['silence', timeout()],
    ["another order's answer", { ...paidNode, out_trade_no: 'order_2' }],
    ["another order's failure", { ...failure('ACQ.PAYMENT_FAIL'), out_trade_no: 'order_2' }],
    ['another amount', { ...paidNode, total_amount: '9.01' }],
    ['no amount', { ...paidNode, total_amount: undefined }],
    ['a number for an amount', { ...paidNode, total_amount: 9 }],
    ['an amount with an exponent', { ...paidNode, total_amount: '9e0' }],
    ['no id', { ...paidNode, out_trade_no: undefined }],
    ['no time, as a query answers', { ...paidNode, gmt_payment: undefined }],
    ['another currency', { ...paidNode, trans_currency: 'USD' }],
    ['no trade number', { ...paidNode, trade_no: undefined }],
    ['no code', { ...paidNode, code: undefined }],
  ])('is unknown after %s', async (_what, node) => {
    expect((await pay(node)).status).toBe('unknown');
  });

  it('is NOT_SENT when surely nothing left', async () => {
    const error = await thrown(pay(new PolyrailError('NOT_SENT', 'refused')));
    expect(error.code).toBe('NOT_SENT');
  });

  it('shows a QR code, and gives the wallet its trade number', async () => {
    const qr = gateway(() => success({ ...trade, qr_code: 'https://qr.alipay.com/bax1' }));
    expect(await qr.channel().pay({ ...order, scene: 'qr' })).toMatchObject({
      status: 'pending',
      nextAction: { kind: 'qr', text: 'https://qr.alipay.com/bax1' },
    });
    const wallet = gateway(() => success(trade));
    const request = { ...order, scene: 'in-wallet', payerId: '2088722003899169' } as const;
    expect(await wallet.channel().pay(request)).toMatchObject({
      status: 'pending',
      nextAction: { kind: 'sdk', parameters: { tradeNO: trade.trade_no } },
    });
  });
});

describe('query', () => {
  it.each([
    ['WAIT_BUYER_PAY', {}, { status: 'pending', waitingFor: 'payer' }],
    ['TRADE_SUCCESS', {}, { status: 'succeeded' }],
    ['TRADE_FINISHED', {}, { status: 'succeeded' }],
    ['TRADE_CLOSED', {}, { status: 'failed', reason: 'order-closed', retry: 'new-id' }],
    ['TRADE_CLOSED', { receipt_amount: '0.00' }, { status: 'failed' }],
    [
      'TRADE_CLOSED',
      { send_pay_date: '2026-11-22 10:00:00', receipt_amount: '0.00' },
      { status: 'succeeded', undone: { by: 'refund', amount: cny(900) } },
    ],
    [
      'TRADE_CLOSED',
      { receipt_amount: '9.00' },
      { status: 'succeeded', undone: { by: 'refund', amount: cny(900) } },
    ],
  ])('%s %o', async (status, more, expected) => {
    expect(await queried(tradeNode(status, more))).toMatchObject({ ...expected, amount: cny(900) });
  });

  it('tells no amounts where the sandbox tells zeros', async () => {
    const zeros = { buyer_pay_amount: '0.00', receipt_amount: '0.00' };
    const found = await queried(tradeNode('TRADE_SUCCESS', zeros));
    expect(found).not.toHaveProperty('payerAmount');
    expect(found).not.toHaveProperty('receivedAmount');
    const voucher = { buyer_pay_amount: '0.00', receipt_amount: '9.00' };
    expect(await queried(tradeNode('TRADE_SUCCESS', voucher))).toMatchObject({
      payerAmount: cny(0),
      receivedAmount: cny(900),
    });
  });

  it('reads not-found as a reading, and throws what cannot be believed', async () => {
    const found = await queried(failure('ACQ.TRADE_NOT_EXIST'));
    expect(found).toMatchObject({ status: 'unknown', doubt: 'not-found', evidence: 'signed' });
    expect(await thrown(queried(failure('ACQ.SYSTEM_ERROR')))).toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(await thrown(queried(tradeNode('TRADE_PENDING')))).toMatchObject({
      code: 'REPLY_UNREADABLE',
      channelCode: 'TRADE_PENDING',
    });
    expect(
      (await thrown(queried({ ...tradeNode('TRADE_SUCCESS'), out_trade_no: 'x' }))).doubt,
    ).toBe('contradicts-request');
    expect(
      (await thrown(queried({ ...tradeNode('TRADE_SUCCESS'), total_amount: '1' }))).doubt,
    ).toBe('contradicts-request');
  });
});

describe('close', () => {
  const closed = (close: object | Error, state?: object | Error) => {
    const site = gateway(({ method }) =>
      method === 'alipay.trade.close' ? close : (state ?? new Error(`unexpected ${method}`)),
    );
    return { site, result: site.channel().close(payment) };
  };
  const inAnotherState = failure('ACQ.TRADE_STATUS_ERROR');

  it('succeeds when the trade is closed', async () => {
    const { site, result } = closed(success(trade));
    expect(await result).toMatchObject({ noun: 'closure', status: 'succeeded' });
    expect(site.heard).toHaveLength(1);
  });

  it('proves nothing about a trade that does not exist: its link may still make it', async () => {
    const result = await closed(failure('ACQ.TRADE_NOT_EXIST')).result;
    expect(result).toMatchObject({ status: 'unknown', doubt: 'not-found' });
  });

  it.each([
    ['paid', tradeNode('TRADE_SUCCESS'), { status: 'failed', reason: 'already-paid' }],
    ['closed before', tradeNode('TRADE_CLOSED'), { status: 'succeeded' }],
    [
      'paid and refunded',
      tradeNode('TRADE_CLOSED', { send_pay_date: '2026-11-22 10:00:00' }),
      { status: 'failed', reason: 'already-paid' },
    ],
    ['unpaid after all', tradeNode('WAIT_BUYER_PAY'), { status: 'unknown' }],
    ['gone', failure('ACQ.TRADE_NOT_EXIST'), { status: 'unknown' }],
    ['out of reach', timeout(), { status: 'unknown', doubt: 'no-reply' }],
    ['another order', { ...tradeNode('TRADE_CLOSED'), out_trade_no: 'x' }, { status: 'unknown' }],
    // The close went out; a refused question about it must not pass for a refused close.
    ['none of ours', failure('isv.x', '40006'), { status: 'unknown', doubt: 'server-error' }],
  ])('asks for the state of a trade that is not open: %s', async (_what, state, expected) => {
    const { site, result } = closed(inAnotherState, state);
    expect(await result).toMatchObject(expected);
    expect(site.heard.map(({ method }) => method)).toEqual([
      'alipay.trade.close',
      'alipay.trade.query',
    ]);
  });
});

describe('cancel and reverse', () => {
  const answer = (more: object) => success({ ...trade, retry_flag: 'N', ...more });
  const cancelRequest = { payment, merchantCancelId: 'cancel_1' };
  const cancelled = (node: object | Error) =>
    gateway(() => node)
      .channel()
      .cancel(cancelRequest);
  const reversed = (node: object | Error, target: object = payment) =>
    gateway(() => node)
      .channel()
      .reverse(target as never);

  it.each([
    ['refund', { effect: 'refunded', amount: cny(900) }],
    ['close', { effect: 'closed' }],
  ])('%s', async (action, expected) => {
    const both = [await cancelled(answer({ action })), await reversed(answer({ action }))];
    for (const found of both) expect(found).toMatchObject({ status: 'succeeded', ...expected });
    expect('amount' in both[0]!).toBe(action === 'refund');
  });

  it('names a cancellation by its own id and remembers the trade', async () => {
    const found = await cancelled(answer({ action: 'refund' }));
    expect(found.ref).toMatchObject({ merchantId: 'cancel_1', handle: 'a1|order_1' });
  });

  it('finding no trade contradicts a payment that is known to be paid', async () => {
    expect(await cancelled(answer({}))).toMatchObject({
      status: 'unknown',
      doubt: 'contradicts-request',
    });
    expect(await reversed(answer({}))).toMatchObject({ effect: 'nothing-there' });
  });

  it('is to be repeated while the channel says so', async () => {
    for (const found of [
      await cancelled(answer({ retry_flag: 'Y' })),
      await reversed(answer({ retry_flag: 'Y', action: 'close' })),
    ]) {
      expect(found).toMatchObject({ status: 'pending', waitingFor: 'merchant', pollAfterMs: 1000 });
    }
  });

  it.each([
    ['an undocumented action', answer({ action: 'explode' })],
    ["another order's answer", { ...answer({ action: 'close' }), out_trade_no: 'x' }],
    ["nobody's answer", { ...answer({}), out_trade_no: undefined }],
    ["another call's answer", success(trade)],
    ['silence', timeout()],
    ['trouble', failure('AQC.SYSTEM_ERROR')],
  ])('is unknown after %s', async (_what, node) => {
    expect((await cancelled(node)).status).toBe('unknown');
    expect((await reversed(node)).status).toBe('unknown');
  });

  it('fails, verifiably, outside its window', async () => {
    const found = await reversed(failure('ACQ.TRADE_CANCEL_TIME_OUT'));
    expect(found).toMatchObject({ status: 'failed', reason: 'window-passed', retry: 'never' });
  });

  it.each([
    ['a page without an end', 'a1|page|open', 'unknown'],
    ['a link that still works', `a1|qr|${nowMs + 1}`, 'unknown'],
    ['a link that has ended', `a1|qr|${nowMs}`, 'succeeded'],
    ['a scene without a link', 'a1|barcode|0', 'succeeded'],
  ])('nothing found, behind %s', async (_what, handle, status) => {
    const found = await reversed(answer({}), { ...payment, handle });
    expect(found.status).toBe(status);
    if (status === 'unknown') expect(found).toMatchObject({ doubt: 'not-found' });
  });

  it('knows until when a link of ours may work', async () => {
    const channel = gateway(() => success({ ...trade, qr_code: 'q' })).channel();
    const handles = await Promise.all(
      [
        { scene: 'qr' },
        { scene: 'qr', expiresAt: '2026-11-22T02:59:24.000Z' },
        { scene: 'qr', expiresAt: '2026-11-23T02:49:24.000Z' },
        { scene: 'app', expiresAt: '2026-11-22T02:59:24.000Z' },
        { scene: 'in-wallet', payerId: '2088722003899169' },
      ].map(async (more) => (await channel.pay({ ...order, ...more } as never)).ref.handle),
    );
    const minutes = (count: number) => nowMs + count * 60_000;
    expect(handles).toEqual([
      `a1|qr|${minutes(125)}`,
      `a1|qr|${minutes(125)}`,
      `a1|qr|${minutes(24 * 60 + 5)}`,
      `a1|app|${minutes(15)}`,
      'a1|in-wallet|0',
    ]);
  });

  it('refuses, before sending, what it cannot reverse', async () => {
    const site = gateway(() => answer({}));
    const foreign = { ...payment, handle: 'something else' };
    expect(await thrown(site.channel().reverse(foreign))).toMatchObject({
      code: 'REQUEST_INVALID',
      field: 'handle',
    });
    const cancellation = { ...payment, noun: 'cancellation' } as const;
    expect((await thrown(site.channel().reverse(cancellation))).code).toBe('UNSUPPORTED');
    expect(site.heard).toHaveLength(0);
  });
});

it('reads no clock but the injected one', () => expect(clock.now()).toBe(nowMs));
