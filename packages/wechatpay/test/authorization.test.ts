import { createHmac } from 'node:crypto';
import { secret } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import { createWechatPay, type WechatPayConfig } from '../src/index.ts';
import { signWithApiKey } from '../src/invocation.ts';
import {
  appId,
  clock,
  cny,
  failure,
  gateway,
  keyConfig,
  mchId,
  now,
  nowMs,
  ok,
  push,
  type Told,
  thrown,
} from './gateway.ts';

const serviceId = '2002000000000558128851361561536';
const apiKey = '192006250b4c09247ec02edce69f6a2d';
const payScore = { serviceId, apiKey: secret(apiKey) } as const;
const config = { ...keyConfig, payScore } as const;
const random = { bytes: (length: number) => new Uint8Array(length).fill(7) };
const site = (...told: readonly Told[]) =>
  gateway((_heard, count) => (told[count - 1] ?? told.at(-1)) as never);
const answering = (...told: readonly Told[]) => {
  const gate = site(...told);
  return { gate, channel: gate.channel(config, { random }) };
};

const order = {
  appid: appId,
  mchid: mchId,
  out_order_no: 'hold_1',
  service_id: serviceId,
  service_introduction: 'A room',
  order_id: '15646546545165651651',
  risk_fund: { name: 'DEPOSIT', amount: 3000 },
  time_range: { start_time: 'OnAccept' },
} as const;
const created = { ...order, state: 'CREATED', package: 'AAQTnZoAAAABAAAA-_=' } as const;
const held = { ...order, state: 'DOING', state_description: 'USER_CONFIRM' } as const;
const item = { name: 'One night', amount: 1000, description: 'capture_1' } as const;
const completed = {
  ...order,
  state: 'DOING',
  state_description: 'MCH_COMPLETE',
  post_payments: [item],
  total_amount: 1000,
  need_collection: true,
} as const;
const paying = { state: 'USER_PAYING', total_amount: 1000, paying_amount: 1000, paid_amount: 0 };
const detail = {
  seq: 1,
  amount: 1000,
  paid_type: 'NEWTON',
  paid_time: '20261122104923',
  transaction_id: '4200001234202611220000000001',
} as const;
const paid = { state: 'USER_PAID', total_amount: 1000, paid_amount: 1000, details: [detail] };
const done = {
  ...completed,
  state: 'DONE',
  openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  collection: paid,
} as const;
const revoked = { ...order, state: 'REVOKED' } as const;
const expired = { ...order, state: 'EXPIRED' } as const;

const asking = {
  scene: 'in-wallet',
  payerId: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  merchantPaymentId: 'hold_1',
  amount: cny(3000),
  description: 'A room',
} as const;
const inApp = {
  scene: 'app',
  merchantPaymentId: 'hold_1',
  amount: cny(3000),
  description: 'A room',
} as const;
const hold = {
  noun: 'authorization',
  merchantId: 'hold_1',
  amount: cny(3000),
  startedAt: now,
  handle: `w1|hold|${serviceId}|asked`,
} as const;
const granted = { ...hold, handle: `w1|hold|${serviceId}|granted` } as const;
const taking = {
  authorization: hold,
  merchantPaymentId: 'capture_1',
  amount: cny(1000),
  final: true,
  description: 'One night',
  startedAt: now,
} as const;
const captured = {
  noun: 'payment',
  merchantId: 'capture_1',
  amount: cny(1000),
  startedAt: now,
  handle: `w1|capture|${serviceId}|hold_1`,
} as const;
const asked = `GET /v3/payscore/serviceorder?out_order_no=hold_1&service_id=${serviceId}&appid=${appId}`;
const stateFailure = failure(400, 'PARAM_ERROR', { message: '完结订单状态不合法' });

