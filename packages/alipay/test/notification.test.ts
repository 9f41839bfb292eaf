import { readFileSync } from 'node:fs';
import type { Incoming } from '@polyrail/core';
import { encodeText } from '@polyrail/kit/charset';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AlipayConfig, createAlipay, readAttachment } from '../src/index.ts';
import {
  appId,
  certificateConfig,
  clock,
  cny,
  keyConfig,
  merchant,
  notificationFields,
  now,
  nowMs,
  platform,
  push,
  sellerId,
  stranger,
  thrown,
  trade,
} from './gateway.ts';

const receive = (message: Incoming, config: AlipayConfig = keyConfig, receivedAt = now) =>
  createAlipay(config, { clock }).receive(message, { receivedAt });
const refusal = async (message: Incoming, config: AlipayConfig = keyConfig) =>
  (await thrown(receive(message, config))).code;
const { sellerId: _seller, ...anySeller } = keyConfig;

describe('a genuine notification', () => {
  it('is a payment with its facts', async () => {
    const notification = await receive(push());
    expect(notification).toMatchObject({
      eventId: notificationFields.notify_id,
      sentAt: '2026-11-22T02:49:21.000Z',
      receivedAt: now,
    });
    expect(notification.facts).toHaveLength(1);
    expect(notification.facts[0]).toMatchObject({
      noun: 'payment',
      status: 'succeeded',
      evidence: 'signed',
      amount: cny(900),
      receivedAmount: cny(900),
      paidAt: '2026-11-22T02:49:20.000Z',
      payer: { id: '2088000000000009' },
      ref: { merchantId: 'order_1', channelId: trade.trade_no },
    });
  });

  it('opens in certificate mode, and with the other algorithm where that is configured', async () => {
    expect((await receive(push(), { ...certificateConfig, sellerId })).facts).toHaveLength(1);
    const rsa = { ...keyConfig, signType: 'RSA' } as const;
    expect((await receive(push({}, { signType: 'RSA' }), rsa)).facts).toHaveLength(1);
  });

  it.each(['GBK', 'gb2312'])('opens in %s', async (charset) => {
    const encode = (text: string) => encodeText(text, 'gbk');
    const { facts } = await receive(push({ charset }, { encode }));
    expect((facts[0].raw as { subject: string }).subject).toBe('A cup of tea 茶 50% & more');
  });

  it('opens whatever texts it carries, decoded exactly once', async () => {
    const text = fc.string({
      unit: fc.constantFrom('%', '+', '&', '=', ' ', '2', '5', '茶', '"', ';'),
    });
    await fc.assert(
      fc.asyncProperty(text, text, async (subject, body) => {
        const { facts } = await receive(push({ subject, body, own_parameter: '1' }));
        const raw = facts[0].raw as Record<string, string>;
        expect(raw.subject).toBe(subject);
        expect(raw.body).toBe(body);
      }),
      { numRuns: 50 },
    );
  });

  it('may name a certificate, signed or not; unsigned it is dropped', async () => {
    const inside = await receive(push({ alipay_cert_sn: 'a'.repeat(32) }));
    expect(inside.facts[0].raw).toHaveProperty('alipay_cert_sn');
    const tamper = (body: string) => `${body}&alipay_cert_sn=${'b'.repeat(32)}`;
    const outside = await receive(push({}, { tamper }));
    expect(outside.facts[0].raw).not.toHaveProperty('alipay_cert_sn');
  });

  it('gives an attachment back as it was passed', async () => {
    const { facts } = await receive(push({ passback_params: encodeURIComponent('a=1&茶') }));
    const { passback_params: passed } = facts[0].raw as { passback_params: string };
    expect(readAttachment(passed)).toBe('a=1&茶');
  });

  it('may leave out what Alipay does not always send', async () => {
    const { facts } = await receive(push({ seller_id: undefined, auth_app_id: undefined }));
    expect(facts[0].status).toBe('succeeded');
  });
});

