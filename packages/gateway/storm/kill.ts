/**
 * gateway storm · kill: `npm run storm:kill`. Gateway processes over HTTP and one SQLite file are killed
 * with -9 under load and started again; the books of the channels judge what is left.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startAlipay } from '@polyrail/alipay-simulator';
import { createSeededRandom, createVirtualClock, type SeededRandom } from '@polyrail/simulator';
import { startUnionPay } from '@polyrail/unionpay-simulator';
import { startWechatPay } from '@polyrail/wechatpay-simulator';
import type { Entry } from '../src/index.ts';
import { booksOf, type Sites } from './books.ts';
import { idOf } from './script.ts';
import type { Order, Setting, Told } from './victim.ts';

/** Virtual time runs so much faster than the wall clock. */
const speed = 10;
const channelNames = ['alipay', 'wechatpay', 'unionpay'] as const;
/** Wall time after the last kill by which everything has ended. */
const settleMs = 6 * 60_000;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Listed {
  readonly payments: readonly Entry[];
  readonly refunds: readonly Entry[];
}

/** One gateway process after the other. */
function createVictims(setting: () => Setting) {
  let child: ChildProcess | undefined;
  /** What was asked and not answered: asked again of the next process. */
  const open = new Map<string, Told>();
  let listed: ((list: Listed) => void) | undefined;
  const start = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const made = fork(new URL('victim.ts', import.meta.url), {
        execArgv: ['--conditions=@polyrail/source', '--no-warnings'],
      });
      child = made;
      made.on('message', (message: { kind: string; what?: string; id?: string } & Listed) => {
        if (message.kind === 'ready') {
          for (const told of open.values()) made.send(told);
          resolve();
        } else if (message.kind === 'done') open.delete(`${message.what} ${message.id}`);
        else if (message.kind === 'list') listed?.(message);
      });
      made.on('error', reject);
      made.send(setting());
    });
  return {
    start,
    ask(told: Extract<Told, { order: Order }>): void {
      open.set(`${told.kind} ${told.order.id}`, told);
      if (child?.connected) child.send(told);
    },
    async kill(): Promise<void> {
      const victim = child;
      if (victim === undefined) return;
      const gone = new Promise((resolve) => victim.once('exit', resolve));
      victim.kill('SIGKILL');
      await gone;
    },
    list: (): Promise<Listed> =>
      new Promise((resolve) => {
        listed = resolve;
        child?.send({ kind: 'list' });
      }),
    stop: () => child?.kill('SIGKILL'),
  };
}

const faults = ['drop-reply', 'drop-request', 'server-error', 'duplicate-notification'] as const;

function orderOf(number: number, random: SeededRandom): Order {
  const channel = random.pick(channelNames);
  return { id: idOf(number), channel, amount: 1 + random.integer(100_000) };
}

/** What is left to be judged, by the channels' own books. */
function judge(orders: readonly Order[], { payments, refunds }: Listed, sites: Sites): string[] {
  const books = booksOf(sites);
  const byId = new Map(payments.map((entry) => [entry.id, entry]));
  const wrong: string[] = [];
  for (const { id, channel, amount } of orders) {
    const entry = byId.get(id);
    const truth = books.truth(channel, id) ?? { debits: 0, paid: 0, refunded: 0 };
    if (entry === undefined) wrong.push(`${id} is lost; debits at ${channel}: ${truth.debits}`);
    else if (truth.debits > 1) wrong.push(`${id} was debited ${truth.debits} times`);
    else if (entry.state === 'succeeded' && truth.paid !== amount) {
      wrong.push(`${id} is succeeded, and ${truth.paid} of ${amount} was paid`);
    } else if (entry.state === 'failed' && truth.paid !== truth.refunded) {
      wrong.push(`${id} is failed, and ${truth.paid} was paid`);
    } else if (!['succeeded', 'failed', 'late-success', 'escalated'].includes(entry.state)) {
      wrong.push(`${id} is still ${entry.state}`);
    }
    const back = refunds.filter(({ parent, state }) => parent?.id === id && state === 'succeeded');
    const given = back.reduce((sum, refund) => sum + (refund.amount?.amount ?? 0), 0);
    const isOpen = refunds.some(({ parent, state }) => parent?.id === id && state === 'escalated');
    const paidBack = entry?.state === 'failed' ? 0 : truth.refunded;
    if (!isOpen && given !== paidBack) wrong.push(`${id}: ${given} given back, ${paidBack} there`);
  }
  for (const channel of channelNames) {
    const known = new Set(orders.map(({ id }) => id));
    for (const id of books.orders(channel)) if (!known.has(id)) wrong.push(`${id} is nobody's`);
    if (books.balance(channel) !== 0) wrong.push(`${channel} sums to ${books.balance(channel)}`);
  }
  return wrong;
}

