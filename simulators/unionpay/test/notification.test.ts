/** What merchants are told: when, how often, in which words, and what faults make of it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UnionPaySite } from '../src/index.ts';
import { isGenuine, listen, paid, payOnPage, sequel, start } from './client.ts';

let site: UnionPaySite;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

const minute = 60_000;
const wait = (ms: number) => site.clock.advance(ms);

describe('a notification', () => {
  it('tells a payment in the recorded field set, sorted, encoded and signed', async () => {
    const told = listen(site);
    await paid(site, 'order0001');
    await wait(0);
    expect(told).toHaveLength(1);
    const { fields, message } = told[0]!;
    expect(isGenuine(fields, site.credentials)).toBe(true);
    expect(Object.keys(fields)).toEqual([
      ...['accNo', 'accessType', 'bizType', 'currencyCode', 'encoding', 'merId', 'orderId'],
      ...['queryId', 'respCode', 'respMsg', 'settleAmt', 'settleCurrencyCode', 'settleDate'],
      ...['signMethod', 'signPubKeyCert', 'traceNo', 'traceTime', 'txnAmt'],
      ...['txnSubType', 'txnTime', 'txnType', 'version', 'signature'],
    ]);
    expect(fields).toMatchObject({ respMsg: '成功[0000000]', bizType: '000201', txnAmt: '1000' });
    const body = Buffer.from(message.body as Uint8Array).toString();
    expect(body).toContain('respMsg=%E6%88%90%E5%8A%9F%5B0000000%5D&');
    expect(body).toContain('signPubKeyCert=-----BEGIN+CERTIFICATE-----%0D%0A');
    expect(message.headers['content-type']).toBe('application/x-www-form-urlencoded;charset=UTF-8');
  });

  it('comes five times to a merchant that never takes it', async () => {
    const told = listen(site, [500, 404, 201, 500, 500, 500]);
    await paid(site, 'order0001');
    const counts: number[] = [];
    for (const gap of [0, 1, 2, 4, 5, 60]) {
      await wait(gap * minute);
      counts.push(told.length);
    }
    expect(counts).toEqual([1, 2, 3, 4, 5, 5]);
    const [first, ...others] = told.map(({ fields }) => fields);
    for (const other of others) expect(other).toEqual(first);
  });

  it('ends at the first yes', async () => {
    const told = listen(site, [500, 200]);
    await paid(site, 'order0001');
    await wait(60 * minute);
    expect(told).toHaveLength(2);
  });

  it('does not tell of a page that was left, declined or reversed', async () => {
    const told = listen(site);
    await payOnPage(site, 'order0001');
    await site.payer.decline('order0001');
    await payOnPage(site, 'order0002');
    await wait(48 * 60 * minute);
    expect(told).toHaveLength(0);
  });

  it('tells refunds and undos, and failures of what servers asked for', async () => {
    const told = listen(site);
    const { queryId = '' } = await paid(site, 'order0001');
    site.faults.arm({ fault: 'fails-late', operation: 'refunds.create' });
    await sequel(site, '04', { orderId: 'refund001', origQryId: queryId, txnAmt: '100' });
    await sequel(site, '04', { orderId: 'refund002', origQryId: queryId, txnAmt: '200' });
    await wait(5_000);
    const [, failed, done] = told.map(({ fields }) => fields);
    expect(failed).toMatchObject({ orderId: 'refund001', respCode: '60', settleAmt: '0' });
    expect(done).toMatchObject({
      ...{ orderId: 'refund002', respCode: '00', settleAmt: '200', txnType: '04' },
      origQryId: queryId,
    });
    await site.stop();
    site = await start({ tellsFailures: false });
    const silent = listen(site);
    const { queryId: other = '' } = await paid(site, 'order0001');
    site.faults.arm({ fault: 'fails-late', operation: 'refunds.create' });
    await sequel(site, '04', { orderId: 'refund001', origQryId: other, txnAmt: '100' });
    await wait(5_000);
    expect(silent).toHaveLength(1);
  });

  it('does not go to the address of those who want none', async () => {
    const told = listen(site);
    await paid(site, 'order0001', { backUrl: 'http://www.specialUrl.com' });
    await wait(60 * minute);
    expect(told).toHaveLength(0);
  });

  it('tells nothing of what was refused', async () => {
    const told = listen(site);
    const undo = { orderId: 'undo00001', origQryId: '870427355953939658900', txnAmt: '1000' };
    await sequel(site, '31', undo);
    await wait(60 * minute);
    expect(told).toHaveLength(0);
  });
});

describe('faults', () => {
  const strikes = async (fault: string, more: object = {}) => {
    const told = listen(site);
    site.faults.arm({ fault, operation: 'payments.notify', ...more });
    await paid(site, 'order0001');
    await wait(60 * minute);
    return told.map(({ fields }) => ({ fields, good: isGenuine(fields, site.credentials) }));
  };

  it.each(['bad-signature', 'foreign-signature', 'stale-timestamp', 'wrong-name'])(
    '%s: the message is not believed',
    async (fault) => {
      const [one] = await strikes(fault);
      expect(one?.good).toBe(false);
      expect(one?.fields['respCode']).toBe('00');
    },
  );

  it('wrong-amount and wrong-order are signed as if they were true', async () => {
    const [amount] = await strikes('wrong-amount', { amount: 1 });
    expect(amount).toMatchObject({ good: true, fields: { txnAmt: '1', settleAmt: '1' } });
    await site.reset();
    const [order] = await strikes('wrong-order', { otherId: 'other00001' });
    expect(order).toMatchObject({ good: true, fields: { orderId: 'other00001' } });
  });

  it('forged-notification comes first, and from somebody else', async () => {
    const [forged, genuine] = await strikes('forged-notification');
    expect([forged?.good, genuine?.good]).toEqual([false, true]);
    expect(forged?.fields).toMatchObject({ respCode: '00', orderId: 'order0001' });
  });

  it('duplicate-notification and lost-notification', async () => {
    expect(await strikes('duplicate-notification')).toHaveLength(2);
    await site.reset();
    expect(await strikes('lost-notification')).toHaveLength(1);
  });
});
