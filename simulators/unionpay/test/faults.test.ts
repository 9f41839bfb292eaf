/** What may happen around an exchange: each of the chassis' faults, on a refund that moves money. */
import { faultNames } from '@polyrail/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UnionPaySite } from '../src/index.ts';
import { isGenuine, paid, query, sequel, start } from './client.ts';

let site: UnionPaySite;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

const refund = async (fault: string, more: object = {}) => {
  const { queryId = '' } = await paid(site, 'order0001');
  site.faults.arm({ fault, operation: 'refunds.create', ...more });
  const asked = sequel(site, '04', { orderId: 'refund001', origQryId: queryId, txnAmt: '300' });
  const answer = await asked.catch(() => undefined);
  await site.clock.advance(5_000);
  const { refunded } = site.book('order0001')!;
  const heard = answer !== undefined && answer.fields['signature'] !== undefined;
  const good = heard && isGenuine(answer.fields, site.credentials);
  return { good, status: answer?.status, respCode: answer?.fields['respCode'], refunded };
};

describe('a refund', () => {
  it.each([
    ['drop-reply', { good: false, refunded: 300 }],
    ['garbage-body', { good: false, refunded: 300, status: 200 }],
    ['truncate-body', { good: false, refunded: 300 }],
    ['reset-mid-body', { good: false, refunded: 300 }],
    ['drop-request', { good: false, refunded: 0 }],
    ['server-error', { good: false, refunded: 0, status: 502 }],
    ['rate-limit', { good: true, refunded: 0, respCode: '06' }],
    ['maintenance', { good: true, refunded: 0, respCode: '02' }],
    ['business-error', { good: true, refunded: 0, respCode: '60' }],
    ['communication-timeout', { good: true, refunded: 300, respCode: '03' }],
    ['bad-signature', { refunded: 300, respCode: '00' }],
    ['key-rotation', { good: true, refunded: 300, respCode: '00' }],
  ])('%s', async (fault, expected) => {
    expect(await refund(fault)).toMatchObject(expected);
    expect(site.faults.list()[0]).toMatchObject({ fault, hits: 1 });
    const { origRespCode } = (await query(site, 'refund001')).fields;
    expect(origRespCode === '00').toBe(expected.refunded === 300);
  });

  it('knows every fault of the chassis', () => {
    for (const fault of faultNames) expect(() => site.faults.arm({ fault })).not.toThrow();
    expect(() => site.faults.arm({ fault: 'user-paying' })).toThrow('No fault is called');
  });

  it('stays under way longer where a story says so', async () => {
    const { queryId = '' } = await paid(site, 'order0001');
    site.faults.arm({ fault: 'slow', delayMs: 60_000 });
    await sequel(site, '04', { orderId: 'refund001', origQryId: queryId, txnAmt: '300' });
    await site.clock.advance(30_000);
    expect((await query(site, 'refund001')).fields['origRespCode']).toBe('05');
    await site.clock.advance(60_000);
    expect((await query(site, 'refund001')).fields['origRespCode']).toBe('00');
  });
});