const isOver = ({ payments, refunds }: Listed): boolean =>
  [...payments, ...refunds].every(({ state }) =>
    ['succeeded', 'failed', 'late-success', 'escalated'].includes(state),
  );

const openOf = ({ payments, refunds }: Listed): string => {
  const states = Map.groupBy([...payments, ...refunds], ({ noun, state }) => `${noun} ${state}`);
  return [...states].map(([name, those]) => `${those.length} ${name}`).join(', ');
};

async function run({ kills, seed }: { kills: number; seed: number }): Promise<boolean> {
  const random = createSeededRandom(seed);
  const clock = createVirtualClock({ startAt: Date.now() });
  clock.speed(speed);
  const mount = { shareKeys: true, seed, clock, port: 0 } as const;
  const alipay = await startAlipay(mount);
  const wechatpay = await startWechatPay({ ...mount, tlsBeside: false });
  const unionpay = await startUnionPay(mount);
  const sites: Sites = { alipay, wechatpay, unionpay };
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'polyrail-kill-'));
  const reach = (name: keyof Sites) => ({
    credentials: sites[name].credentials,
    url: sites[name].url,
  });
  const access = {
    alipay: reach('alipay'),
    wechatpay: reach('wechatpay'),
    unionpay: reach('unionpay'),
  } as Setting['access'];
  const file = join(folder, 'gateway.db');
  const victims = createVictims(() => ({ access, file, port, now: clock.now(), speed }));
  await victims.start();
  const orders: Order[] = [];
  const begin = (): void => {
    const order = orderOf(orders.length, random);
    orders.push(order);
    const { faults: book, payer } = sites[order.channel];
    if (random.chance(0.3)) book.arm({ fault: random.pick(faults), id: order.id });
    victims.ask({ kind: 'pay', order });
    const approves = random.chance(0.85);
    const approve = (tries: number): void => {
      // The order may not be there yet: a payer looks again.
      const again = () => tries > 0 && setTimeout(approve, 1500, tries - 1).unref();
      payer.approve(order.id).catch(again);
    };
    if (approves) setTimeout(approve, 400, 4).unref();
    if (approves && random.chance(0.3)) {
      setTimeout(() => victims.ask({ kind: 'refund', order }), 3000).unref();
    }
  };
  // As many as one list tells.
  const load = setInterval(() => orders.length < 950 && begin(), 350);
  for (let count = 1; count <= kills; count += 1) {
    await sleep(50 + random.integer(400));
    await victims.kill();
    await victims.start();
    if (count % 10 === 0) say(`${count} kills, ${orders.length} payments`);
  }
  clearInterval(load);
  const until = performance.now() + settleMs;
  await sleep(5000);
  let list = await victims.list();
  while (!isOver(list) && performance.now() < until) {
    await sleep(2000);
    list = await victims.list();
    say(openOf(list));
  }
  const wrong = judge(orders, list, sites);
  for (const what of wrong.slice(0, 20)) say(what);
  const states = Map.groupBy(list.payments, ({ state }) => state);
  const told = [...states].map(([state, those]) => `${those.length} ${state}`).join(', ');
  say(`${kills} kills, ${orders.length} payments (${told}), ${wrong.length} violations`);
  victims.stop();
  for (const site of Object.values(sites)) await site.stop();
  clock.stop();
  await rm(folder, { recursive: true, force: true });
  return wrong.length === 0;
}

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
  },
});
const isGood = await run({ kills: Number(values.kills), seed: Number(values.seed) });
process.exit(isGood ? 0 : 1);
