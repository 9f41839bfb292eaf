import { money } from '@polyrail/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Kept, keyOf } from '../src/entry.ts';
import type { AnyOutcome } from '../src/verbs.ts';
import { endBy, weigh } from '../src/weigh.ts';
import { attemptOf, outcomeOf, paymentOf, rules } from './payments.ts';
import { amount, startAt } from './script.ts';
import { openShop, type Shop } from './shop.ts';

const kept = paymentOf([attemptOf('a', 'unknown')], 'unknown');
const success = (more = {}): AnyOutcome => outcomeOf('a', 'succeeded', more);
const heard = (entry: Kept, outcome: AnyOutcome, source: 'notification' | 'query') =>
  weigh(entry, { source, attemptId: 'a', outcome }, rules);

describe('money that went back', () => {
  const reversed = endBy(kept, { proof: 'reversed', attemptId: 'a' }, startAt).kept;

  it('is asked about when word of the success comes after the reversal', () => {
    const change = heard(reversed, success(), 'notification');
    expect(change.kept).toMatchObject({ ...keyOf(kept), state: 'failed', proof: 'reversed' });
    expect(change.kept.attempts[0]?.fate).toBe('unknown');
    expect(change.events).toEqual([]);
    expect(change.lines.map(({ kind }) => kind)).toEqual(['notification', 'refused-transition']);
  });

  it('is late money when the channel, asked after the reversal, knows it as paid', () => {
    const asked = heard(reversed, success(), 'notification').kept;
    expect(heard(asked, success(), 'query').kept.state).toBe('late-success');
    const over = heard(asked, outcomeOf('a', 'failed'), 'query').kept;
    expect(over).toMatchObject({ state: 'failed', attempts: [{ fate: 'failed' }] });
  });

  it('is no late money when all of it is told as given back', () => {
    const closed = endBy(kept, { proof: 'closed', attemptId: 'a' }, startAt).kept;
    const undone = { by: 'cancel', amount };
    expect(heard(closed, success({ undone }), 'notification').kept).toMatchObject({
      state: 'failed',
      undone,
    });
    expect(heard(closed, success(), 'notification').kept.state).toBe('late-success');
  });

  it('is never more than came, nor less than was told before', () => {
    const paid = heard(kept, success(), 'notification').kept;
    const back = (text: string) => ({ undone: { by: 'refund', amount: money(text, 'CNY') } });
    const told = heard(paid, success(back('5.00')), 'notification').kept;
    expect(told.undone).toEqual(back('5.00').undone);
    expect(heard(told, success(back('2.00')), 'notification').kept.undone).toEqual(told.undone);
    const lie = heard(told, success(back('9.91')), 'notification');
    expect(lie.kept.undone).toEqual(told.undone);
    expect(lie.events).toEqual(['alarm']);
  });
});

describe('a refund of which the channel tells twice', () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await openShop();
  });
  afterEach(() => shop.stop());

  it('counts once: as an entry of its own, and in the total of its payment', async () => {
    const gateway = await shop.open({ route: [{ channels: ['alipay'] }] });
    const scene = { scene: 'barcode', authCode: '286512345678901234' } as const;
    await gateway.pay({ ...scene, merchantPaymentId: 'tea1', amount, description: 'Tea' });
    const part = money('3.30', 'CNY');
    for (const id of ['tea1r1', 'tea1r2']) {
      await gateway.refund({ payment: 'tea1', merchantRefundId: id, amount: part });
      await shop.pass(60_000);
    }
    const payment = await gateway.find('payment', 'tea1');
    expect(payment).toMatchObject({ state: 'succeeded' });
    expect(payment?.undone?.amount).toEqual(money('6.60', 'CNY'));
    expect(shop.alipay.book('tea1')).toMatchObject({ refunded: 660 });
  });

  it('leaves a cancellation the rest, and no more', async () => {
    const gateway = await shop.open({ route: [{ channels: ['alipay'] }] });
    const scene = { scene: 'barcode', authCode: '286512345678901234' } as const;
    await gateway.pay({ ...scene, merchantPaymentId: 'tea2', amount, description: 'Tea' });
    const part = money('3.30', 'CNY');
    await gateway.refund({ payment: 'tea2', merchantRefundId: 'tea2r1', amount: part });
    await gateway.cancel({ payment: 'tea2', merchantCancelId: 'tea2c1' });
    await shop.pass(60_000);
    expect(await gateway.find('payment', 'tea2')).toMatchObject({ undone: { amount } });
    expect(shop.alipay.book('tea2')).toMatchObject({ refunded: 990 });
  });
});
