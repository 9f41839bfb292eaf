import type { Incoming } from '@polyrail/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWechatPay, type WechatPayConfig } from '../src/index.ts';
import {
  apiV3Key,
  appId,
  clock,
  cny,
  keyConfig,
  mchId,
  now,
  nowMs,
  push,
  sealOf,
  stranger,
  thrown,
  transaction,
} from './gateway.ts';

const receive = (message: Incoming, config: WechatPayConfig = keyConfig, receivedAt = now) =>
  createWechatPay(config, { clock }).receive(message, { receivedAt });
const refusal = async (message: Incoming, config?: WechatPayConfig, at?: string) =>
  (await thrown(receive(message, config, at))).code;
const seconds = (ms: number) => String(Math.floor(ms / 1000));

const refundTold = {
  mchid: mchId,
  out_trade_no: 'order_1',
  transaction_id: transaction.transaction_id,
  out_refund_no: 'refund_1',
  refund_id: '50000000382019052709732678859',
  refund_status: 'SUCCESS',
  success_time: '2026-11-22T10:49:24+08:00',
  user_received_account: '招商银行信用卡0403',
  amount: { total: 900, refund: 300, payer_total: 900, payer_refund: 300 },
} as const;
const bill = {
  out_bill_no: 'payout1',
  transfer_bill_no: '1330000071100999991182020050700019480001',
  state: 'SUCCESS',
  mch_id: mchId,
  transfer_amount: 2000,
  openid: 'oUpF8uMuAJO',
  create_time: '2026-11-22T10:00:00+08:00',
  update_time: '2026-11-22T10:49:00.120+08:00',
} as const;
const contract = {
  mchid: mchId,
  appid: appId,
  contract_id: '202611220001',
  plan_id: 12535,
  out_contract_code: 'contract1',
  contract_state: 'SIGNED',
  contract_expired_time: '2027-11-22T10:49:00+08:00',
} as const;

describe('a genuine notification', () => {
  it('is a payment with its facts', async () => {
    const notification = await receive(push(transaction));
    expect(notification).toMatchObject({
      eventId: '7f8fcdb2-573a-547a-901e-4c34f9761293',
      sentAt: '2026-11-22T02:49:24.000Z',
      receivedAt: now,
    });
    expect(notification.facts).toHaveLength(1);
    expect(notification.facts[0]).toMatchObject({
      noun: 'payment',
      status: 'succeeded',
      evidence: 'signed',
      amount: cny(900),
      payerAmount: cny(800),
      ref: { merchantId: 'order_1', channelId: transaction.transaction_id },
    });
  });

  it.each([
    ['SUCCESS', { status: 'succeeded', amount: cny(300), arrivedAt: '2026-11-22T02:49:24.000Z' }],
    ['ABNORMAL', { status: 'pending', waitingFor: 'merchant' }],
    ['CLOSED', { status: 'failed', retry: 'new-id' }],
  ])('is a refund that is %s', async (state, expected) => {
    const told = { ...refundTold, refund_status: state };
    const message = push(told, { event: `REFUND.${state}`, kind: 'refund' });
    const { facts } = await receive(message);
    expect(facts[0]).toMatchObject({
      noun: 'refund',
      ref: { merchantId: 'refund_1', channelId: refundTold.refund_id },
      ...expected,
    });
  });

  it.each([
    ['SUCCESS', {}, { status: 'succeeded', amount: cny(2000) }],
    ['FAIL', { fail_reason: 'NAME_NOT_CORRECT' }, { status: 'failed', reason: 'payee-invalid' }],
    ['CANCELLED', {}, { status: 'failed', reason: 'cancelled' }],
  ])('is a payout that is %s', async (state, more, expected) => {
    const message = push(
      { ...bill, state, ...more },
      { event: 'MCHTRANSFER.BILL.FINISHED', kind: 'mch_payment' },
    );
    const { facts } = await receive(message);
    expect(facts[0]).toMatchObject({ noun: 'payout', ref: { merchantId: 'payout1' }, ...expected });
  });

  it.each([
    ['ENTRUST.SIGN', 'SIGNED', 'active'],
    ['ENTRUST.TERMINATE', 'TERMINATED', 'ended'],
    ['PAPAY.SIGN', undefined, 'active'],
    ['PAPAY.TERMINATE', undefined, 'ended'],
  ])('is an agreement: %s', async (event, state, standing) => {
    const message = push({ ...contract, contract_state: state }, { event, kind: 'entrust' });
    const { facts } = await receive(message);
    expect(facts[0]).toMatchObject({
      noun: 'agreement',
      status: 'succeeded',
      standing,
      validUntil: '2027-11-22T02:49:00.000Z',
      ref: { merchantId: 'contract1', channelId: '202611220001', handle: 'w1|plan|12535' },
    });
  });

  it('tells of a deduction that failed', async () => {
    const told = { ...transaction, transaction_id: undefined, trade_state: 'PAY_FAIL' };
    const { facts } = await receive(push(told, { event: 'TRANSACTION.FAIL' }));
    expect(facts[0]).toMatchObject({ noun: 'payment', status: 'failed', retry: 'new-id' });
  });

  it('may leave out the type of its signature, and the data associated with its resource', async () => {
    const headers = { 'wechatpay-signature-type': undefined };
    expect((await receive(push(transaction, { headers }))).facts).toHaveLength(1);
    expect((await receive(push(transaction, { kind: '' }))).facts).toHaveLength(1);
  });

  it('opens whatever texts it carries', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (attach) => {
        const { facts } = await receive(push({ ...transaction, attach: `a ${attach}` }));
        expect(facts[0].status).toBe('succeeded');
      }),
      { numRuns: 20 },
    );
  });
});

