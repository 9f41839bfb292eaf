import { inspect } from 'node:util';
import { type Channel, PolyrailError, type Ref, secret } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import { createAlipay } from '../src/index.ts';
import {
  appId,
  certificates,
  clock,
  cny,
  failure,
  gateway,
  keyConfig,
  now,
  success,
  thrown,
} from './gateway.ts';

const silence = () => new PolyrailError('UNAVAILABLE', 'silence', { doubt: 'no-reply' });
const config = { appId, merchantKey: keyConfig.merchantKey, certificates };
/** A channel that pays out, on a gateway that answers so. */
function site(answer: object | Error) {
  const made = gateway(() => answer);
  return { ...made, channel: createAlipay(config, { transport: made.transport, clock }) };
}

const request = {
  merchantPayoutId: 'payout_1',
  amount: cny(12_345),
  purpose: 'Wages of November',
  payee: { kind: 'wallet', id: '2088722003899169' },
} as const;
const handle = 'a1|out|TRANS_ACCOUNT_NO_PWD|DIRECT_TRANSFER';
const payout: Ref<'payout'> = {
  noun: 'payout',
  merchantId: 'payout_1',
  amount: request.amount,
  startedAt: now,
  handle,
};
const moved = {
  out_biz_no: 'payout_1',
  order_id: '20261122110070000002150000683137',
  pay_fund_order_id: '20261122110070001502150000685481',
  status: 'SUCCESS',
  trans_date: '2026-11-22 10:49:23',
};
const { trans_date: _date, ...rest } = moved;
const found = { ...rest, trans_amount: '123.45', pay_date: '2026-11-22 10:49:23' };

const named = async (work: Promise<{ status: string }>) => {
  const { status, ...told } = (await work) as Record<string, string>;
  return [status, told.doubt ?? told.reason].filter(Boolean).join('/');
};

describe('payouts', () => {
  it('are there with certificates, and only there', () => {
    const channel: Channel = createAlipay(keyConfig, { clock });
    expect(channel.payout).toBeUndefined();
    expect(channel.queryPayout).toBeUndefined();
    expect(channel.capabilities.merchantPayoutId).toBeUndefined();
    const { channel: payer } = site(success(moved));
    expect(payer.payout).toBeTypeOf('function');
    expect(payer.capabilities.merchantPayoutId).toEqual({
      pattern: '[A-Za-z0-9_]{1,64}',
      maxLength: 64,
    });
  });
});

describe('payout, on the wire', () => {
  const name = secret('李四');
  it.each([
    ['a user id', { kind: 'wallet', id: '2088722003899169' }, {}],
    ['a mail address', { kind: 'wallet', id: 'li@mail.example', name }, {}],
    ['a phone number', { kind: 'wallet', id: '13800138000', name }, {}],
    ['an open id', { kind: 'wallet', id: '074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5' }, {}],
    [
      'a bank card',
      { kind: 'bank', account: secret('6222021234567890'), name, bank: '招商银行' },
      {},
    ],
    [
      'a company’s account, with all that can be said',
      { kind: 'bank', account: secret('110902071010802'), name: secret('茶行'), bank: '招商银行' },
      {
        title: 'Rent',
        bank: {
          account: 'corporate',
          province: '浙江省',
          city: '杭州市',
          branch: '高新支行',
          code: '308331012019',
        },
        sceneName: '企业赔付',
        sceneReports: [{ type: '赔付原因', content: '退货' }],
        businessParameters: '{"payer_show_name_use_alias":"true"}',
        originalOrderId: 'o1',
        passbackParameters: 'p',
      },
    ],
    [
      'a red packet',
      { kind: 'wallet', id: '2088722003899169' },
      {
        productCode: 'STD_RED_PACKET',
        bizScene: 'PERSONAL_COLLECTION',
        identityType: 'ALIPAY_OPEN_ID',
      },
    ],
  ])('to %s asks as documented', async (_what, payee, extra) => {
    const made = site(success(moved));
    const result = await made.channel.payout({ ...request, payee, extra } as never);
    expect(result.status).toBe('succeeded');
    expect(made.heard.map(({ method, content }) => ({ method, content }))).toMatchSnapshot();
    expect(made.heard[0]?.parameters.app_cert_sn).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is stored with what its query must name, before the first byte', async () => {
    const made = site(success(moved));
    const refs: unknown[] = [];
    const onPrepared = async (ref: unknown) => void refs.push([ref, made.heard.length]);
    await made.channel.payout(request, { onPrepared });
    expect(refs).toMatchObject([[{ noun: 'payout', merchantId: 'payout_1', handle }, 0]]);
  });

  it.each([
    ['payee.name', { payee: { kind: 'wallet', id: 'li@mail.example' } }],
    ['payee.name', { payee: { kind: 'wallet', id: '+86-13800138000' } }],
    ['payee.account', { payee: { kind: 'bank', account: '6222021234567890', name } }],
    ['amount.amount', { amount: cny(9) }],
    ['amount.amount', { amount: cny(10_000_000_001) }],
    ['amount.currency', { amount: { amount: 100, currency: 'USD' } }],
    ['purpose', { purpose: 'p'.repeat(129) }],
    ['purpose', { purpose: 'p'.repeat(201), extra: { title: 't' } }],
    ['extra.bank', { extra: { bank: { city: 'x' } } }],
    [
      'extra.identityType',
      { payee: { kind: 'bank', account: name, name }, extra: { identityType: 'ALIPAY_OPEN_ID' } },
    ],
    ['extra.colour', { extra: { colour: 'red' } }],
    ['merchantPayoutId', { merchantPayoutId: 'payout-1' }],
  ])('refuses a wrong %s before anything is sent', async (field, change) => {
    const made = site(success(moved));
    const error = await thrown(made.channel.payout({ ...request, ...change } as never));
    expect(error.field).toBe(field);
    expect(made.heard).toHaveLength(0);
  });

  it('lets a red packet be small', async () => {
    const extra = { productCode: 'STD_RED_PACKET' } as const;
    const result = site(success(moved)).channel.payout({ ...request, amount: cny(1), extra });
    expect((await result).status).toBe('succeeded');
  });

  it('shows neither account nor name', async () => {
    const payee = {
      kind: 'bank',
      account: secret('6222021234567890'),
      name: secret('李四'),
    } as const;
    const answer = { ...failure('CARD_BIN_ERROR'), payee_info: { identity: '6222021234567890' } };
    const result = await site(answer).channel.payout({ ...request, payee });
    expect(inspect(result, { depth: 9 })).not.toMatch(/6222021234567890|李四/);
  });
});

