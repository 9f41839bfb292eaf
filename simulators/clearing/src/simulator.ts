/** clearing · simulator: the house as the chassis runs one - clock, faults, journal, console. */
import type { Clearing, FaultName, Payer, Simulator, World } from '@polyrail/simulator';
import { problem } from '@polyrail/simulator';
import { createHearing } from './hearing.ts';
import { type ClearingHouse, createHouse, type HouseOptions } from './house.ts';
import { answer, nettingPath, subjectOf } from './routes.ts';

/** Faults that mean nothing where nothing is signed and nobody is called back. */
const meaningless: readonly FaultName[] = [
  'bad-signature',
  'foreign-signature',
  'stale-timestamp',
  'wrong-amount',
  'wrong-order',
  'duplicate-notification',
  'late-notification',
  'reordered-notifications',
  'lost-notification',
  'forged-notification',
  'key-rotation',
];

export interface ClearingSimulator extends Simulator<undefined> {
  /** What participants in this process use: its `record` is subject to the armed faults. */
  readonly house: ClearingHouse;
}

const nobodyWaits = async (): Promise<never> => {
  const message = 'A clearing house waits for no payer.';
  throw problem({ field: 'decision', rule: 'a simulator of a payment channel', message });
};
const payer: Payer = { approve: nobodyWaits, decline: nobodyWaits, abandon: nobodyWaits };

/** A clearing house and its central bank in one world. */
export function createClearingSimulator(
  world: World,
  options: HouseOptions = {},
): ClearingSimulator {
  const { clock, faults } = world;
  const hindered = (date: string): boolean =>
    faults.take('maintenance', { operation: 'close', id: date }) !== undefined;
  const { house, calendar, book, reset } = createHouse({ clock, hindered }, options);
  const record: Clearing['record'] = createHearing(world, house.record);
  const { timeZone, dayEndsAt } = calendar;
  const nettingUrl = () => `${world.baseUrl()}${nettingPath}`;
  return {
    channel: 'clearing',
    credentials: undefined,
    meaningless,
    pages: [nettingPath],
    house: { ...house, record },
    operationOf: subjectOf,
    // The edge has let the faults of the wire strike already.
    handle: (request, exchange) => answer(request, exchange, house),
    discovery: () => ({
      channel: 'clearing',
      baseUrl: world.baseUrl(),
      currency: house.currency,
      timeZone,
      dayEndsAt,
      businessDay: house.businessDay(),
      participants: house.participants(),
      nettingUrl: nettingUrl(),
    }),
    payer,
    book: (id) =>
      id === undefined ? { page: nettingUrl(), ...book() } : (house.obligation(id) ?? null),
    settle: async (date) => house.close(date),
    reset,
  };
}
