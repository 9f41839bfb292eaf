/**
 * gateway storm · world: some hundred payments under one seed - the real adapters, gateway and simulators
 * on one virtual clock - carried to the end of time, and judged.
 */
import type { DatabaseSync } from 'node:sqlite';
import { sqliteStore } from '../src/index.ts';
import { booksOf } from './books.ts';
import { type Chronicle, type Counts, createChronicle, type Happening } from './chronicle.ts';
import { channelNames, type Deed } from './deeds.ts';
import { createFate } from './fate.ts';
import { createJudge, type Judge, type Violation } from './judge.ts';
import { createMail } from './mail.ts';
import { boot, replace } from './process.ts';
import { kindsOnce } from './record.ts';
import { gatheringMs, type Script, scriptOf, weatherMs } from './script.ts';
import { createShop, type Shop } from './shop.ts';
import { nextProcess, type World, type WorldOptions } from './stage.ts';
import { handlersOf } from './takers.ts';
import { isPaired } from './terms.ts';
import { openTown, startAt, type Town } from './town.ts';

const minute = 60_000;
const hour = 60 * minute;
/** By then every payment, refund and cancellation has ended, or a person was called. */
export const statedMs = gatheringMs + 9 * hour;
/** So often money that came late is tried to be given back, before a person is called. */
const mostLateRefunds = 5;
const lookEveryMs = 5 * minute;

export interface WorldResult {
  readonly hash: string;
  readonly payments: number;
  readonly violations: readonly Violation[];
  readonly counts: Counts;
  readonly log: readonly string[];
}

/** Everything of a script that can be left out, by a name that stays the same. */
export function partsOf({ number, faults, deeds, crashes, troubles }: Script): readonly string[] {
  const named = (letter: string, all: readonly unknown[]) =>
    all.map((_, index) => `${number}.${letter}${index}`);
  return [
    ...named('f', faults),
    ...named('c', crashes),
    ...named('s', troubles),
    ...named('d', deeds),
  ];
}

/** A script without what is left out. */
export function reduced(script: Script, without: ReadonlySet<string> = new Set()): Script {
  const stays =
    (letter: string) =>
    (_: unknown, index: number): boolean =>
      !without.has(`${script.number}.${letter}${index}`);
  return {
    ...script,
    faults: script.faults.filter(stays('f')),
    crashes: script.crashes.filter(stays('c')),
    troubles: script.troubles.filter(stays('s')),
    deeds: script.deeds.filter(stays('d')),
  };
}

const stateCounts: Readonly<Record<string, Happening>> = {
  'payment late-success': 'late money',
  'authorization late-success': 'late hold',
  'payment succeeded': 'paid',
  'payment failed': 'failed',
  'payment escalated': 'escalation',
  'refund escalated': 'escalation',
  'refund succeeded': 'refunded',
  'refund failed': 'refund failed',
  'cancellation succeeded': 'cancelled',
  'authorization succeeded': 'held',
  'authorization failed': 'not held',
  'authorization escalated': 'escalation',
  'cancellation escalated': 'escalation',
  'agreement succeeded': 'signed up',
  'agreement failed': 'not signed up',
  'agreement escalated': 'escalation',
  'payout succeeded': 'paid out',
  'payout failed': 'payout failed',
  'payout escalated': 'escalation',
  'payment challenged': 'challenged',
  'payout challenged': 'challenged',
  'authorization challenged': 'challenged',
  'agreement challenged': 'challenged',
};

/** Of what belongs to a hold or an agreement. */
const countsWithin: Readonly<Record<string, Readonly<Record<string, Happening>>>> = {
  authorization: { 'payment succeeded': 'captured', 'cancellation succeeded': 'released' },
  agreement: { 'payment succeeded': 'charged' },
};

const factCounts: Readonly<Record<string, (body: string) => Happening | undefined>> = {
  reversal: (body) => (body.includes('"status":"succeeded"') ? 'reversal' : undefined),
  close: (body) => (body.includes('"status":"succeeded"') ? 'closed at the channel' : undefined),
  proof: (body) => (body.includes('"not-found"') ? 'proven absent' : undefined),
  alarm: () => 'alarm',
  unmatched: () => 'unmatched message',
  decision: (body) =>
    body.includes('"accept"') && !body.includes('"decision":"refund"')
      ? 'late money accepted'
      : 'late money refunded',
};

