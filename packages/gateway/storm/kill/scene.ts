/**
 * gateway storm kill · scene: everything that stands while processes are killed - the channels' simulators on
 * one clock, the database, the balancer, the processes and what is asked of them.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAlipay } from '@polyrail/alipay-simulator';
import { createSeededRandom, createVirtualClock, type SeededRandom } from '@polyrail/simulator';
import { startUnionPay } from '@polyrail/unionpay-simulator';
import { startWechatPay } from '@polyrail/wechatpay-simulator';
import type { Sites } from '../books.ts';
import { type Balancer, startBalancer } from './balancer.ts';
import { type Database, openDatabase } from './database.ts';
import { createLoad, type Load } from './load.ts';
import { isOver } from './verdict.ts';
import type { Listed, Setting, Time } from './victim.ts';
import { createVictims, type Victims } from './victims.ts';

/** How each store is run. Wall ms that pass at most before a killed process is started again. */
export const stores = {
  sqlite: { processes: 1, pauseMs: 100 },
  postgres: { processes: 3, pauseMs: 1200 },
} as const;
type StoreName = keyof typeof stores;

/** How long a payer may pay, in virtual ms. */
const expireAfterMs = 4 * 60_000;
/** Wall time after the last kill by which everything has ended, at ten times its speed. */
const settleMs = 8 * 60_000;

export interface Storm {
  readonly store: StoreName;
  readonly kills: number;
  readonly seed: number;
  readonly speed: number;
  /** A bug that is put into the processes, by its name. */
  readonly planted?: string | undefined;
}

/** What takes everything down again, the last first. */
export type Undo = (() => Promise<unknown>)[];

export interface Scene extends Storm {
  readonly random: SeededRandom;
  readonly victims: Victims;
  readonly load: Load;
  readonly signal: AbortSignal;
  readonly sites: Sites;
  readonly database: Database;
  readonly balancer: Balancer;
  readonly heard: ReadonlyMap<string, number>;
  /** What is wrong already. */
  readonly wrong: string[];
}

async function openSites(seed: number, { virtualAt, speed }: Time) {
  const clock = createVirtualClock({ startAt: virtualAt });
  clock.speed(speed);
  const mount = { shareKeys: true, seed, clock, port: 0 } as const;
  const alipay = await startAlipay(mount);
  const wechatpay = await startWechatPay({ ...mount, tlsBeside: false });
  const older = await startWechatPay({ ...mount, tlsBeside: false });
  const unionpay = await startUnionPay(mount);
  const sites: Sites = { alipay, wechatpay, 'wechatpay-v2': older, unionpay };
  const reach = (name: keyof Sites) => ({
    credentials: sites[name].credentials,
    url: sites[name].url,
  });
  const access = {
    alipay: reach('alipay'),
    wechatpay: reach('wechatpay'),
    'wechatpay-v2': reach('wechatpay-v2'),
    unionpay: reach('unionpay'),
  } as Setting['access'];
  return {
    sites,
    access,
    async stop() {
      for (const site of Object.values(sites)) await site.stop();
      clock.stop();
    },
  };
}

/** Puts everything up. */
export async function openScene(storm: Storm, signal: AbortSignal, undo: Undo): Promise<Scene> {
  const { store, seed, speed, planted } = storm;
  const wallAt = Date.now();
  const time: Time = { virtualAt: wallAt, wallAt, speed };
  const { sites, access, stop } = await openSites(seed, time);
  undo.push(stop);
  const database = await openDatabase[store](time);
  undo.push(database.close);
  const cache = await mkdtemp(join(tmpdir(), 'polyrail-kill-cache-'));
  undo.push(() => rm(cache, { recursive: true, force: true }));
  const random = createSeededRandom(seed);
  const doubling = random.fork('doubles');
  const balancer = await startBalancer({
    ports: () => victims.ports(),
    doubles: () => doubling.chance(0.15),
  });
  undo.push(balancer.stop);
  const heard = new Map<string, number>();
  const wrong: string[] = [];
  const { place } = database;
  const victims: Victims = createVictims({
    count: stores[store].processes,
    setting: { access, place, notifyUrl: balancer.url, time, expireAfterMs, planted },
    cache,
    told(reply) {
      if (reply.kind !== 'heard') return load.told(reply);
      heard.set(reply.eventId, (heard.get(reply.eventId) ?? 0) + 1);
    },
    gone: (index) => load.gone(index),
    diedAlone: (words) => void wrong.push(words),
  });
  const load = createLoad({ random, sites, victims, speed, expireAfterMs });
  undo.push(victims.stop);
  const all = Array.from({ length: stores[store].processes }, (_, index) => index);
  await Promise.all(all.map((index) => victims.start(index)));
  undo.push(async () => load.stop());
  const killing = random.fork('kills');
  return {
    ...storm,
    random: killing,
    victims,
    load,
    signal,
    sites,
    database,
    balancer,
    heard,
    wrong,
  };
}

const openOf = ({ payments, refunds }: Listed): string => {
  const told = (noun: string, all: Listed['payments']) =>
    [...Map.groupBy(all, ({ state }) => state)].map(
      ([state, those]) => `${those.length} ${noun}s ${state}`,
    );
  return [...told('payment', payments), ...told('refund', refunds)].join(', ');
};

/** Until nobody works on anything any more, or for as long as that may take. */
export async function settle(scene: Scene, say: (text: string) => void) {
  const { speed, victims, load, database, signal } = scene;
  const until = performance.now() + (settleMs * 10) / speed;
  for (;;) {
    await sleep(5000, undefined, { signal });
    const all = { ...(await victims.list()), ...(await database.read()) };
    const waiting = all.emitted.filter(({ status }) => status === 'waiting').length;
    say(`${openOf(all)}; ${waiting} events in line, ${load.unanswered().length} unanswered`);
    const isDone = isOver(all) && load.unanswered().length === 0;
    if (isDone || performance.now() > until) return all;
  }
}
