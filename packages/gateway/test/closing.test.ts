import { PolyrailError } from '@polyrail/core';
import { afterEach, expect, it } from 'vitest';
import { type GatewayEvent, sqliteStore, transactional } from '../src/index.ts';
import { amount, createOpener, notification, scripted, tea } from './script.ts';

const { open, close } = createOpener();
afterEach(close);

it('a gateway that closes begins no more, and lets what it has begun end first', async () => {
  const { channel } = scripted({ pay: { status: 'succeeded' } });
  const answer = Promise.withResolvers<void>();
  const slow: NonNullable<typeof channel.pay> = async (...call) => {
    const outcome = await channel.pay?.(...call);
    await answer.promise;
    return outcome as never;
  };
  const { gateway, clock } = await open({ channels: { one: { ...channel, pay: slow } } });
  const paying = gateway.pay(tea());
  await clock.rest();
  let isClosed = false;
  const closing = gateway.close().then(() => {
    isClosed = true;
  });
  await expect(gateway.pay(tea('order2'))).rejects.toMatchObject({ code: 'NOT_SENT' });
  const message = notification({ facts: [{ id: 'order1', status: 'succeeded' }] });
  const told = await gateway.receive({ channel: 'one' }, message);
  expect(Buffer.from(told.body).toString()).toBe('again');
  await clock.rest();
  expect(isClosed).toBe(false);
  answer.resolve();
  expect((await paying).state).toBe('succeeded');
  await closing;
});

it('a gateway that closes lets the message end that its handler takes in', async () => {
  const { channel } = scripted({ pay: { status: 'pending', waitingFor: 'payer' } });
  const read = Promise.withResolvers<void>();
  const slow: NonNullable<typeof channel.receive> = async (message) => {
    await read.promise;
    return channel.receive?.(message) as never;
  };
  const { gateway, clock } = await open({ channels: { one: { ...channel, receive: slow } } });
  await gateway.pay(tea());
  const { body = '' } = notification({ facts: [{ id: 'order1', status: 'succeeded', amount }] });
  const handle = gateway.handler({ channel: 'one' });
  const url = 'http://shop.invalid/one';
  const handling = handle(new Request(url, { method: 'POST', body: Buffer.from(body) }));
  await clock.rest();
  const closing = gateway.close();
  await clock.rest();
  read.resolve();
  expect(await (await handling).text()).toBe('stored');
  await closing;
});

it('a gateway closes although a call of its own has failed', async () => {
  const invalid = new PolyrailError('REQUEST_INVALID', 'description is too long');
  const { channel } = scripted({ pay: invalid });
  const { gateway } = await open({ channels: { one: channel } });
  const paying = gateway.pay(tea());
  await Promise.all([expect(paying).rejects.toBe(invalid), gateway.close()]);
});

it('a gateway waits a minute at most for a call that does not end', async () => {
  const { channel } = scripted({ pay: 'silence' });
  const { gateway, clock } = await open({ channels: { one: channel } });
  void gateway.pay(tea());
  await clock.rest();
  const closing = gateway.close().then(() => clock.now());
  const begun = clock.now();
  await clock.pass(2 * 60_000);
  expect((await closing) - begun).toBe(60_000);
});

it('a gateway that closes amid events leaves those it did not hand out to the next', async () => {
  const store = sqliteStore({ file: ':memory:' });
  const told: string[] = [];
  let close = async (): Promise<void> => undefined;
  const on = {
    payment: {
      pending: transactional(() => void close()),
      succeeded: ({ entry }: GatewayEvent) => void told.push(entry.state),
    },
  };
  const channels = () => ({
    one: scripted({ pay: { status: 'pending', waitingFor: 'payer' } }).channel,
  });
  const kept = { ...store, close: async () => undefined };
  const ordering = await open({ channels: channels(), on, store: kept, concurrency: 0 });
  await ordering.gateway.pay(tea());
  const paid = notification({ facts: [{ id: 'order1', status: 'succeeded', amount }] });
  await ordering.gateway.receive({ channel: 'one' }, paid);
  const closing = await open({ channels: channels(), on, store: kept });
  close = closing.gateway.close;
  await closing.clock.pass(1000);
  expect(told).toEqual([]);
  const next = await open({ channels: channels(), on, store });
  await next.clock.pass(60_000);
  expect(told).toEqual(['succeeded']);
});