const isBegun: ReadonlySet<string> = new Set(['payment', 'payout', 'authorization', 'agreement']);

function judgeOf(town: Town, chronicle: Chronicle, scripts: ReadonlyMap<number, Script>): Judge {
  const judge: Judge = createJudge({
    books: booksOf(town),
    scripts,
    now: () => town.clock.now(),
    moved(view, former) {
      chronicle.note('entry', view.noun, view.id, former?.state ?? '-', view.state);
      const { noun } = scripts.get(view.payment ?? -1) ?? {};
      const word = `${view.noun} ${view.state}`;
      const what = countsWithin[noun ?? '']?.[word] ?? stateCounts[word];
      if (what !== undefined) chronicle.count(what);
      if (view.proof === 'risk') chronicle.count('blocked');
      if (view.noun === 'payment' && view.attempts.length > 1) chronicle.count('fail-over');
    },
    fact({ kind, body }) {
      const what = factCounts[kind]?.(body);
      if (what !== undefined) chronicle.count(what);
    },
    message({ payment, isNew }) {
      if (!isNew) chronicle.count('double callback');
      const view = judge.record.of(payment ?? -1).find(({ noun }) => isBegun.has(noun));
      if (view?.state === 'created') chronicle.count('callback before reply');
    },
  });
  return judge;
}

/** Has everything of the scripts happen in its time. */
function arrange(world: World, act: (script: Script, deed: Deed) => Promise<void>): () => number {
  const { town, scripts, chronicle } = world;
  let open = 0;
  const later = (atMs: number, task: () => void): void => {
    open += 1;
    town.clock.schedule(atMs, () => {
      open -= 1;
      task();
    });
  };
  for (const script of scripts.values()) {
    const { faults } = town[script.channel];
    const begin = script.beginMs;
    let armed: string[] = [];
    later(begin, () => {
      armed = script.faults.map((rule) => faults.arm({ id: script.id, ...rule }));
    });
    for (const deed of script.deeds) later(begin + deed.atMs, () => void act(script, deed));
    if (script.faults.length === 0) continue;
    later(begin + weatherMs, () => {
      for (const { ruleId, fault, hits } of faults.list()) {
        if (!armed.includes(ruleId)) continue;
        if (hits > 0) chronicle.count(`fault ${fault}`, hits);
      }
      for (const ruleId of armed) faults.disarm(ruleId);
    });
  }
  return () => open;
}

/** Whether late or surplus money is still on its way back. */
const owes = ({ judge, scripts }: World): boolean =>
  [...scripts.values()].some(({ id, noun }) => {
    const { late, surplus = [] } = judge.record.find(noun, id) ?? {};
    const back = noun === 'authorization' ? 'cancellation' : 'refund';
    return [late, ...surplus].some((money) => {
      if (money?.decision !== 'refund' || money.refundAmount?.amount === 0) return false;
      const state = judge.record.find(back, money.refundId ?? '')?.state;
      const isOver = state === 'succeeded' || state === 'escalated';
      return !isOver && (money.refundsFailed ?? 0) < mostLateRefunds;
    });
  });

/** Whether an agreement is still asked about that its channel no longer has. */
const doubts = ({ judge, scripts }: World): boolean =>
  [...scripts.values()].some((script) => judge.isStale(script));

/** Puts dead letters back in line; whether anything is still under way. */
async function look(world: World, open: number, isLast: boolean): Promise<boolean> {
  const { judge, town, chronicle } = world;
  const live = nextProcess(world);
  const waiting = [...judge.record.events.values()].some(({ status }) => status === 'waiting');
  const pushes = channelNames.some((name) => town[name].notifier.pending().length > 0);
  const isQuiet = open === 0 && judge.unsettled.size === 0 && !waiting && !pushes;
  const idle = isQuiet && !owes(world) && !doubts(world) && !judge.isUnheard();
  if (!(idle || isLast) || live === undefined) return true;
  const dead = await live.gateway.deadLetters({ limit: 1000 });
  world.calm = true;
  for (const { eventId } of dead) {
    chronicle.count('dead letter');
    await live.gateway.replay(eventId);
  }
  return dead.length > 0;
}

