/** gateway storm · stage: what the parts of one world share while it runs. */
import type { Gateway, GatewayOptions, Store } from '../src/index.ts';
import type { Chronicle } from './chronicle.ts';
import type { ChannelName } from './deeds.ts';
import type { Judge } from './judge.ts';
import type { Script } from './script.ts';
import type { Session } from './session.ts';
import type { Town } from './town.ts';

/** What a planted bug replaces between the gateway and what it is given. */
export interface Sabotage {
  store?(store: Store): Store;
  options?(options: GatewayOptions): GatewayOptions;
}

export interface WorldOptions {
  readonly seed: number;
  /** Numbers of its payments. */
  readonly payments: readonly number[];
  /** Parts of scripts that are left out, as `partsOf` names them. */
  readonly without?: ReadonlySet<string> | undefined;
  readonly keepLog?: boolean | undefined;
  readonly sabotage?: Sabotage | undefined;
}

/** A process of the gateway. */
export interface Process {
  readonly seat: number;
  readonly session: Session;
  readonly gateway: Gateway;
}

export interface World {
  readonly options: WorldOptions;
  readonly town: Town;
  readonly store: Store;
  readonly scripts: ReadonlyMap<number, Script>;
  readonly judge: Judge;
  readonly chronicle: Chronicle;
  /** Those that live, by their seats. */
  readonly processes: Map<number, Process>;
  /** How often one of them was asked for something. */
  turns: number;
  /** What takes wall time: done while everything rests, so that it is over at the same moment always. */
  readonly pauses: (() => Promise<unknown>)[];
  /** What a channel has taken, and refused in its reply. */
  readonly denied: Set<string>;
  /** Orders of which a message told another amount than was asked for, and was taken. */
  readonly lies: (readonly [ChannelName, string])[];
  /** The weather is over: handlers take what they are given. */
  calm: boolean;
}

/** Who does what comes next: those that live take turns. */
export function nextProcess(world: World): Process | undefined {
  const seats = [...world.processes.keys()].toSorted((one, other) => one - other);
  const seat = seats[world.turns % seats.length];
  world.turns += 1;
  return seat === undefined ? undefined : world.processes.get(seat);
}
