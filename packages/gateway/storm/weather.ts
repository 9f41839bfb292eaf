/** gateway storm · weather: what goes wrong between a merchant and any channel, whatever is asked for. */
import type { FaultRule, SeededRandom } from '@polyrail/simulator';

const second = 1000;
const minute = 60 * second;

/** Of an exchange. */
export const exchangeFaults: readonly FaultRule[] = [
  { fault: 'drop-request' },
  { fault: 'drop-request', silent: true },
  { fault: 'drop-reply' },
  { fault: 'drop-reply', silent: true },
  { fault: 'delay', delayMs: 4 * second },
  { fault: 'delay', delayMs: 90 * second },
  { fault: 'reset-mid-body' },
  { fault: 'server-error' },
  { fault: 'server-error', performed: true },
  { fault: 'garbage-body' },
  { fault: 'truncate-body' },
  { fault: 'bad-signature' },
  { fault: 'foreign-signature' },
  { fault: 'wrong-amount' },
  { fault: 'wrong-order' },
  { fault: 'rate-limit' },
  { fault: 'maintenance' },
  { fault: 'unsigned-reply' },
];

/** Of a message of the channel. */
const notifyFaults: readonly FaultRule[] = [
  { fault: 'duplicate-notification', copies: 2 },
  { fault: 'late-notification', delayMs: 20 * minute },
  { fault: 'late-notification', delayMs: 100 * minute },
  { fault: 'reordered-notifications' },
  { fault: 'lost-notification' },
  { fault: 'lost-notification', times: 30 },
  { fault: 'forged-notification' },
  { fault: 'bad-signature' },
  { fault: 'wrong-amount' },
  { fault: 'foreign-signature' },
];

/** Something goes wrong with a message of the channel. */
export const noticeFault = (operation: string, random: SeededRandom): FaultRule => ({
  ...random.pick(notifyFaults),
  operation,
});

/** Up to three faults for what often has none. */
export const fewFaults = (random: SeededRandom, draw: () => FaultRule): readonly FaultRule[] =>
  random.chance(0.4) ? [] : Array.from({ length: 1 + random.integer(3) }, draw);

/** A fault strikes once, or several times. */
export const howOften = (random: SeededRandom): Pick<FaultRule, 'times'> =>
  random.chance(0.3) ? { times: 1 + random.integer(4) } : {};
