/** wechatpay simulator · numbers: the channel's own numbers, in the shapes of the real ones. */
import type { SeededRandom } from '@polyrail/simulator';
import { compactDay, compactTime } from './time.ts';

export const yuan = (fen: number): string => {
  const digits = String(Math.abs(fen)).padStart(3, '0');
  return `${fen < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

const base62 = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'];
export const letters = (random: SeededRandom, length: number): string =>
  Array.from({ length }, () => random.pick(base62)).join('');

export const hex = (random: SeededRandom, bytes: number): string =>
  Buffer.from(random.bytes(bytes)).toString('hex');

/** 28 digits. */
export const transactionNumber = (random: SeededRandom, at: number): string =>
  `42000${random.digits(5)}${compactDay(at)}${random.digits(10)}`;

/** 29 digits. */
export const refundNumber = (random: SeededRandom, at: number): string =>
  `503${random.digits(8)}${compactDay(at)}${random.digits(10)}`;

/** 36 characters: `wx`, day and time, hexadecimal. */
export const prepayNumber = (random: SeededRandom, at: number): string =>
  `wx${compactTime(at).slice(6)}${hex(random, 11)}0000`;

export const transferNumber = (random: SeededRandom, at: number): string =>
  `133000${random.digits(8)}${compactDay(at)}${random.digits(10)}`;

export const contractNumber = (random: SeededRandom, at: number): string =>
  `${compactDay(at)}${random.digits(10)}`;

/** 28 characters. */
export const openIdOf = (random: SeededRandom): string => `o${letters(random, 27)}`;
