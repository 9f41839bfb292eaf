import { createVerify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlipaySite } from '../src/index.ts';
import { call, canonical, collect, type Node, pay, start } from './client.ts';

const hour = 3_600_000;
let site: AlipaySite;
beforeEach(async () => {
  site = await start({ appGatewayUrl: 'http://merchant.example/app' });
});
afterEach(() => site.stop());

const asking = { query_options: ['deposit_back_info'] };
const refund = (id: string, more: object = asking): Promise<Node> =>
  call(site, 'trade.refund', {
    out_trade_no: id,
    out_request_no: `${id}_r`,
    refund_amount: '0.40',
    ...more,
  });
const ask = (id: string): Promise<Node> =>
  call(site, 'trade.fastpay.refund.query', {
    out_trade_no: id,
    out_request_no: `${id}_r`,
    ...asking,
  });

describe('a refund by way of a bank', () => {
  it.each(['S', 'F'])('ends with %s, as the message and the query say', async (outcome) => {
    const told = collect(site);
    const id = `back${outcome}`;
    const { trade_no: tradeNo } = await pay(site, id);
    site.faults.arm({ fault: 'deposit-back', outcome });
    expect(await refund(id)).toMatchObject({ fund_change: 'Y', has_deposit_back: 'true' });
    const waiting = { has_deposit_back: 'true', dback_status: 'P', dback_amount: '0.40' };
    expect((await ask(id))['deposit_back_info']).toMatchObject(waiting);
    await site.clock.advance(2 * hour);
    expect((await ask(id))['deposit_back_info']).toEqual({
      ...waiting,
      dback_status: outcome,
      bank_ack_time: '2026-11-24 17:08:09',
      est_bank_receipt_time: '2026-11-25 15:08:09',
    });
    expect(told).toHaveLength(1);
    const { sign = '', ...fields } = told[0]?.fields ?? {};
    const text = canonical(fields, []);
    const { platformPublicKey } = site.credentials;
    const verified = createVerify('RSA-SHA256').update(text);
    expect(verified.verify(platformPublicKey, sign, 'base64')).toBe(true);
    expect(fields['msg_method']).toBe('alipay.trade.refund.depositback.completed');
    expect(JSON.parse(fields['biz_content'] ?? '')).toEqual({
      trade_no: tradeNo,
      out_trade_no: id,
      out_request_no: `${id}_r`,
      dback_status: outcome,
      dback_amount: '0.40',
      bank_ack_time: '2026-11-24 17:08:09',
      est_bank_receipt_time: '2026-11-25 15:08:09',
    });
    expect(site.book(id)).toMatchObject({ refunds: 1, refunded: 40 });
  });

  it('is told only to whom asked for it with the refund', async () => {
    const told = collect(site);
    await pay(site, 'quiet');
    site.faults.arm({ fault: 'deposit-back', outcome: 'F' });
    expect((await refund('quiet', {}))['has_deposit_back']).toBeUndefined();
    await site.clock.advance(2 * hour);
    expect(told).toHaveLength(0);
    expect((await ask('quiet'))['deposit_back_info']).toMatchObject({ dback_status: 'F' });
  });

  it('is not the usual way', async () => {
    await pay(site, 'usual');
    expect(await refund('usual')).toMatchObject({ has_deposit_back: 'false' });
    expect((await ask('usual'))['deposit_back_info']).toEqual({ has_deposit_back: 'false' });
  });
});

describe('business-error', () => {
  it.each([
    ['trade.query', { out_trade_no: 'x' }, 'ACQ.ENTERPRISE_PAY_BIZ_ERROR'],
    ['fund.auth.order.unfreeze', {}, 'BIZ_ERROR'],
    ['user.agreement.unsign', {}, 'ASYNC_UNSIGN_CAN_NOT_REJECT'],
    ['fund.trans.uni.transfer', {}, 'JUDICIAL_FREEZE'],
  ])('of %s answers any sub code documented for it, and no other', async (method, biz, subCode) => {
    site.faults.arm({ fault: 'business-error', subCode });
    expect(await call(site, method, biz)).toMatchObject({ code: '40004', sub_code: subCode });
    site.faults.arm({ fault: 'business-error', subCode: 'NONSENSE' });
    expect((await call(site, method, biz))['sub_code']).toMatch(/SYSTEM_ERROR$/);
    expect(site.journal.entries({}).at(-1)?.note).toContain(subCode);
  });
});