async function runTo(world: World, open: () => number): Promise<void> {
  const { clock } = world.town;
  const until = startAt + statedMs;
  for (let next = startAt + gatheringMs; next <= until; next += lookEveryMs) {
    while (await clock.stepTo(next)) {
      for (const pause of world.pauses.splice(0)) await pause();
    }
    await clock.advanceTo(next);
    if (!(await look(world, open(), next === until))) return;
  }
  // What was put back in line at the last moment is handed out.
  while (await clock.stepTo(until + lookEveryMs));
}

function seenOnce(world: World): ReadonlyMap<string, number> {
  const { judge } = world;
  const events = [...judge.record.events.values()].filter(({ kind }) => kindsOnce.has(kind));
  return new Map(events.map(({ eventId }) => [eventId, 0]));
}

async function readSeen(world: World): Promise<ReadonlyMap<string, number>> {
  const counts = new Map(seenOnce(world));
  await world.store.transaction(async ({ native }) => {
    const sql = 'SELECT event_id AS eventId FROM storm_seen ORDER BY rowid';
    const seen = (native as DatabaseSync).prepare(sql).all();
    const eventIds = seen.map(({ eventId }) => String(eventId));
    world.judge.written(eventIds);
    for (const eventId of eventIds) counts.set(eventId, (counts.get(eventId) ?? 0) + 1);
  });
  return counts;
}

/** Runs one world from its beginning to the end of time. */
export async function runWorld(options: WorldOptions): Promise<WorldResult> {
  const { seed, payments, without, keepLog = false } = options;
  const scripts = new Map(
    payments.map((number) => [number, reduced(scriptOf(seed, number), without)] as const),
  );
  const town = await openTown((seed * 1_000_003 + (payments[0] ?? 0)) % 2 ** 31);
  const chronicle = createChronicle(() => town.clock.now() - startAt, keepLog);
  const store = sqliteStore({ file: ':memory:' });
  await store.open();
  await store.transaction(async ({ native }) =>
    (native as DatabaseSync).exec('CREATE TABLE storm_seen (event_id TEXT)'),
  );
  const judge = judgeOf(town, chronicle, scripts);
  const world: World = {
    options,
    town,
    store,
    scripts,
    judge,
    chronicle,
    processes: new Map(),
    turns: 0,
    calm: false,
    pauses: [],
    denied: new Set(),
    lies: [],
  };
  const handlers = handlersOf(world);
  const seats = payments.some(isPaired) ? [0, 1] : [0];
  const bootIn = (seat: number) => boot(world, { seat, handlers, witness: fateOf(seat) });
  const fateOf = createFate(world, {
    async restart(seat) {
      const booted = bootIn(seat);
      shop.askAgain();
      await booted;
    },
    failOver: () => shop.askAgain(),
  });
  const { forge } = createMail(world);
  const shop: Shop = createShop({
    sites: town,
    judge,
    chronicle,
    process: () => nextProcess(world),
    later: (delayMs, task) => void town.clock.schedule(delayMs, task),
    forge,
    rotate: ({ channel, noun, id }) => {
      if (channel === 'alipay') return;
      const isOpen = judge.unsettled.has(`${noun} ${id}`);
      chronicle.note('rotate', channel);
      if (isOpen) chronicle.count('key rotation in flight');
      world.pauses.push(() => town[channel].rotate());
    },
    deploy: () => replace(world, bootIn),
  });
  for (const seat of seats) await bootIn(seat);
  const open = arrange(world, shop.act);
  await runTo(world, open);
  for (const [channel, id] of world.lies) judge.lied(channel, id);
  judge.end([...scripts.values()], await readSeen(world));
  for (const { session } of world.processes.values()) session.kill();
  await store.close();
  for (const name of channelNames) await town[name].stop();
  town.clock.stop();
  return {
    hash: chronicle.hash(),
    payments: payments.length,
    violations: judge.violations,
    counts: chronicle.counts,
    log: chronicle.lines,
  };
}
