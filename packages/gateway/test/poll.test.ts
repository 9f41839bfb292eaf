import { afterEach, describe, expect, it } from 'vitest';
import { pollHandler } from '../src/index.ts';
import { amount, createOpener, notification, type Said, scripted, tea } from './script.ts';

const { open, close } = createOpener();
afterEach(close);

const nextAction = { kind: 'qr', text: 'https://pay.example/1' } as const;
const order = tea();
const pending: Said = { status: 'pending', waitingFor: 'payer', nextAction };

const paymentOf = ({ url }: Request) => {
  const id = new URL(url).searchParams.get('id');
  return id === null ? undefined : { id };
};
const asking = (id: string, init: RequestInit = {}) =>
  new Request(`https://shop.example/poll?id=${id}`, init);

describe('the poll endpoint', () => {
  it('tells the payer what to do, and asks to be asked less and less often', async () => {
    const { channel } = scripted({ pay: pending, query: pending });
    const { gateway, clock } = await open({ channels: { one: channel }, concurrency: 0 });
    await gateway.pay(order);
    const poll = pollHandler(gateway, { paymentOf, clock });
    const first = await poll(asking('order1'));
    expect([first.status, first.headers.get('retry-after')]).toEqual([200, '1']);
    expect(first.headers.get('cache-control')).toBe('no-store');
    expect(await first.json()).toEqual({
      ...{ id: 'order1', state: 'pending', over: false, amount, waitingFor: 'payer', nextAction },
      expiresAt: '2026-11-22T06:00:00.000Z',
      pollAfterMs: 1000,
    });
    await clock.pass(50_000);
    expect((await poll(asking('order1'))).headers.get('retry-after')).toBe('5');
    await clock.pass(30 * 60_000);
    expect((await poll(asking('order1'))).headers.get('retry-after')).toBe('15');
  });

  it('says when it is over, and what of it is the payer’s affair', async () => {
    const declined = { status: 'failed', reason: 'payer-declined', retry: 'new-id' } as const;
    const channels = {
      one: scripted({ pay: { status: 'succeeded' } }).channel,
      two: scripted({ pay: declined, query: pending }).channel,
      three: scripted({ pay: { ...declined, reason: 'risk-blocked' } }).channel,
    };
    const { gateway, clock } = await open({ channels });
    const poll = pollHandler(gateway, { paymentOf, clock });
    const told = async (channel: string) => {
      await gateway.pay({ ...order, merchantPaymentId: channel }, { channel });
      const answer = await poll(asking(channel));
      expect(answer.headers.has('retry-after')).toBe(false);
      return answer.json();
    };
    expect(await told('one')).toEqual({ id: 'one', state: 'succeeded', over: true, amount });
    const failed = { state: 'failed', over: true, amount };
    expect(await told('two')).toEqual({ ...failed, id: 'two', reason: 'payer-declined' });
    expect(await told('three')).toEqual({ ...failed, id: 'three' });
  });

  it('goes on while a decision over late money is open', async () => {
    const { channel } = scripted({
      pay: pending,
      query: pending,
      close: { status: 'succeeded' },
    });
    const { gateway, clock } = await open({ channels: { one: channel } });
    await gateway.pay(order);
    await gateway.closePayment('order1');
    const fact = { id: 'order1', status: 'succeeded', amount } as const;
    await gateway.receive({ channel: 'one' }, notification({ facts: [fact] }));
    const answer = await pollHandler(gateway, { paymentOf, clock })(asking('order1'));
    expect(answer.headers.get('retry-after')).toBe('60');
    expect(await answer.json()).toMatchObject({ state: 'late-success', over: false });
  });

  it('knows no difference between what is not there and what may not be seen', async () => {
    const { channel } = scripted({ pay: pending });
    const { gateway } = await open({ channels: { one: channel } });
    await gateway.pay(order);
    const denied = await pollHandler(gateway, { paymentOf: () => undefined })(asking('order1'));
    const absent = await pollHandler(gateway, { paymentOf })(asking('stranger'));
    expect([denied.status, absent.status]).toEqual([404, 404]);
    expect(await denied.text()).toBe(await absent.text());
    const posted = await pollHandler(gateway, { paymentOf })(asking('order1', { method: 'POST' }));
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET']);
  });
});
