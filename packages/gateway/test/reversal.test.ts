import { afterEach, expect, it } from 'vitest';
import type { GatewayEvent } from '../src/index.ts';
import { amount, createOpener, notification, scripted, tea } from './script.ts';

const { open, close } = createOpener();
afterEach(close);

const order = tea();
const lost = { status: 'unknown', doubt: 'no-reply' } as const;

it('a reversal of what is paid is told again until the channel has answered it', async () => {
  const reverse = [lost, lost, { status: 'succeeded', effect: 'refunded' }] as const;
  const { channel, heard } = scripted({ pay: { status: 'succeeded' }, reverse });
  const { gateway, clock } = await open({ channels: { one: channel } });
  await gateway.pay(order);
  expect((await gateway.reverse('order1')).undone).toBeUndefined();
  await clock.pass(60_000);
  expect(heard.filter(({ verb }) => verb === 'reverse')).toHaveLength(3);
  expect(await gateway.find('payment', 'order1')).toMatchObject({
    state: 'succeeded',
    undone: { by: 'reversal', amount },
  });
});

it('calls a person when it is never answered', async () => {
  const { channel, heard } = scripted({ pay: { status: 'succeeded' }, reverse: lost });
  const alarms: GatewayEvent[] = [];
  const { gateway, clock } = await open({
    channels: { one: channel },
    on: { payment: { alarm: (event) => void alarms.push(event) } },
  });
  await gateway.pay(order);
  await gateway.reverse('order1');
  await clock.pass(6 * 60 * 60_000);
  expect(heard.filter(({ verb }) => verb === 'reverse')).toHaveLength(13);
  expect(alarms).toHaveLength(1);
});

it('counts what the channel finds closed when it is told again', async () => {
  const reverse = [lost, { status: 'succeeded', effect: 'closed' }] as const;
  const { channel } = scripted({ pay: { status: 'succeeded' }, reverse });
  const { gateway, clock } = await open({ channels: { one: channel } });
  await gateway.pay(order);
  await gateway.reverse('order1');
  await clock.pass(60_000);
  expect(await gateway.find('payment', 'order1')).toMatchObject({ undone: { amount } });
});

it('is told once, whoever tells of it first', async () => {
  const undone = { by: 'refund', amount } as const;
  const back = { status: 'succeeded', effect: 'refunded' } as const;
  const { channel } = scripted({ pay: { status: 'succeeded' }, reverse: [lost, back] });
  const told: GatewayEvent[] = [];
  const { gateway, clock } = await open({
    channels: { one: channel },
    on: { payment: { undone: (event) => void told.push(event) } },
  });
  await gateway.pay(order);
  await gateway.reverse('order1');
  const fact = { id: 'order1', status: 'succeeded', amount, undone } as const;
  await gateway.receive({ channel: 'one' }, notification({ eventId: 'back', facts: [fact] }));
  await clock.pass(60_000);
  expect(told).toHaveLength(1);
});