describe('authorize', () => {
  it('asks as documented, byte by byte', async () => {
    const { gate, channel } = answering(ok(created));
    await channel.authorize({
      ...asking,
      attachment: 'a=1&b=茶',
      notifyUrl: 'https://shop.example/score',
      extra: {
        riskFund: 'ESTIMATE_ORDER_COST',
        riskFundDescription: '就餐的预估费用',
        startsAt: '2026-11-22T04:00:00.000Z',
        endsAt: '2026-11-23T04:00:00.000Z',
        location: { start: '嗨客时尚主题展餐厅' },
        items: [{ name: '就餐费用', amount: cny(4000), description: '人均100元', count: 4 }],
        discounts: [{ name: '满20减1元', amount: cny(100) }],
      },
    });
    await channel.authorize(inApp);
    const sent = gate.heard.map(({ method, target, request }) => [method, target, request.body]);
    expect(sent).toMatchSnapshot();
  });

  it('gives a mini program what it hands over, signed with the key of API v2', async () => {
    const { channel } = answering(ok(created));
    const result = await channel.authorize(asking);
    expect(result).toMatchObject({
      noun: 'authorization',
      status: 'pending',
      waitingFor: 'payer',
      evidence: 'signed',
      ref: { ...hold, channelId: order.order_id },
      nextAction: {
        kind: 'sdk',
        parameters: {
          mch_id: mchId,
          package: created.package,
          timestamp: String(nowMs / 1000),
          nonce_str: expect.stringMatching(/^[0-9A-Z]{32}$/),
          sign_type: 'HMAC-SHA256',
        },
      },
    });
    const { parameters } = (result as { nextAction: { parameters: Record<string, string> } })
      .nextAction;
    const text =
      `mch_id=${mchId}&nonce_str=${parameters.nonce_str}&package=${created.package}` +
      `&sign_type=HMAC-SHA256&timestamp=${nowMs / 1000}&key=${apiKey}`;
    const expected = createHmac('sha256', apiKey).update(text).digest('hex').toUpperCase();
    expect(parameters.sign).toBe(expected);
    expect(JSON.stringify((result as { raw: unknown }).raw)).not.toContain(created.package);
  });

  it('gives an app the same as a query', async () => {
    const { channel } = answering(ok(created));
    const { nextAction } = (await channel.authorize(inApp)) as { nextAction?: unknown };
    const { parameters } = nextAction as { parameters: string };
    const query = new URLSearchParams(parameters);
    expect(query.get('package')).toBe(created.package);
    expect([...query.keys()].sort()).toEqual([
      'mch_id',
      'nonce_str',
      'package',
      'sign',
      'sign_type',
      'timestamp',
    ]);
    expect(parameters).toContain('package=AAQTnZoAAAABAAAA-_%3D&');
  });

  it('gives what the order told where there is no key of API v2', async () => {
    const bare = { ...keyConfig, payScore: { serviceId } } as const;
    for (const request of [asking, inApp]) {
      const result = await site(ok(created)).channel(bare).authorize(request);
      expect(result).toMatchObject({
        nextAction: { kind: 'sdk', parameters: { package: created.package } },
      });
    }
  });

  it('signs as API v2 does', () => {
    // Known answers of wechatpay-im/website (digital-signature) and w7corp/easywechat (UtilsTest).
    const fields = {
      appid: 'wxd930ea5d5a258f4f',
      mch_id: '10000100',
      device_info: '1000',
      body: 'test',
      nonce_str: 'ibuaiVcKdpRxkhJA',
    };
    expect(signWithApiKey(fields, apiKey)).toBe(
      '6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6',
    );
    const invocation = {
      appId: 'mock-appid',
      timeStamp: '1601234567',
      nonceStr: 'mock-nonce',
      package: 'prepay_id=mock-prepay-id',
      signType: 'HMAC-SHA256',
    };
    expect(signWithApiKey(invocation, 'mock-v2-secret-key')).toBe(
      'BAC9240577E86EDC7753264E502196C61F78F24777E9E7CCE82A7BD97F906EED',
    );
  });

  it('is granted at once where the payer agreed before', async () => {
    const { gate, channel } = answering(ok(held));
    const request = { ...asking, extra: { needUserConfirm: false } } as const;
    expect(await channel.authorize(request)).toMatchObject({
      status: 'succeeded',
      remaining: cny(3000),
      ref: { handle: granted.handle },
    });
    expect(gate.heard[0]?.fields.need_user_confirm).toBe(false);
    const error = await thrown(channel.authorize({ ...inApp, extra: { needUserConfirm: false } }));
    expect(error).toMatchObject({ code: 'REQUEST_INVALID', field: 'extra.needUserConfirm' });
  });

  it('is refused before anything is sent where the order would be', async () => {
    const { gate, channel } = answering(ok(created));
    const later = new Date(nowMs + 3_600_000).toISOString();
    for (const [more, field] of [
      [{ description: 'A room of one’s own, 5' }, 'description'],
      [{ expiresAt: later }, 'expiresAt'],
      [{ notifyUrl: 'https://shop.example/?a=1' }, 'notifyUrl'],
      [{ extra: { startsAt: 'soon' } }, 'extra.startsAt'],
      [{ extra: { items: [{ name: 'a'.repeat(21) }] } }, 'extra.items.0.name'],
    ] as const) {
      const error = await thrown(channel.authorize({ ...asking, ...more } as never));
      expect([error.code, error.field]).toEqual(['REQUEST_INVALID', field]);
    }
    expect(gate.targets()).toHaveLength(0);
  });

  it('believes no answer about another order, service, amount or merchant', async () => {
    for (const more of [
      { out_order_no: 'hold_2' },
      { service_id: '1' },
      { risk_fund: { name: 'DEPOSIT', amount: 3001 } },
      { mchid: '1900000001' },
      { appid: 'wx' },
    ]) {
      const { channel } = answering(ok({ ...created, ...more }));
      expect(await channel.authorize(asking)).toMatchObject({
        status: 'unknown',
        doubt: 'contradicts-request',
      });
    }
  });

  it('leaves what was asked before under the id to its query', async () => {
    for (const told of [
      failure(400, 'PARAM_ERROR', { message: '订单重入参数校验失败' }),
      failure(400, 'INVALID_REQUEST'),
      failure(403, 'OUT_TRADE_NO_USED'),
    ]) {
      const { channel } = answering(told);
      expect(await channel.authorize(asking)).toMatchObject({ doubt: 'repeated-id' });
    }
    const { channel } = answering(failure(403, 'NO_AUTH'));
    const error = await thrown(channel.authorize(asking));
    expect(error).toMatchObject({ code: 'REFUSED', reason: 'permission-denied' });
  });
});

