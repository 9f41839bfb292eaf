/** Holds: made on a page, undone, captured, given back, and let go after thirty days. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UnionPaySite } from '../src/index.ts';
import { backUrl, call, frontUrl, listen, now, query, sequel, start } from './client.ts';

let site: UnionPaySite;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

const day = 86_400_000;
const seconds = (count: number) => site.clock.advance(count * 1_000);
const hold = { txnType: '02', txnSubType: '01', bizType: '000201' };
const money = { txnAmt: '1000', currencyCode: '156', backUrl };

async function held(orderId: string) {
  await call(site, 'front', { ...hold, orderId, frontUrl, ...money });
  await site.payer.approve(orderId);
  const { fields } = await query(site, orderId);
  return { origQryId: fields['queryId'] ?? '', txnAmt: '1000', preAuthId: fields['preAuthId'] };
}
const follow = async (type: string, orderId: string, fields: object) => {
  const { preAuthId: _id, ...asked } = { preAuthId: '', ...fields };
  const answer = await sequel(site, type, { orderId, ...asked });
  await seconds(5);
  return answer.fields;
};
const truth = (orderId: string) => site.authorization(orderId);

describe('a hold', () => {
  it('freezes money of the payer, and pays nobody', async () => {
    const told = listen(site);
    const { preAuthId } = await held('hold00001');
    expect(preAuthId).toMatch(/^\d{6}$/);
    expect(truth('hold00001')).toMatchObject({ holds: 1, held: 1000, captured: 0, released: 0 });
    expect(site.book('hold00001')).toBeUndefined();
    await seconds(0);
    expect(told[0]?.fields).toMatchObject({ txnType: '02', respCode: '00', preAuthId });
  });

  it('begins in an app as well, and not between servers', async () => {
    const { fields } = await call(site, 'app', { ...hold, orderId: 'hold00001', ...money });
    expect(fields['tn']).toMatch(/^\d{21}$/);
    const back = await call(site, 'back', { ...hold, orderId: 'hold00002', ...money });
    expect(back.fields['respCode']).toBe('32');
  });

  it('is given free whole, once', async () => {
    const original = await held('hold00001');
    expect((await follow('32', 'free00001', { ...original, txnAmt: '10' }))['respCode']).toBe('36');
    expect((await follow('32', 'free00001', original))['respCode']).toBe('00');
    expect(truth('hold00001')).toMatchObject({ state: 'RELEASED', held: 1000, released: 1000 });
    expect((await follow('32', 'free00002', original))['respCode']).toBe('45');
    expect((await follow('03', 'take00001', original))['respCode']).toBe('45');
  });

  it('is let go after thirty days, and then cannot be captured', async () => {
    const original = await held('hold00001');
    await site.clock.advance(30 * day - 1_000);
    expect(truth('hold00001')).toMatchObject({ released: 0 });
    await seconds(2);
    expect(truth('hold00001')).toMatchObject({ released: 1000, state: 'RELEASED' });
    expect((await follow('03', 'take00001', original))['respMsg']).toMatch(/\[2040004\]$/);
  });

  it('goes back when its request is reversed', async () => {
    await held('hold00001');
    const reverse = { txnType: '99', txnSubType: '01', bizType: '000000', orderId: 'hold00001' };
    const { fields } = await call(site, 'back', { ...reverse, txnTime: now });
    expect(fields['respCode']).toBe('00');
    expect(truth('hold00001')).toMatchObject({ released: 1000 });
  });
});

describe('a capture', () => {
  it('takes a part: what is left goes back at once', async () => {
    const original = await held('hold00001');
    expect((await follow('03', 'take00001', { ...original, txnAmt: '400' }))['respCode']).toBe(
      '00',
    );
    expect(truth('hold00001')).toMatchObject({ captured: 400, released: 600, state: 'CAPTURED' });
    expect(site.book('take00001')).toMatchObject({ debits: 1, paid: 400 });
    expect((await follow('03', 'take00002', { ...original, txnAmt: '400' }))['respCode']).toBe(
      '45',
    );
    expect((await query(site, 'take00001')).fields).toMatchObject({
      ...{ txnType: '03', origRespCode: '00', origQryId: original.origQryId },
    });
  });

  it('takes up to 115 per cent', async () => {
    const original = await held('hold00001');
    expect((await follow('03', 'take00001', { ...original, txnAmt: '1151' }))['respCode']).toBe(
      '36',
    );
    expect((await follow('03', 'take00001', { ...original, txnAmt: '1150' }))['respCode']).toBe(
      '00',
    );
    expect(truth('hold00001')).toMatchObject({ captured: 1150, released: 0 });
  });

  it('is undone on its day: the hold stands again, and may be captured again', async () => {
    const original = await held('hold00001');
    await follow('03', 'take00001', { ...original, txnAmt: '400' });
    const { queryId: origQryId = '' } = (await query(site, 'take00001')).fields;
    const undo = { origQryId, txnAmt: '400' };
    expect((await follow('33', 'undo00001', undo))['respCode']).toBe('00');
    expect(truth('hold00001')).toMatchObject({ captured: 0, released: 0, state: 'SUCCEEDED' });
    expect(site.book('take00001')).toMatchObject({ state: 'UNDONE', refunded: 400 });
    expect((await follow('33', 'undo00002', undo))['respCode']).toBe('45');
    expect((await follow('03', 'take00002', original))['respCode']).toBe('00');
    expect(truth('hold00001')).toMatchObject({ captured: 1000 });
  });

  it('is not undone after its day, but refunded', async () => {
    const original = await held('hold00001');
    await follow('03', 'take00001', original);
    const { queryId: origQryId = '' } = (await query(site, 'take00001')).fields;
    await site.clock.advance(day);
    expect((await follow('33', 'undo00001', { origQryId, txnAmt: '1000' }))['respCode']).toBe('35');
    expect((await follow('04', 'back00001', { origQryId, txnAmt: '300' }))['respCode']).toBe('00');
    expect(site.book('take00001')).toMatchObject({ refunded: 300 });
  });
});
