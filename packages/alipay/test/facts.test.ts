import { createCipheriv, randomBytes } from 'node:crypto';
import { type Incoming, type Ref, secret } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import { type AlipayConfig, createAlipay } from '../src/index.ts';
import {
  appId,
  clock,
  cny,
  gateway,
  keyConfig,
  now,
  nowMs,
  push,
  sellerId,
  signText,
  stranger,
  success,
  thrown,
  trade,
} from './gateway.ts';

type Fields = Readonly<Record<string, string | undefined>>;

/** A push with these fields and no others. `inside`: whether `sign_type` is signed as well. */
function pushOf(told: Fields, { inside = false, key = undefined as never } = {}): Incoming {
  const given = Object.entries(told).filter((entry): entry is [string, string] =>
    Boolean(entry[1]),
  );
  const fields = [...given, ['sign_type', 'RSA2'] as const];
  const text = fields
    .filter(([name]) => inside || name !== 'sign_type')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const pairs = [...fields, ['sign', signText(text, key)] as const];
  const body = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return { headers: {}, body: Buffer.from(body) };
}

const receive = (message: Incoming, config: AlipayConfig = keyConfig) =>
  createAlipay(config, { clock }).receive(message, { receivedAt: now });
const factsOf = async (message: Incoming) => (await receive(message)).facts;
const refusal = async (message: Incoming, config: AlipayConfig = keyConfig) =>
  (await thrown(receive(message, config))).code;

const notice = {
  app_id: appId,
  auth_app_id: appId,
  charset: 'utf-8',
  notify_id: '2026112200222104920000000000000001',
  notify_time: '2026-11-22 10:49:21',
  version: '1.0',
};
const hold = {
  ...notice,
  auth_no: '2026112210002001700000000001',
  out_order_no: 'order_1',
  out_request_no: 'order_1',
  operation_id: '20261122000000000001',
  amount: '9.00',
  status: 'SUCCESS',
  payee_user_id: sellerId,
  total_freeze_amount: '9.00',
  total_unfreeze_amount: '0.00',
  total_pay_amount: '0.00',
  rest_amount: '9.00',
};
const frozen = { ...hold, notify_type: 'fund_auth_freeze', operation_type: 'FREEZE' };
const freed = {
  ...hold,
  notify_type: 'fund_auth_unfreeze',
  operation_type: 'UNFREEZE',
  out_request_no: 'cancel_1',
  amount: '3.00',
  total_unfreeze_amount: '3.00',
  total_pay_amount: '2.00',
  rest_amount: '4.00',
};
const undone = { ...hold, notify_type: 'fund_auth_operation_cancel', operation_type: 'FREEZE' };
const signed = {
  ...notice,
  notify_type: 'dut_user_sign',
  agreement_no: '20265522000001234567',
  external_agreement_no: 'agreement1',
  status: 'NORMAL',
  personal_product_code: 'CYCLE_PAY_AUTH_P',
  sign_scene: 'INDUSTRY|DIGITAL_MEDIA',
  alipay_user_id: '2088722003899169',
  alipay_logon_id: 'ali***@mail.com',
  login_token: 'never to be seen',
  valid_time: '2026-11-22 10:49:00',
  invalid_time: '2115-02-01 00:00:00',
};

