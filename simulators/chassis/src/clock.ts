/** simulator · clock: virtual time. Runs with the wall clock until it is moved, frozen or sped up. */
import { type Clock, instantOf } from '@polyrail/core';
import { problem } from './problem.ts';
import { later, turns } from './wall.ts';

export interface VirtualClockState {
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** `wall`: never moved. `moved`: runs, but not with the wall clock. `frozen`: stands still. */
  readonly mode: 'wall' | 'frozen' | 'moved';
  /** Virtual milliseconds per wall millisecond while the clock runs. */
  readonly factor: number;
}

export interface VirtualClock extends Clock {
  /**
   * Moves time forward by `ms`, running every due task in time order. Between two tasks it lets
   * asynchronous work settle, `hold`ed work in particular, so that tasks scheduled meanwhile run too.
   */
  advance(ms: number): Promise<void>;
  /** As `advance`, to a moment; a moment in the past is refused. */
  advanceTo(at: number): Promise<void>;
  /** Time of the next scheduled task. */
  next(): number | undefined;
  freeze(): void;
  resume(): void;
  /** Virtual milliseconds per wall millisecond, from now on. */
  speed(factor: number): void;
  /** Work that `advance` waits for before it moves on: a delivery under way, for instance. */
  hold(work: Promise<unknown>): void;
  readonly state: VirtualClockState;
  /** Drops every task; whatever is scheduled later never runs. */
  stop(): void;
}

export interface VirtualClockOptions {
  /** Milliseconds since the epoch to start from; default: the wall clock. */
  readonly startAt?: number;
  readonly frozen?: boolean;
  /** The wall clock, for tests. */
  readonly wall?: () => number;
  /** Longest wall time that `advance` waits for held work before it moves on. Default 10 000. */
  readonly patienceMs?: number;
}

interface Task {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

const longestTimerMs = 2 ** 31 - 1;
const maximumTasks = 100_000;
const latestMs = 8.64e15;

function checkMoment(field: string, value: number, lowest: number): void {
  if (Number.isFinite(value) && value >= lowest && value <= latestMs) return;
  const rule = `a finite number, not below ${lowest}`;
  throw problem({ field, rule, message: `Virtual time cannot move to ${field} = ${value}.` });
}

/** Tasks by time, then by order of arrival. */
function createAgenda() {
  const tasks: Task[] = [];
  let order = 0;
  return {
    tasks,
    add(at: number, run: () => void): Task {
      if (tasks.length >= maximumTasks)
        throw new RangeError('The virtual clock holds too many tasks.');
      const task = { at, order: order++, run };
      let index = tasks.length;
      while (index > 0 && (tasks[index - 1]?.at ?? 0) > at) index -= 1;
      tasks.splice(index, 0, task);
      return task;
    },
    remove(task: Task): void {
      const index = tasks.indexOf(task);
      if (index >= 0) tasks.splice(index, 1);
    },
  };
}

/** What `advance` waits for besides the clock's own tasks. */
function createHolds(patienceMs: number) {
  const held = new Set<Promise<unknown>>();
  return {
    add(work: Promise<unknown>): void {
      const entry: Promise<unknown> = work.catch(() => undefined).then(() => held.delete(entry));
      held.add(entry);
    },
    async settle(): Promise<void> {
      await turns(2);
      let patient = true;
      // Work that itself waits for virtual time would never end: patience does.
      const giveUp = () => {
        patient = false;
      };
      const over = later(patienceMs, giveUp, true);
      while (held.size > 0 && patient) {
        await Promise.race([Promise.allSettled(held), over.done]);
        await turns(2);
      }
      over.cancel();
    },
  };
}

/** Virtual time for one simulator. */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const wall = options.wall ?? Date.now;
  const agenda = createAgenda();
  const holds = createHolds(options.patienceMs ?? 10_000);
  let [virtualAnchor, wallAnchor] = [options.startAt ?? wall(), wall()];
  checkMoment('startAt', virtualAnchor, 0);
  let [frozen, factor, moved] = [options.frozen === true, 1, options.startAt !== undefined];
  let [advancing, stopped] = [false, false];
  let timer: { cancel(): void } | undefined;
  let queue: Promise<void> = Promise.resolve();