describe('what a trade notification tells', () => {
  const factsOf = async (changes: Record<string, string | undefined>) =>
    (await receive(push(changes))).facts;
  const unpaid = { gmt_payment: undefined, receipt_amount: undefined };

  it.each([
    ['an order', { trade_status: 'WAIT_BUYER_PAY', ...unpaid }, { status: 'pending' }],
    ['a payment past refunds', { trade_status: 'TRADE_FINISHED' }, { status: 'succeeded' }],
    [
      'an order that ended unpaid',
      { trade_status: 'TRADE_CLOSED', refund_fee: '0.00', ...unpaid },
      { status: 'failed', reason: 'order-closed', retry: 'new-id', amount: cny(900) },
    ],
    [
      'a payment that was cancelled',
      { trade_status: 'TRADE_CLOSED', notify_action_type: 'reverseAction' },
      { status: 'succeeded', undone: { by: 'cancel', amount: cny(900) } },
    ],
    [
      'zeros for no refund',
      { trade_status: 'TRADE_FINISHED', refund_fee: '0.00', out_biz_no: 'x' },
      { status: 'succeeded' },
    ],
  ])('%s', async (_what, changes, expected) => {
    const facts = await factsOf(changes);
    expect(facts).toHaveLength(1);
    expect(facts[0]).toMatchObject(expected);
    expect('undone' in facts[0]).toBe('undone' in expected);
  });

  it.each([
    ['in part', 'TRADE_SUCCESS', '3.00', 300],
    ['in full', 'TRADE_CLOSED', '9.00', 900],
  ])(
    'a refund %s: a payment still, and the refund to be asked about',
    async (_w, status, sum, amount) => {
      const facts = await factsOf({
        trade_status: status,
        refund_fee: sum,
        out_biz_no: 'refund_1',
        gmt_refund: '2026-11-22 10:49:21.123',
      });
      expect(facts).toHaveLength(2);
      expect(facts[0]).toMatchObject({
        noun: 'payment',
        status: 'succeeded',
        undone: { by: 'refund', amount: cny(amount) },
      });
      // The sum is that of all refunds: of this one the message tells no amount, nor do we.
      expect(facts[1]).toMatchObject({
        noun: 'refund',
        status: 'pending',
        ref: { merchantId: 'refund_1', handle: 'a1|order_1' },
      });
      expect(facts[1]).not.toHaveProperty('amount');
    },
  );
});

describe('a notification is refused', () => {
  it.each([
    ['without a signature', push({}, { tamper: (body) => body.replace(/&sign=.*/, '') })],
    ['with an empty signature', push({}, { tamper: (body) => body.replace(/&sign=.*/, '&sign=') })],
    ['without a sign_type', push({}, { tamper: (body) => body.replace('sign_type=RSA2&', '') })],
    ["with a stranger's signature", push({}, { key: stranger.privateKey })],
    ["with the merchant's own signature", push({}, { key: merchant.privateKey })],
    ['with the weaker algorithm it chose itself', push({}, { signType: 'RSA' })],
    ['with the weaker algorithm under the name of the stronger', push({}, { hash: 'sha1' })],
    ['with an algorithm nobody knows', push({}, { signType: 'SM2' as never })],
    ['with another amount', push({}, { tamper: (body) => body.replaceAll('9.00', '0.01') })],
    ['with one more field', push({}, { tamper: (body) => `${body}&trade_status2=x` })],
    ['with a field twice', push({}, { tamper: (body) => `${body}&trade_status=TRADE_SUCCESS` })],
    [
      'with a field twice, once escaped',
      push({}, { tamper: (body) => `trade%5Fstatus=TRADE_CLOSED&${body}` }),
    ],
    ['with two signatures', push({}, { tamper: (body) => `${body}&sign=AAAA` })],
    ['decoded before it was passed on', push({}, { tamper: decodeURIComponent })],
    ['without a charset', push({ charset: undefined })],
    ['in a charset that Alipay does not use', push({ charset: 'utf-16' })],
    ['with broken bytes', push({}, { tamper: (body) => `${body}&x=%FF%FE` })],
    ['with broken escapes', push({}, { tamper: (body) => `${body}&x=%zz` })],
    ['of another version', push({ version: '2.0' })],
    ['of another type', push({ notify_type: 'dut_user_sign' })],
    ['without an id', push({ notify_id: undefined })],
    ['without an order', push({ out_trade_no: undefined })],
    ['with a state nobody knows', push({ trade_status: 'TRADE_MAYBE' })],
    ['with an amount that is none', push({ total_amount: '9,00' })],
    ['without a time', push({ notify_time: undefined })],
    ['with a time that is none', push({ notify_time: '2026-02-30 00:00:00' })],
    ['over the cap', push({ body: 'x'.repeat(64 * 1024) })],
    ['with too many fields', push({}, { tamper: (body) => `${body}${'&a=1'.repeat(300)}` })],
    ['as JSON', { headers: {}, body: Buffer.from('{"trade_status":"TRADE_SUCCESS"}') }],
    ['empty', { headers: {}, body: Buffer.alloc(0) }],
  ])('%s', async (_what, message) => {
    expect(await refusal(message)).toBe('NOTIFICATION_UNVERIFIED');
  });

  it.each([
    ['app_id', { app_id: '2021000000000002' }],
    ['auth_app_id', { auth_app_id: '2021000000000002' }],
    ['seller_id', { seller_id: '2088000000000002' }],
  ])('for another %s', async (field, changes) => {
    const error = await thrown(receive(push(changes)));
    expect(error).toMatchObject({ code: 'NOTIFICATION_FOREIGN', field });
  });

  it('in either reading of a text that could be two payments', async () => {
    const rest = { trade_status: 'TRADE_SUCCESS', version: '1.0' };
    const dear = { total_amount: '900.00', trade_no: trade.trade_no, ...rest };
    const cheap = { total_amount: '9.00', trade_no: trade.trade_no, ...rest };
    const joined = (fields: object) =>
      Object.entries(fields)
        .map(([name, value]) => `&${name}=${value}`)
        .join('');
    // The payer wrote the subject of a cheap order; both readings carry one signature.
    const genuine = push({ ...cheap, subject: `x${joined(dear)}&z=` });
    const otherwise = push({ ...dear, subject: 'x', z: joined(cheap) });
    const signOf = ({ body }: Incoming) => /&sign=.*/.exec(Buffer.from(body).toString())?.[0];
    expect(signOf(otherwise)).toBe(signOf(genuine));
    expect(await refusal(genuine)).toBe('NOTIFICATION_UNVERIFIED');
    expect(await refusal(otherwise)).toBe('NOTIFICATION_UNVERIFIED');
  });

  it('is not foreign before it is genuine', async () => {
    const forged = push({ app_id: '2021000000000002' }, { key: stranger.privateKey });
    expect(await refusal(forged)).toBe('NOTIFICATION_UNVERIFIED');
  });

  it('for another seller only where the seller is configured', async () => {
    const message = push({ seller_id: '2088000000000002' });
    expect((await receive(message, anySeller)).facts).toHaveLength(1);
  });

  const hours = (count: number) => new Date(nowMs + count * 3_600_000).toISOString();
  it.each([
    ['at the end of the ladder', 24.4, undefined],
    ['in the slow inbox of a ladder', 25.9, undefined],
    ['a day and two hours later', 26.1, 'NOTIFICATION_STALE'],
    ['some minutes early, by a clock that is slow', -0.15, undefined],
    ['before it was sent', -0.2, 'NOTIFICATION_STALE'],
  ])('by its age: %s', async (_what, age, code) => {
    const work = receive(push(), keyConfig, hours(age));
    if (code === undefined) expect((await work).facts).toHaveLength(1);
    else expect((await thrown(work)).code).toBe(code);
  });

  it('by the age that is configured', async () => {
    const config = { ...keyConfig, notificationMaxAgeMs: 48 * 3_600_000 };
    expect((await receive(push(), config, hours(47))).facts).toHaveLength(1);
  });
});

