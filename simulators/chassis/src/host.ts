/** simulator · host: one simulator with its world, before anybody knows how it is reached. */
import { randomInt } from 'node:crypto';
import { createVirtualClock, type VirtualClock } from './clock.ts';
import { createControl } from './control.ts';
import { createEdge, type EdgeResult } from './edge.ts';
import { createFaultBook, type FaultBookOptions, type FaultRule } from './faults.ts';
import { createJournal } from './journal.ts';
import { createNotifier } from './notifier.ts';
import { createSeededRandom } from './random.ts';
import type { Secure, SimulatedRequest, Simulator, SimulatorFactory, World } from './simulator.ts';

export interface MountOptions {
  /**
   * Whole number; the same seed replays the same run. Default: drawn at random, told by
   * `site.seed`.
   */
  readonly seed?: number;
  /** Virtual milliseconds since the epoch to start from; default: the wall clock. */
  readonly startAt?: number;
  readonly frozen?: boolean;
  /** A clock shared with others, who also stop it; excludes `startAt` and `frozen`. */
  readonly clock?: VirtualClock;
}

export interface Host<Credentials> {
  readonly world: World;
  readonly simulator: Simulator<Credentials>;
  refuses(): boolean;
  /** Control routes and the imitated protocol alike. */
  serve(request: SimulatedRequest): Promise<EdgeResult>;
  reset(): Promise<void>;
  stop(): Promise<void>;
}

export interface HostOptions extends MountOptions {
  readonly baseUrl: () => string;
  readonly secure?: () => Secure | undefined;
  readonly onArm?: (rule: FaultRule) => void;
  readonly authority?: string | undefined;
}

function createWorld(options: HostOptions, simulator: () => Simulator | undefined): World {
  const seed = options.seed ?? randomInt(2 ** 31);
  const random = createSeededRandom(seed);
  const clock = options.clock ?? createVirtualClock(options);
  const faults = createFaultBook((): FaultBookOptions => {
    const { stories = [], meaningless = [] } = simulator() ?? {};
    const onArm = options.onArm === undefined ? {} : { onArm: options.onArm };
    return { random: random.fork('faults'), stories, meaningless, ...onArm };
  });
  const journal = createJournal({ secretFields: () => simulator()?.secretFields ?? [] });
  const notifier = createNotifier({ clock, faults, journal });
  const { baseUrl, secure = () => undefined } = options;
  const places = { baseUrl, secure };
  const wallNow = () => (clock.alone ? clock.now() : Date.now());
  return { clock, random, faults, journal, notifier, seed, ...places, wallNow };
}

/** Makes the world, then the simulator in it. */
export async function createHost<Credentials>(
  factory: SimulatorFactory<Credentials>,
  options: HostOptions,
): Promise<Host<Credentials>> {
  let made: Simulator<Credentials> | undefined;
  const world = createWorld(options, () => made);
  const simulator = await factory(world);
  made = simulator;
  const edge = createEdge(world, simulator);
  const reset = async () => {
    world.notifier.clear();
    world.faults.clear();
    world.journal.clear();
    await simulator.reset();
  };
  const control = createControl({ world, simulator, reset, authority: options.authority });
  return {
    world,
    simulator,
    refuses: () => edge.refuses(),
    serve: (request) => (control.owns(request.path) ? control.serve(request) : edge.serve(request)),
    reset,
    async stop() {
      world.notifier.clear();
      world.faults.clear();
      if (options.clock === undefined) world.clock.stop();
      await world.notifier.idle();
    },
  };
}