describe('queryAuthorization', () => {
  const none = cny(0);
  it.each([
    ['CREATED', created, { status: 'pending', waitingFor: 'payer' }],
    ['DOING', held, { remaining: cny(3000), captured: none, released: none }],
    ['MCH_COMPLETE', completed, { remaining: none, captured: cny(1000), released: cny(2000) }],
    ['DONE', done, { remaining: none, captured: cny(1000), released: cny(2000) }],
    ['DONE for nothing', { ...order, state: 'DONE', total_amount: 0 }, { released: cny(3000) }],
    ['REVOKED', revoked, { status: 'failed', reason: 'cancelled', retry: 'new-id' }],
    [
      'REVOKED after it was completed',
      { ...revoked, total_amount: 1000 },
      { status: 'succeeded', remaining: none, captured: none, released: cny(3000) },
    ],
    ['EXPIRED', expired, { status: 'failed', reason: 'order-expired', retry: 'new-id' }],
  ])('reads %s', async (_state, told, expected) => {
    const { gate, channel } = answering(ok(told));
    expect(await channel.queryAuthorization(hold)).toMatchObject(expected);
    expect(gate.targets()).toEqual([asked]);
  });

  it('keeps in the reference that the payer agreed: a revoked order does not tell', async () => {
    const seen = await answering(ok(held)).channel.queryAuthorization(hold);
    expect(seen.ref.handle).toBe(granted.handle);
    const { channel } = answering(ok(revoked));
    expect(await channel.queryAuthorization(seen.ref)).toMatchObject({
      status: 'succeeded',
      remaining: none,
      released: cny(3000),
      ref: { handle: granted.handle },
    });
  });

  it('believes no state outside the documented ones, and nothing of others', async () => {
    for (const more of [
      { state: 'PAUSED' },
      { state: 'DOING', state_description: 'TEAPOT' },
      { state: 'DOING', state_description: undefined },
      { risk_fund: {} },
    ]) {
      const { channel } = answering(ok({ ...held, ...more }));
      const error = await thrown(channel.queryAuthorization(hold));
      expect(error.code).toBe('REPLY_UNREADABLE');
    }
    for (const more of [{ out_order_no: 'hold_2' }, { service_id: '1' }, { appid: 'wx' }]) {
      const { channel } = answering(ok({ ...held, ...more }));
      expect((await thrown(channel.queryAuthorization(hold))).code).toBe('REPLY_UNVERIFIED');
    }
    const { channel } = answering(failure(404, 'ORDER_NOT_EXIST'));
    expect(await channel.queryAuthorization(hold)).toMatchObject({ doubt: 'not-found' });
    const foreign = { ...hold, handle: 'w1|qr' };
    expect((await thrown(channel.queryAuthorization(foreign))).field).toBe('handle');
  });

  it('asks by the configured service where the reference names none', async () => {
    const { gate, channel } = answering(ok(held));
    const { handle: _none, ...bare } = hold;
    await channel.queryAuthorization(bare);
    await channel.queryAuthorization({ ...hold, handle: 'w1|hold|77|asked' }).catch(() => {});
    expect(gate.targets()).toEqual([asked, asked.replace(serviceId, '77')]);
  });
});