describe('a real notification of another client', () => {
  const { vectors } = JSON.parse(
    readFileSync(new URL('./vectors/alipay.json', import.meta.url), 'utf8'),
  ) as { vectors: { id: string; params: string; publicKeyPem: string }[] };
  const vector = vectors.find(({ id }) => id === 'node-notify-trade-success')!;
  const params = (
    typeof vector.params === 'string' ? JSON.parse(vector.params) : vector.params
  ) as Record<string, string>;
  const body = Buffer.from(new URLSearchParams(params).toString());
  const config = {
    appId: params.app_id ?? '',
    sellerId: params.seller_id ?? '',
    merchantKey: keyConfig.merchantKey,
    platformKey: vector.publicKeyPem,
  };

  it('opens', async () => {
    const message = { headers: {}, body };
    const { facts } = await receive(message, config, '2019-08-15T07:56:30.000Z');
    expect(facts[0]).toMatchObject({ status: 'succeeded', amount: cny(10) });
  });

  it('is foreign to another application', async () => {
    const message = { headers: {}, body };
    const error = await thrown(receive(message, { ...config, appId }, '2019-08-15T07:56:30.000Z'));
    expect(error.code).toBe('NOTIFICATION_FOREIGN');
  });
});

describe('acknowledge', () => {
  it('says exactly success for what is stored, and nothing like it otherwise', async () => {
    const channel = createAlipay(keyConfig, { clock });
    const stored = await channel.receive(push(), { receivedAt: now });
    const said = channel.acknowledge({ stored });
    expect(said.status).toBe(200);
    expect([...said.body]).toEqual([...Buffer.from('success')]);
    for (const verdict of [{ refused: 'forged' }, { again: 'later' }]) {
      expect(Buffer.from(channel.acknowledge(verdict).body).toString()).toBe('fail');
    }
    const forged = { ...stored };
    await expect(thrown(() => channel.acknowledge({ stored: forged }))).resolves.toMatchObject({
      code: 'REQUEST_INVALID',
    });
  });
});

it('keeps its fixtures honest: the helper signs with the platform key', () => {
  expect(platform.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
});
