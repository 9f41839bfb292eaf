/**
 * simulator · clock: virtual time. Runs with the wall clock until it is moved, frozen or sped up.
 */
import { type Clock, instantOf } from '@polyrail/core';
import { problem } from './problem.ts';
import { later, turn, turns, turnsAwaited } from './wall.ts';

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
   * asynchronous work settle, `hold`ed work in particular: tasks scheduled meanwhile run too.
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
  /**
   * Resolves once nothing moves any more but by time passing. It counts what simulators in this
   * process are about and looks at no wall clock: on a clock that is `alone`, it is exact.
   */
  rest(): Promise<void>;
  /**
   * Moves to the moment of the next task, runs what is due then and rests; `false`, and nothing is
   * moved, when no task is due by `until`. Unlike `advance` it waits for no wall time.
   */
  stepTo(until: number): Promise<boolean>;
  /** Whether nobody here lives by the wall clock: no wait then ends by it. */
  readonly alone: boolean;
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
  /**
   * Nobody lives by the wall clock: waits end, and stamps are dated, by virtual time alone. Then a
   * run is the same however fast the machine is. Default false.
   */
  readonly alone?: boolean;
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

const isBefore = (one: Task, other: Task): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);

/** Tasks by time, then by order of arrival. */
function createAgenda() {
  const tasks: Task[] = [];
  let order = 0;
  /** Where a task stands, or would stand. */
  const placeOf = (task: Task): number => {
    let [low, high] = [0, tasks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(tasks[middle] as Task, task)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    tasks,
    add(at: number, run: () => void): Task {
      if (tasks.length >= maximumTasks)
        throw new RangeError('The virtual clock holds too many tasks.');
      const task = { at, order: order++, run };
      tasks.splice(placeOf(task), 0, task);
      return task;
    },
    remove(task: Task): void {
      const index = placeOf(task);
      if (tasks[index] === task) tasks.splice(index, 1);
    },
  };
}

/** What `advance` waits for besides the clock's own tasks. */
function createHolds(patienceMs: number) {
  const held = new Set<Promise<unknown>>();
  return {
    add(work: Promise<unknown>): void {
      const over = () => void held.delete(entry);
      const entry: Promise<unknown> = work.then(over, over);
      held.add(entry);
    },
    /** Until nobody waits for a turn, and no held work is under way. */
    async rest(): Promise<void> {
      for (;;) {
        await turn();
        if (turnsAwaited() > 0) continue;
        if (held.size === 0) return;
        // What only a thread can bring on is waited for, not asked for again and again.
        await Promise.race(held);
      }
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

/** Where virtual time stands, and how it runs against the wall clock. */
function createTimeline(options: VirtualClockOptions) {
  const wall = options.wall ?? Date.now;
  let [virtualAnchor, wallAnchor] = [options.startAt ?? wall(), wall()];
  checkMoment('startAt', virtualAnchor, 0);
  let [frozen, factor, moved] = [options.frozen === true, 1, options.startAt !== undefined];
  let halted = false;

  const now = (): number =>
    frozen || halted ? virtualAnchor : virtualAnchor + Math.floor((wall() - wallAnchor) * factor);
  const pin = (at: number): void => {
    [virtualAnchor, wallAnchor] = [at, wall()];
  };
  return {
    now,
    runs: () => !(frozen || halted),
    /** Wall time until a virtual moment. */
    wallMsUntil: (at: number) => Math.ceil(Math.max(0, at - now()) / factor),
    /** Sets time forward; it never goes back. */
    moveTo(at: number): void {
      pin(Math.max(now(), at));
      moved = true;
    },
    /** While halted, time stands where `moveTo` puts it. */
    halt(on: boolean): void {
      pin(now());
      halted = on;
    },
    freeze(): void {
      pin(now());
      frozen = true;
    },
    resume(): void {
      pin(now());
      moved ||= frozen;
      frozen = false;
    },
    speed(next: number): void {
      pin(now());
      [factor, moved] = [next, moved || next !== 1];
    },
    state(): VirtualClockState {
      const mode = frozen ? 'frozen' : moved ? 'moved' : 'wall';
      return { now: now(), mode, factor };
    },
  };
}

/** Runs tasks when they are due: by a timer while time runs, by `travel` when it is moved. */
function createRunner(
  timeline: ReturnType<typeof createTimeline>,
  holds: ReturnType<typeof createHolds>,
) {
  const agenda = createAgenda();
  let timer: { cancel(): void } | undefined;
  let stopped = false;

  const takeDue = (until: number): Task | undefined => {
    const first = agenda.tasks[0];
    if (first === undefined || first.at > until) return undefined;
    agenda.remove(first);
    return first;
  };
  const arm = (): void => {
    timer?.cancel();
    timer = undefined;
    const first = agenda.tasks[0];
    if (first === undefined || !timeline.runs() || stopped) return;
    timer = later(Math.min(timeline.wallMsUntil(first.at), longestTimerMs), runDue);
  };
  function runDue(): void {
    try {
      for (let task = takeDue(timeline.now()); task; task = takeDue(timeline.now())) task.run();
    } finally {
      arm();
    }
  }
  const travel = async (target: number): Promise<void> => {
    const failures: unknown[] = [];
    timeline.halt(true);
    try {
      await holds.settle();
      for (let task = takeDue(target); task; task = takeDue(target)) {
        timeline.moveTo(task.at);
        try {
          task.run();
        } catch (error) {
          failures.push(error);
        }
        await holds.settle();
      }
      timeline.moveTo(target);
    } finally {
      timeline.halt(false);
      arm();
    }
    if (failures.length > 0) throw new AggregateError(failures, 'A scheduled task failed.');
  };
  const stepTo = async (until: number): Promise<boolean> => {
    await holds.rest();
    const at = agenda.tasks[0]?.at;
    if (stopped || at === undefined || at > until) return false;
    timeline.moveTo(at);
    for (let task = takeDue(at); task; task = takeDue(at)) task.run();
    await holds.rest();
    return true;
  };
  const schedule = (delayMs: number, run: () => void): (() => void) => {
    if (stopped) return () => undefined;
    const at = Math.min(latestMs, timeline.now() + Math.max(0, delayMs || 0));
    const task = agenda.add(at, run);
    if (agenda.tasks[0] === task) arm();
    return () => agenda.remove(task);
  };
  return {
    arm,
    travel,
    stepTo,
    schedule,
    next: () => agenda.tasks[0]?.at,
    stop() {
      stopped = true;
      agenda.tasks.length = 0;
      timer?.cancel();
    },
  };
}

/** Virtual time for one simulator. */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const timeline = createTimeline(options);
  const holds = createHolds(options.patienceMs ?? 10_000);
  const runner = createRunner(timeline, holds);
  let queue: Promise<void> = Promise.resolve();
  // Two travels at once would run each other's tasks at the wrong time: they take turns.
  const inTurn = (go: () => Promise<void>): Promise<void> => {
    const turn = queue.then(go);
    queue = turn.catch(() => undefined);
    return turn;
  };
  const changed = (change: () => void): void => {
    change();
    runner.arm();
  };
  return {
    now: timeline.now,
    schedule: runner.schedule,
    next: runner.next,
    stop: runner.stop,
    hold: holds.add,
    rest: holds.rest,
    stepTo: (until) => runner.stepTo(until),
    alone: options.alone === true,
    async advance(ms) {
      checkMoment('advanceMs', ms, 0);
      await inTurn(async () => {
        const target = timeline.now() + ms;
        checkMoment('advanceMs', target, 0);
        await runner.travel(target);
      });
    },
    advanceTo: (at) =>
      inTurn(async () => {
        checkMoment('to', at, timeline.now());
        await runner.travel(at);
      }),
    freeze: () => changed(timeline.freeze),
    resume: () => changed(timeline.resume),
    speed(factor) {
      const rule = 'a number above 0, at most 1000000000';
      if (!(factor > 0 && factor <= 1e9)) {
        throw problem({
          field: 'speed',
          rule,
          message: `Time cannot run ${factor} times as fast.`,
        });
      }
      changed(() => timeline.speed(factor));
    },
    get state() {
      return timeline.state();
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