describe('capture', () => {
  it('completes the order, byte by byte, at the time it was begun', async () => {
    const { gate, channel } = answering(ok(completed));
    const startedAt = '2026-11-22T02:40:00.000Z';
    expect(await channel.capture({ ...taking, startedAt })).toMatchObject({
      noun: 'payment',
      status: 'pending',
      waitingFor: 'channel',
      amount: cny(1000),
      ref: { ...captured, startedAt },
    });
    const sent = gate.heard.map(({ method, target, request }) => [method, target, request.body]);
    expect(sent).toMatchSnapshot();
  });

  it.each([
    ['is paid', done, { status: 'succeeded', paidAt: '2026-11-22T02:49:23.000Z' }],
    ['is not paid yet', { ...completed, collection: paying }, { status: 'pending' }],
    ['is done and not paid yet', { ...done, collection: paying }, { status: 'pending' }],
    [
      'was made under another id',
      { ...done, post_payments: [{ ...item, description: 'capture_2' }] },
      { status: 'failed', reason: 'order-closed', retry: 'never' },
    ],
    ['is of another amount', { ...completed, total_amount: 999 }, { doubt: 'contradicts-request' }],
    [
      'is of another order',
      { ...completed, out_order_no: 'hold_2' },
      { doubt: 'contradicts-request' },
    ],
    ['is of another service', { ...completed, service_id: '1' }, { doubt: 'contradicts-request' }],
    ['is none', held, { doubt: 'contradicts-request' }],
    [
      'is collected in an undocumented way',
      { ...done, collection: { state: 'HALF' } },
      { doubt: 'unreadable-reply' },
    ],
    [
      'is done and tells no collection',
      { ...done, collection: undefined },
      { doubt: 'unreadable-reply' },
    ],
  ])('%s, by its answer', async (_what, told, expected) => {
    const { channel } = answering(ok(told));
    expect(await channel.capture(taking)).toMatchObject(expected);
  });

  it('tells WeChat Pay’s number of the payment where there is one', async () => {
    const { channel } = answering(ok(done));
    const { ref, payer } = (await channel.capture(taking)) as { ref: object; payer?: object };
    expect({ ref, payer }).toMatchObject({
      ref: { channelId: detail.transaction_id },
      payer: { id: done.openid },
    });
    const details = [detail, { ...detail, transaction_id: '4200001234202611220000000002' }];
    const twice = answering(ok({ ...done, collection: { ...paid, details } })).channel;
    expect((await twice.capture(taking)).ref).not.toHaveProperty('channelId');
  });

  it('is refused before anything is sent where it could not be kept apart', async () => {
    const { gate, channel } = answering(ok(completed));
    for (const [more, code, field] of [
      [{ final: false }, 'UNSUPPORTED', 'final'],
      [{ merchantPaymentId: 'c'.repeat(31) }, 'REQUEST_INVALID', 'merchantPaymentId'],
      [{ description: 'd'.repeat(21) }, 'REQUEST_INVALID', 'description'],
    ] as const) {
      const error = await thrown(channel.capture({ ...taking, ...more }));
      expect([error.code, error.field]).toEqual([code, field]);
    }
    expect(gate.targets()).toHaveLength(0);
  });

  it('asks what is held before it asks for more, and asks for no more', async () => {
    const much = { ...taking, amount: cny(3001) };
    const { gate, channel } = answering(ok(held));
    const error = await thrown(channel.capture(much));
    expect(error).toMatchObject({ code: 'REFUSED', reason: 'limit-exceeded' });
    expect(gate.targets()).toEqual([asked]);
    const { amount: _none, ...untold } = hold;
    const known = answering(ok(held), ok(completed));
    await known.channel.capture({ ...taking, authorization: untold });
    expect(known.gate.targets()).toHaveLength(2);
    const gone = answering(failure(404, 'ORDER_NOT_EXIST')).channel;
    expect((await thrown(gone.capture(much))).code).toBe('REFUSED');
    const mute = answering({ status: 500, body: '', signed: false }).channel;
    expect((await thrown(mute.capture(much))).code).toBe('NOT_SENT');
  });

  it.each([
    ['was made', completed, { status: 'pending' }],
    ['was paid', done, { status: 'succeeded' }],
    [
      'was made under another id',
      { ...completed, post_payments: [{ ...item, description: 'capture_2' }] },
      { status: 'failed', reason: 'order-closed' },
    ],
    ['came too late', revoked, { status: 'failed', reason: 'order-closed', retry: 'never' }],
    ['came later still', expired, { status: 'failed', reason: 'order-closed', retry: 'never' }],
    ['is not told', { ...completed, post_payments: [] }, { doubt: 'unreadable-reply' }],
  ])('that %s is looked up when it is turned down', async (_what, told, expected) => {
    const { gate, channel } = answering(stateFailure, ok(told));
    expect(await channel.capture(taking)).toMatchObject(expected);
    expect(gate.targets()[1]).toBe(asked);
  });

  it.each([
    ['the payer has not agreed', created, 'parameter-invalid'],
    ['nothing was captured', held, 'parameter-invalid'],
    ['the id stands for another amount', { ...completed, total_amount: 7 }, 'id-reused'],
  ])('is refused where %s', async (_what, told, reason) => {
    const { channel } = answering(stateFailure, ok(told));
    const error = await thrown(channel.capture(taking));
    expect(error).toMatchObject({ code: 'REFUSED', reason, evidence: 'signed' });
  });

  it('stays unknown where nobody tells', async () => {
    const mute = answering(stateFailure, { status: 502, body: '<html>', signed: false }).channel;
    expect(await mute.capture(taking)).toMatchObject({ doubt: 'server-error' });
    const barred = answering(stateFailure, failure(403, 'NO_AUTH')).channel;
    expect((await barred.capture(taking)).status).toBe('unknown');
    const gone = answering(failure(404, 'ORDER_NOT_EXIST')).channel;
    expect((await thrown(gone.capture(taking))).reason).toBe('parameter-invalid');
  });
});

