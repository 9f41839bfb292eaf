/**
 * kit · card: what a card's number tells by itself - whether it is one, whose it is, and how much of
 * it may be shown.
 */

/** Core masks what passes it wherever it is printed; one formula says what a card number is. */
export { passesLuhn } from '@polyrail/core';

export type CardBrand =
  | 'unionpay'
  | 'visa'
  | 'mastercard'
  | 'american-express'
  | 'jcb'
  | 'diners-club'
  | 'discover';

/** Issuer identification numbers of one brand: the first digits, from and to, both inclusive. */
interface BrandRange {
  readonly brand: CardBrand;
  readonly from: string;
  readonly to: string;
  readonly lengths: readonly number[];
}

const lengthsBetween = (least: number, most: number): readonly number[] =>
  Array.from({ length: most - least + 1 }, (_, index) => least + index);

/**
 * ISO/IEC 7812-1 gives the leading digits out; these are the ranges the schemes publish for
 * acquirers. UnionPay: 62, and 81 since 2015, 16 to 19 digits (GB/T 15694, JR/T 0008). Discover's 62
 * of co-branded cards are UnionPay's. Which bank issued a card changes weekly and is not told here.
 */
const ranges: readonly BrandRange[] = [
  { brand: 'unionpay', from: '62', to: '62', lengths: lengthsBetween(16, 19) },
  { brand: 'unionpay', from: '8100', to: '8171', lengths: lengthsBetween(16, 19) },
  { brand: 'visa', from: '4', to: '4', lengths: [13, 16, 19] },
  { brand: 'mastercard', from: '51', to: '55', lengths: [16] },
  { brand: 'mastercard', from: '2221', to: '2720', lengths: [16] },
  { brand: 'american-express', from: '34', to: '34', lengths: [15] },
  { brand: 'american-express', from: '37', to: '37', lengths: [15] },
  { brand: 'jcb', from: '3528', to: '3589', lengths: lengthsBetween(16, 19) },
  { brand: 'diners-club', from: '300', to: '305', lengths: lengthsBetween(16, 19) },
  { brand: 'diners-club', from: '36', to: '36', lengths: lengthsBetween(14, 19) },
  { brand: 'diners-club', from: '38', to: '39', lengths: lengthsBetween(16, 19) },
  { brand: 'discover', from: '6011', to: '6011', lengths: lengthsBetween(16, 19) },
  { brand: 'discover', from: '644', to: '649', lengths: lengthsBetween(16, 19) },
  { brand: 'discover', from: '65', to: '65', lengths: lengthsBetween(16, 19) },
];

const digitsOnly = /^\d{12,19}$/;

/**
 * The brand of a card by its first digits and its length; `undefined` where no published range has
 * them - which is no proof that there is no such card.
 */
export function cardBrand(number: string): CardBrand | undefined {
  if (!digitsOnly.test(number)) return undefined;
  const found = ranges.find(({ from, to, lengths }) => {
    const head = number.slice(0, from.length);
    return from <= head && head <= to && lengths.includes(number.length);
  });
  return found?.brand;
}

/** The lengths a brand's cards have, ascending. */
export const cardLengths = (brand: CardBrand): readonly number[] =>
  [...new Set(ranges.flatMap((range) => (range.brand === brand ? range.lengths : [])))].toSorted(
    (a, b) => a - b,
  );

/**
 * A card's number as it may be shown: `622202******1234`, the first six and the last four digits. What
 * came masked or cut already stays as it is; other texts vanish.
 */
export function maskCard(number: string): string {
  const text = number.replaceAll(/[ -]/g, '');
  if (digitsOnly.test(text)) return `${text.slice(0, 6)}******${text.slice(-4)}`;
  if (/^\d{1,4}$/.test(text)) return `**** ${text}`;
  return /^\d{0,6}\*+\d{0,4}$/.test(text) ? text : '****';
}

/**
 * A PIN and the card it belongs to as a block to encrypt: ISO 9564-1, format 0. `pin` has 4 to 12
 * digits, `number` at least 13.
 */
export function pinBlock(pin: string, number: string): Uint8Array {
  const left = Buffer.from(`0${pin.length.toString(16)}${pin}`.padEnd(16, 'F'), 'hex');
  const right = Buffer.from(`0000${number.slice(-13, -1)}`, 'hex');
  return Uint8Array.from(left, (byte, at) => byte ^ (right[at] ?? 0));
}