describe('what an answer to payout says', () => {
  it('money moved, when and under which number', async () => {
    expect(await site(success(moved)).channel.payout(request)).toMatchObject({
      status: 'succeeded',
      amount: cny(12_345),
      arrivedAt: '2026-11-22T02:49:23.000Z',
      ref: { channelId: moved.order_id, handle },
    });
  });

  it.each([
    ['an amount that is told', success({ ...moved, amount: '123.45' }), 'succeeded'],
    ['a transfer under way', success({ ...moved, status: 'DEALING' }), 'pending'],
    ['one nobody has paid for', success({ ...moved, status: 'WAIT_PAY' }), 'pending'],
    ['one that failed', success({ ...moved, status: 'FAIL' }), 'failed/other'],
    ['one that was closed', success({ ...moved, status: 'CLOSED' }), 'failed/order-closed'],
    ['no money', failure('PAYER_BALANCE_NOT_ENOUGH'), 'failed/merchant-funds'],
    ['no payee', failure('PAYEE_NOT_EXIST'), 'failed/payee-invalid'],
    ['a limit', failure('EXCEED_LIMIT_DM_AMOUNT'), 'failed/limit-exceeded'],
    ['a call under way', failure('REQUEST_PROCESSING'), 'unknown/repeated-id'],
    ['trouble', failure('SYSTEM_ERROR'), 'unknown/server-error'],
    ['trouble of the gateway', failure('isp.unknow-error', '20000'), 'unknown/server-error'],
    ['a code nobody knows', failure('PAYEE_ACC_OCUPIED'), 'unknown/unreadable-reply'],
    ['silence', silence(), 'unknown/no-reply'],
    ['a status nobody knows', success({ ...moved, status: 'MAYBE' }), 'unknown/unreadable-reply'],
    ['no status', success({ ...moved, status: '' }), 'unknown/unreadable-reply'],
    ['no number', success({ ...moved, order_id: '' }), 'unknown/unreadable-reply'],
    ['no time', success({ ...moved, trans_date: '' }), 'unknown/unreadable-reply'],
    ['no id', success({ ...moved, out_biz_no: '' }), 'unknown/unreadable-reply'],
    ['another id', success({ ...moved, out_biz_no: 'p2' }), 'unknown/contradicts-request'],
    ['another amount', success({ ...moved, amount: '123.46' }), 'unknown/contradicts-request'],
  ])('%s', async (_what, answer, expected) => {
    expect(await named(site(answer).channel.payout(request))).toBe(expected);
  });

  it.each(['BIZ_UNIQUE_EXCEPTION', 'PAYMENT_INFO_INCONSISTENCY'])('REFUSED on %s', async (word) => {
    const error = await thrown(site(failure(word)).channel.payout(request));
    expect(error).toMatchObject({ code: 'REFUSED', reason: 'id-reused' });
  });

  it('REFUSED without a certificate that Alipay wants', async () => {
    const answer = failure('isv.missing-app-cert-sn', '40001');
    const error = await thrown(site(answer).channel.payout(request));
    expect(error).toMatchObject({ code: 'REFUSED', reason: 'credential-invalid' });
  });
});