describe('a capture, once it is made', () => {
  it.each([
    ['is paid', done, { status: 'succeeded', amount: cny(1000) }],
    ['is not paid yet', completed, { status: 'pending', waitingFor: 'channel' }],
    [
      'was cancelled',
      { ...revoked, total_amount: 1000, post_payments: [item] },
      { status: 'failed' },
    ],
    [
      'was another',
      { ...done, post_payments: [{ ...item, description: 'capture_2' }] },
      { status: 'failed', retry: 'never' },
    ],
    ['never was', held, { status: 'unknown', doubt: 'not-found' }],
    ['is not there', undefined, { status: 'unknown', doubt: 'not-found' }],
  ])('%s, by its query', async (_what, told, expected) => {
    const { gate, channel } = answering(told ? ok(told) : failure(404, 'ORDER_NOT_EXIST'));
    expect(await channel.query(captured)).toMatchObject(expected);
    expect(gate.targets()).toEqual([asked]);
  });

  it('is not told by an order that was completed elsewhere', async () => {
    for (const post_payments of [[], [item, item], [{ ...item, description: '人均100元' }]]) {
      const { channel } = answering(ok({ ...done, post_payments }));
      expect((await thrown(channel.query(captured))).code).toBe('REPLY_UNREADABLE');
    }
  });

  it('is closed while nobody has paid it', async () => {
    const { gate, channel } = answering(ok(completed), ok(revoked));
    expect(await channel.close(captured)).toMatchObject({ noun: 'closure', status: 'succeeded' });
    expect(gate.targets()).toEqual([asked, 'POST /v3/payscore/serviceorder/hold_1/cancel']);
  });

  it.each([
    ['it is paid', [ok(done)], { status: 'failed', reason: 'already-paid' }],
    ['it was paid meanwhile', [ok(completed), stateFailure, ok(done)], { reason: 'already-paid' }],
    ['it was closed before', [ok(revoked)], { status: 'succeeded' }],
    [
      'it was closed meanwhile',
      [ok(completed), stateFailure, ok(revoked)],
      { status: 'succeeded' },
    ],
    [
      'it is being collected',
      [ok(completed), stateFailure, ok(completed)],
      { doubt: 'repeated-id' },
    ],
    ['nothing was captured', [ok(held)], { status: 'unknown', doubt: 'not-found' }],
  ] as const)('is closed, or not, where %s', async (_what, told, expected) => {
    const { gate, channel } = answering(...told);
    expect(await channel.close(captured)).toMatchObject(expected);
    const cancels = gate.targets().filter((target) => target.startsWith('POST'));
    expect(cancels).toHaveLength(told.length > 1 ? 1 : 0);
  });

  it('is given back by WeChat Pay’s number', async () => {
    const refund = {
      refund_id: '50000000382019052709732678859',
      out_refund_no: 'refund_1',
      transaction_id: detail.transaction_id,
      out_trade_no: '1000000000201912021121095610061',
      status: 'PROCESSING',
      amount: { total: 1000, refund: 300, currency: 'CNY' },
    } as const;
    const request = { payment: captured, merchantRefundId: 'refund_1', amount: cny(300) } as const;
    const looked = answering(ok(done), ok(refund));
    expect(await looked.channel.refund(request)).toMatchObject({ status: 'pending' });
    expect(looked.gate.heard[1]?.fields).toEqual({
      transaction_id: detail.transaction_id,
      out_refund_no: 'refund_1',
      notify_url: config.notifyUrl,
      amount: { refund: 300, total: 1000, currency: 'CNY' },
    });
    const payment = { ...captured, channelId: detail.transaction_id };
    const known = answering(ok(refund));
    await known.channel.refund({ ...request, payment });
    expect(known.gate.targets()).toEqual(['POST /v3/refund/domestic/refunds']);
    const other = answering(ok({ ...refund, transaction_id: '4200009' })).channel;
    expect(await other.refund({ ...request, payment })).toMatchObject({
      doubt: 'contradicts-request',
    });
    for (const told of [
      ok(completed),
      ok(held),
      ok({ ...done, collection: { state: 'USER_PAID' } }),
    ]) {
      const unpaid = answering(told);
      expect((await thrown(unpaid.channel.refund(request))).code).toBe('REFUSED');
      expect(unpaid.gate.targets()).toEqual([asked]);
    }
  });

  it('is not reversed', async () => {
    const gate = site(ok(done));
    const error = await thrown(gate.channel(config).reverse(captured));
    expect(error).toMatchObject({ code: 'UNSUPPORTED', field: 'handle' });
    expect(gate.targets()).toHaveLength(0);
  });

  it('is of no other channel', async () => {
    const { channel } = answering(ok(done));
    const strange = { ...captured, handle: 'w1|capture|x' };
    expect((await thrown(channel.query(strange))).field).toBe('handle');
  });
});