describe('pushes about authorizations', () => {
  it('tell that money is frozen', async () => {
    const facts = await factsOf(pushOf(frozen));
    expect(facts).toHaveLength(1);
    expect(facts[0]).toMatchObject({
      noun: 'authorization',
      status: 'succeeded',
      evidence: 'signed',
      amount: cny(900),
      remaining: cny(900),
      captured: cny(0),
      ref: { merchantId: 'order_1', channelId: hold.auth_no },
    });
  });

  it.each([
    ['fund_auth_freeze.init', 'INIT', { status: 'pending', waitingFor: 'payer' }],
    ['fund_auth_freeze.closed', 'CLOSED', { status: 'failed', reason: 'order-closed' }],
  ])('%s: %s', async (kind, status, expected) => {
    const [fact] = await factsOf(pushOf({ ...frozen, notify_type: kind, status }));
    expect(fact).toMatchObject({ noun: 'authorization', amount: cny(900), ...expected });
  });

  it('tell that a part was given free, and what that leaves', async () => {
    expect(await factsOf(pushOf(freed))).toMatchObject([
      {
        noun: 'cancellation',
        status: 'succeeded',
        effect: 'released',
        amount: cny(300),
        ref: { merchantId: 'cancel_1', handle: 'a1|release|order_1' },
      },
      {
        noun: 'authorization',
        status: 'succeeded',
        amount: cny(900),
        captured: cny(200),
        released: cny(300),
        remaining: cny(400),
        ref: { merchantId: 'order_1' },
      },
    ]);
    expect(await factsOf(pushOf({ ...freed, total_freeze_amount: undefined }))).toHaveLength(1);
  });

  it.each([
    ['close', { status: 'failed', reason: 'cancelled' }, 'closed'],
    ['unfreeze', { status: 'succeeded', amount: cny(900) }, 'released'],
  ])('tell that one was undone: %s', async (action, expected, effect) => {
    expect(await factsOf(pushOf({ ...undone, action }))).toMatchObject([
      { noun: 'authorization', ...expected, ref: { merchantId: 'order_1' } },
      {
        noun: 'cancellation',
        status: 'succeeded',
        effect,
        ref: { merchantId: 'order_1', handle: 'a1|undo|order_1' },
      },
    ]);
  });

  it('give references that the verbs take', async () => {
    const [fact] = await factsOf(pushOf(freed));
    const site = gateway(() => success({ ...freed, operation_type: 'UNFREEZE' }));
    const asked = await site.channel().queryCancellation(fact.ref as Ref<'cancellation'>);
    expect(asked).toMatchObject({ status: 'succeeded', effect: 'released', amount: cny(300) });
  });
});

describe('pushes about agreements', () => {
  it('tell who signed, with a reference to charge by', async () => {
    const [fact] = await factsOf(pushOf(signed));
    expect(fact).toMatchObject({
      noun: 'agreement',
      status: 'succeeded',
      standing: 'active',
      instrument: 'ali***@mail.com',
      ref: {
        merchantId: 'agreement1',
        channelId: signed.agreement_no,
        handle: 'a1|sign|CYCLE_PAY_AUTH_P|INDUSTRY%7CDIGITAL_MEDIA',
      },
    });
    expect(fact).not.toHaveProperty('validUntil');
    expect(JSON.stringify(fact)).not.toContain('never to be seen');
    const paid = { ...trade, total_amount: '9.00', gmt_payment: '2026-11-22 10:49:23' };
    const site = gateway(() => success(paid));
    await site.channel().pay({
      scene: 'agreement',
      agreement: fact.ref as Ref<'agreement'>,
      merchantPaymentId: 'order_1',
      amount: cny(900),
      description: 'Tea',
    });
    expect(site.heard).toHaveLength(1);
    expect(site.heard[0]?.content).toMatchObject({
      product_code: 'CYCLE_PAY_AUTH',
      agreement_params: { agreement_no: signed.agreement_no },
    });
  });

  it('tell who signed off', async () => {
    const { valid_time: _from, invalid_time: _until, ...ended } = signed;
    const told = { ...ended, notify_type: 'dut_user_unsign', status: 'UNSIGN' };
    const [fact] = await factsOf(pushOf({ ...told, unsign_time: '2026-11-22 10:49:20' }));
    expect(fact).toMatchObject({ noun: 'agreement', status: 'succeeded', standing: 'ended' });
  });
});

describe('pushes about deductions and captures', () => {
  it('are about the payment they made', async () => {
    const more = { agreement_no: 'x', external_agreement_no: 'agreement1', auth_no: 'y' };
    const { facts } = await receive(push(more));
    expect(facts).toMatchObject([{ noun: 'payment', status: 'succeeded', amount: cny(900) }]);
  });
});

const message = (method: string, content: object | string, more: Fields = {}) => ({
  notify_id: 'm1',
  utc_timestamp: String(nowMs - 2000),
  msg_method: method,
  app_id: appId,
  charset: 'utf-8',
  version: '1.1',
  biz_content: typeof content === 'string' ? content : JSON.stringify(content),
  ...more,
});
const depositBack = 'alipay.trade.refund.depositback.completed';
const returned = {
  trade_no: trade.trade_no,
  out_trade_no: 'order_1',
  out_request_no: 'refund_1',
  dback_status: 'S',
  dback_amount: '3.00',
  bank_ack_time: '2026-11-22 10:40:00',
};
const changed = 'alipay.fund.trans.order.changed';
const moved = {
  out_biz_no: 'payout_1',
  order_id: '20261122110070000002150000683137',
  product_code: 'TRANS_ACCOUNT_NO_PWD',
  biz_scene: 'DIRECT_TRANSFER',
  status: 'SUCCESS',
  trans_amount: '123.45',
  pay_date: '2026-11-22 10:49:00',
};
const inside = { inside: true };

