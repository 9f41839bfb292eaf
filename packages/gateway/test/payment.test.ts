import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tea } from './script.ts';
import { openShop, type Shop } from './shop.ts';

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.stop());

describe('a payment', () => {
  it('is pending until its payer pays, and then succeeds by the notification', async () => {
    const gateway = await shop.open();
    const begun = await gateway.pay(tea('order0001'));
    expect(begun).toMatchObject({
      state: 'pending',
      channel: 'alipay',
      waitingFor: 'payer',
      nextAction: { kind: 'qr' },
    });
    await shop.alipay.payer.approve('order0001');
    await shop.pass(1000);
    const paid = await gateway.find('payment', 'order0001');
    expect(paid).toMatchObject({ state: 'succeeded', channel: 'alipay' });
    const kinds = (await gateway.history('payment', 'order0001')).map(({ kind }) => kind);
    expect(kinds).toEqual([
      'request',
      'attempt',
      'reply',
      'transition',
      'notification',
      'transition',
    ]);
  });

  it('is found by asking when no notification comes', async () => {
    const gateway = await shop.open();
    shop.alipay.listen(undefined);
    await gateway.pay(tea('order0002'));
    await shop.alipay.payer.approve('order0002');
    await shop.pass(20_000);
    expect(await gateway.find('payment', 'order0002')).toMatchObject({ state: 'succeeded' });
  });

  it('is closed at the channel when its payer lets it expire', async () => {
    const gateway = await shop.open({ expireAfterMs: 15 * 60_000 });
    await gateway.pay(tea('order0003'));
    await shop.pass(30 * 60_000);
    expect(await gateway.find('payment', 'order0003')).toMatchObject({
      state: 'failed',
      reason: 'order-expired',
    });
  });
});