describe('cancelAuthorization', () => {
  const freeing = { authorization: hold, merchantCancelId: 'cancel_1' } as const;

  it('cancels the order, byte by byte', async () => {
    const { gate, channel } = answering(ok(held), ok({ ...order, state: undefined }));
    expect(await channel.cancelAuthorization(freeing)).toMatchObject({
      noun: 'cancellation',
      status: 'succeeded',
      effect: 'released',
      amount: cny(3000),
      evidence: 'signed',
    });
    const sent = gate.heard.map(({ method, target, request }) => [method, target, request.body]);
    expect(sent).toMatchSnapshot();
  });

  it.each([
    ['nobody agreed to', [ok(created), ok(revoked)], { status: 'succeeded', effect: 'closed' }],
    ['was cancelled before', [ok(revoked)], { status: 'succeeded', effect: 'closed' }],
    ['expired', [ok(expired)], { status: 'succeeded', effect: 'closed' }],
    ['was captured', [ok(completed)], { status: 'failed', reason: 'order-closed', retry: 'never' }],
    ['was captured and paid', [ok(done)], { status: 'failed', reason: 'order-closed' }],
    ['was captured meanwhile', [ok(held), stateFailure, ok(done)], { status: 'failed' }],
    ['was cancelled meanwhile', [ok(held), stateFailure, ok(revoked)], { effect: 'released' }],
    ['is busy', [ok(held), stateFailure, ok(held)], { status: 'unknown', doubt: 'repeated-id' }],
    [
      'answers about another',
      [ok(held), ok({ ...revoked, out_order_no: 'hold_2' })],
      { doubt: 'contradicts-request' },
    ],
    [
      'answers about another service',
      [ok(held), ok({ ...revoked, service_id: '1' })],
      { doubt: 'contradicts-request' },
    ],
    ['answers that it is held', [ok(held), ok(held)], { doubt: 'unreadable-reply' }],
    ['vanished', [ok(held), failure(404, 'ORDER_NOT_EXIST')], { doubt: 'not-found' }],
  ] as const)('of an order that %s', async (_what, told, expected) => {
    const { gate, channel } = answering(...told);
    expect(await channel.cancelAuthorization(freeing)).toMatchObject(expected);
    const cancels = gate.targets().filter((target) => target.startsWith('POST'));
    expect(cancels).toHaveLength(told.length > 1 ? 1 : 0);
  });

  it('remembers by the reference that the payer had agreed', async () => {
    const { channel } = answering(ok(revoked));
    const request = { ...freeing, authorization: granted };
    expect(await channel.cancelAuthorization(request)).toMatchObject({ effect: 'released' });
  });

  it('frees no part of a hold', async () => {
    const { gate, channel } = answering(ok(held), ok(revoked));
    const part = { ...freeing, amount: cny(1000) };
    expect((await thrown(channel.cancelAuthorization(part))).code).toBe('UNSUPPORTED');
    expect(gate.targets()).toHaveLength(0);
    const { amount: _none, ...untold } = hold;
    const error = await thrown(channel.cancelAuthorization({ ...part, authorization: untold }));
    expect([error.code, error.field]).toEqual(['UNSUPPORTED', 'amount.amount']);
    expect(gate.targets()).toEqual([asked]);
  });

  it('is refused where WeChat Pay knows no such order', async () => {
    const { channel } = answering(failure(404, 'ORDER_NOT_EXIST'));
    expect((await thrown(channel.cancelAuthorization(freeing))).code).toBe('REFUSED');
  });
});