describe('messages', () => {
  it('tell a refund that its bank took, of which the query knows the amount', async () => {
    const notification = await receive(pushOf(message(depositBack, returned), inside));
    expect(notification).toMatchObject({ eventId: 'm1', sentAt: '2026-11-22T02:49:22.000Z' });
    expect(notification.facts).toMatchObject([
      {
        noun: 'refund',
        status: 'pending',
        pollAfterMs: 0,
        arrivedAt: '2026-11-22T02:40:00.000Z',
        raw: { dback_amount: '3.00' },
        ref: { merchantId: 'refund_1', handle: 'a1|order_1' },
      },
    ]);
    expect(notification.facts[0]).not.toHaveProperty('amount');
    const failed = message(depositBack, { ...returned, dback_status: 'F' });
    expect((await factsOf(pushOf(failed, inside)))[0]).not.toHaveProperty('arrivedAt');
  });

  it('tell a transfer that changed', async () => {
    expect(await factsOf(pushOf(message(changed, moved), inside))).toMatchObject([
      {
        noun: 'payout',
        status: 'succeeded',
        amount: cny(12_345),
        arrivedAt: '2026-11-22T02:49:00.000Z',
        ref: {
          merchantId: 'payout_1',
          channelId: moved.order_id,
          handle: 'a1|out|TRANS_ACCOUNT_NO_PWD|DIRECT_TRANSFER',
        },
      },
    ]);
  });

  it.each([
    [
      { status: 'FAIL', error_code: 'PAYEE_NOT_EXIST' },
      { status: 'failed', reason: 'payee-invalid' },
    ],
    [
      { status: 'REFUND' },
      { status: 'succeeded', returned: { at: '2026-11-22T02:49:22.000Z', reason: 'other' } },
    ],
    [{ status: 'DEALING' }, { status: 'pending', waitingFor: 'channel' }],
    // Nobody says which members there are: what is not told is asked for.
    [{ trans_amount: undefined }, { status: 'pending', pollAfterMs: 0 }],
    [
      { status: 'REFUND', trans_amount: undefined },
      { status: 'pending', pollAfterMs: 0 },
    ],
    [{ product_code: undefined }, { status: 'succeeded' }],
    [{ order_id: undefined, pay_date: undefined }, { status: 'succeeded' }],
  ])('read %j as far as they tell', async (change, expected) => {
    const [fact] = await factsOf(pushOf(message(changed, { ...moved, ...change }), inside));
    expect(fact).toMatchObject({ noun: 'payout', ...expected });
  });

  it('may be encrypted', async () => {
    const key = randomBytes(16);
    const cipher = createCipheriv('aes-128-cbc', key, Buffer.alloc(16));
    const hidden = Buffer.concat([cipher.update(JSON.stringify(moved)), cipher.final()]);
    const told = message(changed, hidden.toString('base64'), { encrypt_type: 'AES' });
    const config = { ...keyConfig, encryptionKey: secret(key.toString('base64')) };
    const { facts } = await receive(pushOf(told, inside), config);
    expect(facts[0]).toMatchObject({ noun: 'payout', amount: cny(12_345) });
    expect(await refusal(pushOf(told, inside))).toBe('NOTIFICATION_UNVERIFIED');
    const other = { ...keyConfig, encryptionKey: secret(randomBytes(16).toString('base64')) };
    expect(await refusal(pushOf(told, inside), other)).toBe('NOTIFICATION_UNVERIFIED');
  });

  it('are acknowledged like all others', async () => {
    const channel = createAlipay(keyConfig, { clock });
    const stored = await channel.receive(pushOf(message(changed, moved), inside), {
      receivedAt: now,
    });
    expect(Buffer.from(channel.acknowledge({ stored }).body).toString()).toBe('success');
  });
});