describe('a notification that is none', () => {
  const genuine = push(transaction);
  const withBody = (change: (text: string) => string): Incoming => ({
    ...genuine,
    body: Buffer.from(change(Buffer.from(genuine.body).toString())),
  });

  it.each([
    ['re-serialized', withBody((text) => JSON.stringify(JSON.parse(text), null, 1))],
    ['with a byte behind it', withBody((text) => `${text} `)],
    ['with another event', withBody((text) => text.replace('SUCCESS', 'SUCCESs'))],
    ['signed by somebody else', push(transaction, { key: stranger.privateKey })],
    [
      'with a signature that is none',
      push(transaction, { headers: { 'wechatpay-signature': '%' } }),
    ],
    [
      'with another algorithm',
      push(transaction, { headers: { 'wechatpay-signature-type': 'WECHATPAY2-SM2-WITH-SM3' } }),
    ],
    ['with a longer nonce', push(transaction, { headers: { 'wechatpay-nonce': 'n0nce1' } })],
    ['without a nonce', push(transaction, { headers: { 'wechatpay-nonce': undefined } })],
    ['without a time', push(transaction, { headers: { 'wechatpay-timestamp': undefined } })],
    ['without a serial number', push(transaction, { headers: { 'wechatpay-serial': undefined } })],
    ['without a signature', push(transaction, { headers: { 'wechatpay-signature': undefined } })],
    ['of nothing', { headers: sealOf(Buffer.from('')), body: Buffer.from('') }],
    ['of XML', { headers: {}, body: Buffer.from('<xml></xml>') }],
    ['too long', { headers: {}, body: Buffer.alloc(65 * 1024) }],
  ])('is refused: %s', async (_what, message) => {
    expect(await refusal(message)).toBe('NOTIFICATION_UNVERIFIED');
  });

  it('is refused whatever bit of its body changes', async () => {
    const at = fc.nat(genuine.body.byteLength - 1);
    await fc.assert(
      fc.asyncProperty(at, fc.integer({ min: 0, max: 7 }), async (index, bit) => {
        const body = Uint8Array.from(genuine.body);
        body[index] = (body[index] ?? 0) ^ (1 << bit);
        expect(await refusal({ ...genuine, body })).toBe('NOTIFICATION_UNVERIFIED');
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    [-300, undefined],
    [-301, 'NOTIFICATION_STALE'],
    [300, undefined],
    [301, 'NOTIFICATION_STALE'],
    [-86_400, 'NOTIFICATION_STALE'],
  ])('%i seconds off is %s', async (offset, expected) => {
    const message = push(transaction, { timestamp: seconds(nowMs + offset * 1000) });
    const outcome = receive(message).then(
      () => undefined,
      (error: { code: string }) => error.code,
    );
    expect(await outcome).toBe(expected);
  });

  it('is judged by the moment it came in, and never fresh without a time', async () => {
    const old = push(transaction, { timestamp: seconds(nowMs - 3_600_000) });
    const { facts } = await receive(old, keyConfig, '2026-11-22T01:49:24.000Z');
    expect(facts[0].status).toBe('succeeded');
    for (const timestamp of ['x', '1e9', ' 1795315764', '-1']) {
      expect(await refusal(push(transaction, { timestamp }))).toBe('NOTIFICATION_STALE');
    }
  });

  it.each([
    ['another merchant', { mchid: '1900000001' }],
    ['another application', { appid: 'wxother' }],
    ['another service provider', { sp_mchid: '1900000001' }],
  ])('is foreign when it is for %s', async (_what, change) => {
    expect(await refusal(push({ ...transaction, ...change }))).toBe('NOTIFICATION_FOREIGN');
  });

  it('must say for whom it is', async () => {
    const { mchid: _none, ...nobody } = transaction;
    expect(await refusal(push(nobody))).toBe('NOTIFICATION_UNVERIFIED');
  });

  it('is refused where this package does not open its kind', async () => {
    const error = await thrown(receive(push(transaction, { event: 'PAYSCORE.USER_OPEN_SERVICE' })));
    expect(error.message).toMatch(/genuine.*PAYSCORE/);
    const combined = { ...transaction, combine_out_trade_no: 'c1' };
    expect(await refusal(push(combined))).toBe('NOTIFICATION_UNVERIFIED');
    expect(await refusal(push(transaction, { event: '__proto__' }))).toBe(
      'NOTIFICATION_UNVERIFIED',
    );
  });
});

/** Signed all over: what is wrong lies within. Whoever steals the platform's key opens nothing more. */
describe('a resource', () => {
  const cut = (text: string, bytes: number) =>
    Buffer.from(text, 'base64').subarray(0, -bytes).toString('base64');

  it.each([
    [
      'without its tag',
      (r: Record<string, string>) => ({ ...r, ciphertext: cut(r.ciphertext ?? '', 16) }),
    ],
    [
      'with half its tag',
      (r: Record<string, string>) => ({ ...r, ciphertext: cut(r.ciphertext ?? '', 8) }),
    ],
    [
      'associated with something else',
      (r: Record<string, string>) => ({ ...r, associated_data: 'refund' }),
    ],
    [
      'of another algorithm',
      (r: Record<string, string>) => ({ ...r, algorithm: 'AEAD_AES_128_GCM' }),
    ],
    ['of no algorithm', (r: Record<string, string>) => ({ ...r, algorithm: 'none' })],
    ['with another nonce', (r: Record<string, string>) => ({ ...r, nonce: 'pJzPEVj3TKtM' })],
    ['in the clear', () => ({ ...transaction })],
    ['that is no object', () => []],
  ])('is refused %s', async (_what, tamper) => {
    const error = await thrown(receive(push(transaction, { tamper })));
    expect(error.code).toBe('NOTIFICATION_UNVERIFIED');
  });

  it('is refused with a flipped amount and its tag stripped or zeroed', async () => {
    const plain = JSON.stringify(transaction);
    const at = plain.indexOf('"total":900') + 8;
    for (const tag of [Buffer.alloc(0), Buffer.alloc(16)]) {
      const tamper = (resource: Record<string, string>) => {
        const sealed = Buffer.from(resource.ciphertext ?? '', 'base64');
        sealed[at] = (sealed[at] ?? 0) ^ 0x39 ^ 0x31;
        const ciphertext = Buffer.concat([sealed.subarray(0, -16), tag]).toString('base64');
        return { ...resource, ciphertext };
      };
      expect(await refusal(push(transaction, { tamper }))).toBe('NOTIFICATION_UNVERIFIED');
    }
  });

  it('is refused with a nonce that is not twelve bytes, though it would decrypt', async () => {
    for (const nonce of ['0123456789abcdef', '0123456789a', '茶茶茶茶茶']) {
      expect(await refusal(push(transaction, { nonce }))).toBe('NOTIFICATION_UNVERIFIED');
    }
  });

  it('is refused under another APIv3 key', async () => {
    const resourceKey = apiV3Key.toUpperCase();
    expect(await refusal(push(transaction, { resourceKey }))).toBe('NOTIFICATION_UNVERIFIED');
  });
});

describe('an acknowledgement', () => {
  it('says what was made of it', async () => {
    const channel = createWechatPay(keyConfig, { clock });
    const notification = await channel.receive(push(transaction), { receivedAt: now });
    const told = [{ stored: notification }, { refused: 'x' }, { again: 'x' }].map((verdict) => {
      const { status, body } = channel.acknowledge(verdict);
      return [status, JSON.parse(Buffer.from(body).toString()).code];
    });
    expect(told).toEqual([
      [200, 'SUCCESS'],
      [400, 'FAIL'],
      [500, 'FAIL'],
    ]);
  });
});