describe('reverse of an authorization', () => {
  const reversing = (...told: readonly Told[]) => {
    const gate = site(...told);
    return { gate, reverse: gate.channel(config).reverse };
  };

  it.each([
    ['is held', [ok(held), ok(revoked)], { effect: 'released', amount: cny(3000) }],
    ['nobody agreed to', [ok(created), ok(revoked)], { effect: 'closed' }],
    ['was reversed before', [ok(revoked)], { effect: 'closed' }],
    [
      'may be on its way',
      [failure(404, 'ORDER_NOT_EXIST'), failure(404, 'ORDER_NOT_EXIST')],
      { status: 'unknown', doubt: 'not-found' },
    ],
    ['came meanwhile', [failure(404, 'ORDER_NOT_EXIST'), ok(revoked)], { effect: 'closed' }],
  ] as const)('of one that %s', async (_what, told, expected) => {
    const { gate, reverse } = reversing(...told);
    expect(await reverse(hold)).toMatchObject({ noun: 'cancellation', ...expected });
    expect(gate.targets()).toHaveLength(told.length);
  });

  it('is not offered without the pay score', async () => {
    const channel = site(ok(held)).channel({ ...keyConfig, codepay: true });
    expect((await thrown(channel.reverse(hold))).code).toBe('UNSUPPORTED');
  });
});