describe('a push is refused', () => {
  it.each([
    ['a hold signed with its sign_type', pushOf(frozen, inside)],
    ['a message signed without its sign_type', pushOf(message(changed, moved))],
    ['a hold by a stranger', pushOf(frozen, { key: stranger.privateKey as never })],
    [
      'a message by a stranger',
      pushOf(message(changed, moved), { inside: true, key: stranger.privateKey as never }),
    ],
    ['of no kind', pushOf({ ...frozen, notify_type: undefined })],
    ['of a kind nobody knows', pushOf({ ...frozen, notify_type: 'fund_auth_other' })],
    ['of a kind of every object', pushOf({ ...frozen, notify_type: 'constructor' })],
    ['a message of a kind nobody knows', pushOf(message('alipay.open.other', {}), inside)],
    ['a message of a kind of every object', pushOf(message('toString', {}), inside)],
    ['a message as a notification', pushOf({ ...frozen, msg_method: changed }, inside)],
    ['of another version', pushOf({ ...frozen, version: '1.1' })],
    ['a message of another version', pushOf(message(changed, moved, { version: '2.0' }), inside)],
    ['a message without a time', pushOf(message(changed, moved, { utc_timestamp: '' }), inside)],
    [
      'a message of wall time',
      pushOf(message(changed, moved, { utc_timestamp: notice.notify_time }), inside),
    ],
    ['without an id', pushOf({ ...frozen, notify_id: undefined })],
    ['a hold without an order', pushOf({ ...frozen, out_order_no: undefined })],
    ['a hold without an amount', pushOf({ ...frozen, amount: undefined })],
    ['a hold of nothing', pushOf({ ...frozen, amount: '0.00' })],
    ['a hold in a state nobody knows', pushOf({ ...frozen, status: 'MAYBE' })],
    ['a hold that is a release', pushOf({ ...frozen, operation_type: 'UNFREEZE' })],
    ['a release that is a hold', pushOf({ ...freed, operation_type: 'FREEZE' })],
    ['a release that did not happen', pushOf({ ...freed, status: 'INIT' })],
    ['an undoing without an action', pushOf(undone)],
    ['an undoing with an action nobody knows', pushOf({ ...undone, action: 'x' })],
    [
      'an agreement without the merchant’s id',
      pushOf({ ...signed, external_agreement_no: undefined }),
    ],
    ['an agreement without its number', pushOf({ ...signed, agreement_no: undefined })],
    ['an agreement in a state nobody knows', pushOf({ ...signed, status: 'ODD' })],
    ['a message that is no JSON', pushOf(message(changed, 'status=SUCCESS'), inside)],
    ['a message that is a list', pushOf(message(changed, '[]'), inside)],
    [
      'a message that says a thing twice',
      pushOf(message(changed, '{"status":"FAIL","status":"SUCCESS","out_biz_no":"p"}'), inside),
    ],
    ['a message of nothing', pushOf(message(changed, ''), inside)],
    ['a transfer without an id', pushOf(message(changed, { ...moved, out_biz_no: '' }), inside)],
    [
      'a transfer in a state nobody knows',
      pushOf(message(changed, { ...moved, status: 'X' }), inside),
    ],
    [
      'a refund in a state nobody knows',
      pushOf(message(depositBack, { ...returned, dback_status: 'P' }), inside),
    ],
    [
      'a refund of no trade',
      pushOf(message(depositBack, { ...returned, out_trade_no: '' }), inside),
    ],
  ])('%s', async (_what, told) => {
    expect(await refusal(told)).toBe('NOTIFICATION_UNVERIFIED');
  });

  it.each([
    ['app_id', pushOf({ ...frozen, app_id: '2021000000000002' })],
    ['auth_app_id', pushOf({ ...signed, auth_app_id: '2021000000000002' })],
    ['payee_user_id', pushOf({ ...frozen, payee_user_id: '2088000000000002' })],
    ['app_id', pushOf(message(changed, moved, { app_id: '2021000000000002' }), inside)],
  ])('for another %s', async (field, told) => {
    expect(await thrown(receive(told))).toMatchObject({ code: 'NOTIFICATION_FOREIGN', field });
  });

  it.each([
    ['a hold', pushOf({ ...frozen, notify_time: '2026-11-20 10:49:21' })],
    [
      'a message',
      pushOf(message(changed, moved, { utc_timestamp: String(nowMs - 27 * 3_600_000) }), inside),
    ],
    [
      'a message ahead of us',
      pushOf(message(changed, moved, { utc_timestamp: String(nowMs + 11 * 60_000) }), inside),
    ],
  ])('when it is old: %s', async (what, told) => {
    const error = await thrown(receive(told));
    expect(error.code).toBe('NOTIFICATION_STALE');
    expect(error.field).toBe(what === 'a hold' ? 'notify_time' : 'utc_timestamp');
  });
});