  const now = (): number =>
    frozen || advancing
      ? virtualAnchor
      : virtualAnchor + Math.floor((wall() - wallAnchor) * factor);
  const pin = (at: number) => {
    [virtualAnchor, wallAnchor] = [at, wall()];
  };

  const arm = (): void => {
    timer?.cancel();
    timer = undefined;
    const first = agenda.tasks[0];
    if (first === undefined || frozen || advancing || stopped) return;
    const waitMs = Math.min(Math.ceil(Math.max(0, first.at - now()) / factor), longestTimerMs);
    timer = later(waitMs, runDue);
  };
  function runDue(): void {
    if (frozen || advancing || stopped) return;
    try {
      for (let task = agenda.tasks[0]; task && task.at <= now(); task = agenda.tasks[0]) {
        agenda.remove(task);
        task.run();
      }
    } finally {
      arm();
    }
  }

  const travel = async (target: number): Promise<void> => {
    const failures: unknown[] = [];
    pin(now());
    advancing = true;
    try {
      await holds.settle();
      for (let task = agenda.tasks[0]; task && task.at <= target; task = agenda.tasks[0]) {
        agenda.remove(task);
        pin(Math.max(virtualAnchor, task.at));
        try {
          task.run();
        } catch (error) {
          failures.push(error);
        }
        await holds.settle();
      }
      pin(Math.max(virtualAnchor, target));
    } finally {
      moved = true;
      advancing = false;
      arm();
    }
    if (failures.length > 0) throw new AggregateError(failures, 'A scheduled task failed.');
  };
  const inTurn = (go: () => Promise<void>): Promise<void> => {
    const turn = queue.then(go);
    queue = turn.catch(() => undefined);
    return turn;
  };

  return {
    now,
    schedule(delayMs, run) {
      if (stopped) return () => undefined;
      const delay = Number.isFinite(delayMs) ? Math.max(0, delayMs) : 0;
      const task = agenda.add(now() + delay, run);
      arm();
      return () => {
        agenda.remove(task);
        arm();
      };
    },
    async advance(ms) {
      checkMoment('advanceMs', ms, 0);
      await inTurn(() => travel(now() + ms));
    },
    async advanceTo(at) {
      await inTurn(async () => {
        checkMoment('to', at, now());
        await travel(at);
      });
    },
    next: () => agenda.tasks[0]?.at,
    freeze() {
      pin(now());
      frozen = true;
      arm();
    },
    resume() {
      if (frozen && !advancing) pin(virtualAnchor);
      if (frozen) moved = true;
      frozen = false;
      arm();
    },
    speed(next) {
      if (!(Number.isFinite(next) && next > 0 && next <= 1e9)) {
        const rule = 'a number above 0, at most 1000000000';
        throw problem({ field: 'speed', rule, message: `Time cannot run ${next} times as fast.` });
      }
      pin(now());
      [factor, moved] = [next, moved || next !== 1];
      arm();
    },
    hold: holds.add,
    get state() {
      const mode = frozen ? 'frozen' : moved ? 'moved' : 'wall';
      return { now: now(), mode, factor } as const;
    },
    stop() {
      stopped = true;
      agenda.tasks.length = 0;
      timer?.cancel();
    },
  };
}

/** A clock's state for people and for JSON. */
export const describeClock = (clock: VirtualClock) => {
  const { now, mode, factor } = clock.state;
  const next = clock.next();
  return {
    now: instantOf(now),
    epochMs: now,
    mode,
    factor,
    ...(next === undefined ? {} : { next: instantOf(next) }),
  };
};