describe('what is pushed about a pay-score order', () => {
  const receive = (told: object, event: string, own: WechatPayConfig = config) =>
    createWechatPay(own, { clock }).receive(push(told, { event, kind: 'payscore' }), {
      receivedAt: now,
    });

  it('is an authorization once the payer agreed', async () => {
    const { facts } = await receive(held, 'PAYSCORE.USER_CONFIRM');
    expect(facts).toMatchObject([
      {
        noun: 'authorization',
        status: 'succeeded',
        amount: cny(3000),
        remaining: cny(3000),
        ref: { merchantId: 'hold_1', handle: granted.handle },
      },
    ]);
  });

  it('is the capture as well once it is paid', async () => {
    const { facts } = await receive(done, 'PAYSCORE.USER_PAID');
    expect(facts).toMatchObject([
      {
        noun: 'payment',
        status: 'succeeded',
        amount: cny(1000),
        ref: {
          merchantId: 'capture_1',
          channelId: detail.transaction_id,
          handle: captured.handle,
        },
      },
      { noun: 'authorization', status: 'succeeded', captured: cny(1000), released: cny(2000) },
    ]);
  });

  it('is of the order alone where it was completed elsewhere', async () => {
    const { facts } = await receive({ ...done, post_payments: [] }, 'PAYSCORE.USER_PAID');
    expect(facts.map(({ noun }) => noun)).toEqual(['authorization']);
  });

  it('is refused where it is of another service, merchant or product', async () => {
    const code = async (told: object, event: string, own?: WechatPayConfig) =>
      (await thrown(receive(told, event, own))).code;
    const event = 'PAYSCORE.USER_PAID';
    expect(await code({ ...done, service_id: '1' }, event)).toBe('NOTIFICATION_FOREIGN');
    expect(await code({ ...done, mchid: '1900000001' }, event)).toBe('NOTIFICATION_FOREIGN');
    expect(await code(done, event, keyConfig)).toBe('NOTIFICATION_UNVERIFIED');
    expect(await code(done, 'PAYSCORE.USER_OPEN_SERVICE')).toBe('NOTIFICATION_UNVERIFIED');
    expect(await code({ ...done, state: 'PAUSED' }, event)).toBe('NOTIFICATION_UNVERIFIED');
  });
});
