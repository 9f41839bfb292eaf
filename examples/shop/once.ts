/** examples · once: one order of each channel, by itself and over HTTP, as a browser would. */
import { setTimeout as wait } from 'node:timers/promises';
import type { PollAnswer } from '@polyrail/gateway';
import { shipped } from './live.ts';
import { paymentIdOf } from './orders.ts';
import type { ChannelName, Payers } from './payers.ts';
import type { Shop } from './shop.ts';

const longestMs = 10_000;

async function untilOver(address: string): Promise<PollAnswer> {
  for (let waited = 0; ; ) {
    const reply = await fetch(address, { signal: AbortSignal.timeout(longestMs) });
    const told = (await reply.json()) as PollAnswer;
    if (told.over || waited > longestMs) return told;
    const pause = Math.min(told.pollAfterMs ?? 1000, 250);
    waited += pause;
    await wait(pause);
  }
}

/** Makes an order in the browser's way; gives its id. */
async function order(shopUrl: string, way: string, goods: string): Promise<string> {
  const body = new URLSearchParams({ goods, way });
  const reply = await fetch(`${shopUrl}/orders`, { method: 'POST', body, redirect: 'manual' });
  const [, id = ''] = /^\/orders\/(\w+)$/.exec(reply.headers.get('location') ?? '') ?? [];
  if (id === '') throw new Error(`No order was made: ${reply.status}`);
  return id;
}

/** What went wrong with one order, or nothing. */
async function oneOrder(
  parts: { readonly shop: Shop; readonly payers: Payers; readonly shopUrl: string },
  { way, channel, action }: { way: string; channel: ChannelName; action: string },
): Promise<string | undefined> {
  const { shop, payers, shopUrl } = parts;
  const [goods] = shop.orders.shelf();
  const id = await order(shopUrl, way, goods?.name ?? '');
  const asked = await (await fetch(`${shopUrl}/orders/${id}`)).text();
  if (!asked.includes(action)) return `the page of ${way} shows no ${action}`;
  const paymentId = paymentIdOf(id, 1);
  // A form is posted by a browser: until then the channel knows nothing of the order.
  const entry = await shop.gateway.find('payment', paymentId);
  if (entry?.nextAction?.kind === 'form') {
    const body = new URLSearchParams(entry.nextAction.fields);
    await fetch(entry.nextAction.url, { method: 'POST', body });
  }
  await payers[channel].payer.approve(paymentId);
  const told = await untilOver(`${shopUrl}/orders/${id}/state`);
  if (told.state !== 'succeeded') return `${way} is ${told.state}`;
  if (!(await shipped(shop.orders, id, longestMs))) return `${way} is paid, and not shipped`;
  const debits = (payers[channel].book(paymentId) as { debits?: number } | undefined)?.debits;
  if (debits !== 1) return `the payer of ${way} was charged ${debits} times`;
  const left = shop.orders.shelf()[0]?.stock ?? 0;
  if (left !== (goods?.stock ?? 0) - 1) return `${left} are left, of ${goods?.stock}`;
  console.log(`${way.padEnd(14)} order ${id}: paid once, shipped once`);
  return undefined;
}

/** `0` when every channel's order came to its end. */
export async function once(parts: Parameters<typeof oneOrder>[0]): Promise<0 | 1> {
  const cases = [
    { way: 'alipay-qr', channel: 'alipay', action: 'alt="QR code"' },
    { way: 'wechatpay-qr', channel: 'wechatpay', action: 'alt="QR code"' },
    { way: 'unionpay-page', channel: 'unionpay', action: 'frontTransReq.do' },
  ] as const;
  for (const one of cases) {
    const problem = await oneOrder(parts, one);
    if (problem === undefined) continue;
    console.error(problem);
    return 1;
  }
  return 0;
}
