/** clearing · site: starts a clearing house, in this process or on a port. */
import {
  type HttpMountOptions,
  mountHttp,
  mountInProcess,
  type Site,
  type VirtualClock,
  type World,
} from '@polyrail/simulator';
import type { ClearingHouse, HouseOptions } from './house.ts';
import type { ObligationTruth } from './obligation.ts';
import { type ClearingSimulator, createClearingSimulator } from './simulator.ts';

export interface ClearingStartOptions extends HouseOptions, Omit<HttpMountOptions, 'mutualTls'> {
  /** `http` (default) listens on a port; `in-process` opens no socket. */
  readonly mount?: 'http' | 'in-process';
  /** The clock of the simulators that settle through it: without it their nights differ. */
  readonly clock?: VirtualClock;
}

/** A running clearing house: what a simulator takes as its `clearing`. */
export interface ClearingSite extends Site<undefined>, ClearingHouse {
  /** What became of one obligation; `undefined` for an id never recorded. */
  book(id: string): ObligationTruth | undefined;
  /** Both books' accounts, and the table of the open day. */
  book(): unknown;
}

/**
 * Starts a clearing house with its central bank.
 *
 * @throws Error when the port is taken.
 * @throws RangeError for a time zone, or an end of the day, that is none.
 */
export async function startClearing(options: ClearingStartOptions = {}): Promise<ClearingSite> {
  let made: ClearingSimulator | undefined;
  const factory = (world: World) => {
    made = createClearingSimulator(world, options);
    return made;
  };
  const { mount = 'http' } = options;
  const site =
    mount === 'http' ? await mountHttp(factory, options) : await mountInProcess(factory, options);
  const { house } = made as unknown as ClearingSimulator;
  function book(id: string): ObligationTruth | undefined;
  function book(): unknown;
  function book(id?: string): unknown {
    return id === undefined ? site.book() : house.obligation(id);
  }
  return { ...site, ...house, book };
}
