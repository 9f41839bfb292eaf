/** Money to cards, and money collected from them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testCards, type UnionPaySite } from '../src/index.ts';
import {
  backUrl,
  call,
  certIdOf,
  customerInfo,
  type Fields,
  hide,
  listen,
  query,
  start,
} from './client.ts';

let site: UnionPaySite;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

const card = testCards[0]!;
const seconds = (count: number) => site.clock.advance(count * 1_000);
const payee = (clear: Fields = { customerNm: card.customerNm }): Fields => ({
  accNo: hide(card.number, site.credentials.encryptCert),
  encryptCertId: certIdOf(site.credentials.encryptCert),
  customerInfo: customerInfo(clear, {}, site.credentials.encryptCert),
  accType: '01',
});
const payOut = (orderId: string, more: Fields = payee()) =>
  call(site, 'back', {
    ...{ txnType: '12', txnSubType: '00', bizType: '000401', orderId, backUrl },
    ...{ txnAmt: '1000', currencyCode: '156' },
    ...more,
  });

describe('a payout', () => {
  it('is accepted, then arrives, once', async () => {
    const told = listen(site);
    expect((await payOut('payout001')).fields).toMatchObject({ respCode: '00', txnType: '12' });
    expect(site.payout('payout001')).toMatchObject({ state: 'ACCEPTED', transfers: 0, paid: 0 });
    expect((await query(site, 'payout001')).fields['origRespCode']).toBe('05');
    expect((await payOut('payout001')).fields['respMsg']).toBe('重复交易[2010002]');
    await seconds(5);
    expect(site.payout('payout001')).toMatchObject({ transfers: 1, paid: 1000, returned: 0 });
    expect((await query(site, 'payout001')).fields['origRespCode']).toBe('00');
    expect(told[0]?.fields).toMatchObject({ orderId: 'payout001', respCode: '00', txnType: '12' });
    await expect(site.payer.decline('payout001')).rejects.toThrow('cannot be declined');
  });

  it('may fail at the bank of the payee', async () => {
    await payOut('payout001');
    await site.payer.decline('payout001');
    expect(site.payout('payout001')).toMatchObject({ state: 'FAILED', transfers: 0 });
    // Of a payout 60 would decide nothing.
    expect((await query(site, 'payout001')).fields['origRespCode']).toBe('63');
  });

  it('needs the right name, and money', async () => {
    expect((await payOut('payout001', payee({ customerNm: '李四' }))).fields['respCode']).toBe(
      '66',
    );
    expect((await payOut('payout001', payee({ certifTp: '01' }))).fields['respCode']).toBe('13');
    const much = { ...payee(), txnAmt: '100000001' };
    expect((await payOut('payout001', much)).fields['respCode']).toBe('90');
    expect(site.payout('payout001')).toBeUndefined();
  });

  it('goes to a firm by its name', async () => {
    const firm = { accNo: '0200001009000000001', accType: '04' };
    const named = { ...firm, reserved: '{comDebitCardAccName=茶叶公司&businessLicenseRegNo=1}' };
    expect((await payOut('payout001', named)).fields['respCode']).toBe('00');
    expect((await payOut('payout002', firm)).fields['respCode']).toBe('13');
  });

  it('is unknown to whoever hears nothing, though it was done', async () => {
    site.faults.arm({ fault: 'communication-timeout', operation: 'payouts.create' });
    expect((await payOut('payout001')).fields['respCode']).toBe('03');
    await seconds(5);
    expect(site.payout('payout001')).toMatchObject({ transfers: 1 });
  });
});

describe('a collection', () => {
  it('takes money by mandate, and can be undone', async () => {
    const { certifTp, certifId, customerNm, phoneNo } = card;
    const { encryptCert } = site.credentials;
    const factors = customerInfo({ certifTp, certifId, customerNm }, { phoneNo }, encryptCert);
    const { fields } = await call(site, 'back', {
      ...{ txnType: '11', txnSubType: '02', bizType: '000501', orderId: 'collect01', backUrl },
      ...{ txnAmt: '500', currencyCode: '156', ...payee(), customerInfo: factors },
    });
    expect(fields['respCode']).toBe('00');
    await seconds(5);
    expect(site.book('collect01')).toMatchObject({ debits: 1, paid: 500 });
  });
});
