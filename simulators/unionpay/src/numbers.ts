/** unionpay simulator · numbers: the ids that the channel mints. */
import type { SeededRandom } from '@polyrail/simulator';

/** What the channel calls one transaction. */
export interface Trace {
  /** 21 digits: node, the merchant's txnTime without its century, traceNo, `8`. */
  readonly queryId: string;
  readonly traceNo: string;
  /** The merchant's txnTime without its year. */
  readonly traceTime: string;
}

/** Quirk: the time in it is the merchant's, not that of arrival. */
export function newTrace(numbers: SeededRandom, txnTime: string): Trace {
  const traceNo = numbers.digits(6);
  const queryId = `${numbers.digits(2)}${txnTime.slice(2)}${traceNo}8`;
  return { queryId, traceNo, traceTime: txnTime.slice(4) };
}

/** A number that nothing in `taken` has. */
export function unique(draw: () => string, taken: { has(number: string): boolean }): string {
  let number = draw();
  while (taken.has(number)) number = draw();
  return number;
}

/** The first four and the last four digits. */
export const maskedCard = (number: string): string =>
  `${number.slice(0, 4)}${'*'.repeat(Math.max(0, number.length - 8))}${number.slice(-4)}`;

/** Fen as yuan, for people. */
export const yuan = (fen: number): string => (fen / 100).toFixed(2);