describe('queryPayout', () => {
  const ask = (answer: object | Error, ref: Ref<'payout'> = payout) =>
    site(answer).channel.queryPayout(ref);

  it('asks by the merchant’s id with product and scene, or by Alipay’s number', async () => {
    const made = site(success(found));
    await made.channel.queryPayout(payout);
    const { handle: _none, ...bare } = payout;
    await made.channel.queryPayout({ ...bare, channelId: moved.order_id });
    expect(made.heard.map(({ content }) => content)).toEqual([
      {
        out_biz_no: 'payout_1',
        product_code: 'TRANS_ACCOUNT_NO_PWD',
        biz_scene: 'DIRECT_TRANSFER',
      },
      { order_id: moved.order_id },
    ]);
    // Guessed, product and scene could hide a transfer that was made.
    expect((await thrown(made.channel.queryPayout(bare))).field).toBe('handle');
    const foreign = { ...payout, handle: 'a1|qr|0' };
    expect((await thrown(made.channel.queryPayout(foreign))).field).toBe('handle');
  });

  it('tells what arrived, and what it cost', async () => {
    expect(await ask(success({ ...found, order_fee: '0.10' }))).toMatchObject({
      status: 'succeeded',
      amount: cny(12_345),
      fee: cny(10),
      arrivedAt: '2026-11-22T02:49:23.000Z',
    });
  });

  it('tells a transfer that came back: it was made, and it returned', async () => {
    const { trans_amount: _amount, ...back } = { ...found, status: 'REFUND' };
    const answer = success({
      ...back,
      error_code: 'PAYEE_CARD_INFO_ERROR',
      fail_reason: 'no card',
    });
    expect(await ask(answer)).toMatchObject({
      status: 'succeeded',
      amount: cny(12_345),
      returned: { at: now, reason: 'payee-invalid' },
    });
    const { amount: _asked, ...bare } = payout;
    expect((await thrown(ask(answer, bare))).code).toBe('REPLY_UNREADABLE');
  });

  it('tells why one failed', async () => {
    const { trans_amount: _amount, ...failed } = { ...found, status: 'FAIL' };
    const told = { ...failed, error_code: 'PAYEE_NOT_EXIST', fail_reason: 'no such payee' };
    expect(await ask(success(told))).toMatchObject({
      status: 'failed',
      reason: 'payee-invalid',
      retry: 'new-id',
      channelCode: 'PAYEE_NOT_EXIST',
      channelMessage: 'no such payee',
    });
    const strange = { ...failed, error_code: 'SOMETHING_NEW' };
    expect(await named(ask(success(strange)))).toBe('failed/other');
  });

  it.each([
    ['DEALING', 'pending'],
    ['WAIT_PAY', 'pending'],
    ['CLOSED', 'failed/order-closed'],
  ])('reads %s', async (status, expected) => {
    const { trans_amount: _amount, ...open } = { ...found, status };
    expect(await named(ask(success(open)))).toBe(expected);
  });

  it('reads not-found as no proof', async () => {
    expect(await named(ask(failure('ORDER_NOT_EXIST')))).toBe('unknown/not-found');
  });

  it.each([
    ['no amount', success({ ...found, trans_amount: '' }), 'REPLY_UNREADABLE'],
    ['another amount', success({ ...found, trans_amount: '1.00' }), 'REPLY_UNVERIFIED'],
    ['another id', success({ ...found, out_biz_no: 'p2' }), 'REPLY_UNVERIFIED'],
    ['a status nobody knows', success({ ...found, status: 'MAYBE' }), 'REPLY_UNREADABLE'],
    ['trouble', failure('SYSTEM_ERROR'), 'UNAVAILABLE'],
    ['no permission', failure('NO_ORDER_PERMISSION'), 'REFUSED'],
  ])('throws on %s', async (_what, answer, code) => {
    expect((await thrown(ask(answer))).code).toBe(code);
  });
});
