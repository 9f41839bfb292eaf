/** unionpay · sensitive: card data on its way out hidden, on its way back masked (dossier §5). */
import { type Card, PolyrailError, revealText, type Secret } from '@polyrail/core';
import { maskCard, passesLuhn, pinBlock } from '@polyrail/kit/card';
import { encodeText } from '@polyrail/kit/charset';
import { textOf } from '@polyrail/kit/fields';
import { charsetOf, type Encoding, type Message, presentFields, readNested } from './envelope.ts';

/** UnionPay's encryption certificate: what it hides, only UnionPay reads. */
export interface Hider {
  /** `encryptCertId` */
  readonly certId: string;
  /** base64 of the ciphertext. */
  hide(plain: string | Uint8Array): string;
}

const invalid = (field: string, rule: string): PolyrailError =>
  new PolyrailError('REQUEST_INVALID', `${field} ${rule}`, { field });

/** What a text must look like, and how that is said. */
type Rule = readonly [pattern: RegExp, words: string];

const rules = {
  identity: [/^(?:\d{15}|\d{17}[\dXx])$/, 'must be 15 or 18 characters long'],
  phone: [/^\+?[\d-]{6,20}$/, 'must be a telephone number'],
  securityCode: [/^\d{3,4}$/, 'must be three or four digits'],
  // A name must not end the list it stands in.
  holder: [/^[^&={}[\]]{1,60}$/, 'must be a name of 1 to 60 characters'],
  otp: [/^\d{4,8}$/, 'must be the digits of the code'],
  pin: [/^\d{4,12}$/, 'must be 4 to 12 digits'],
} as const satisfies Readonly<Record<string, Rule>>;

function checked(field: string, value: Secret | undefined, [rule, words]: Rule) {
  if (value === undefined) return undefined;
  const text = revealText(value).trim();
  if (rule.test(text)) return text;
  throw invalid(field, words);
}

/**
 * A card's number. Quirk: one of the cards that UnionPay documents for its test platform has no check
 * digit, which is why it is looked at in production only.
 */
export function cardNumber(field: string, value: Secret, environment: string): string {
  const text = revealText(value).replaceAll(/[ -]/g, '');
  if (!/^\d{12,19}$/.test(text)) throw invalid(field, 'must be the 12 to 19 digits of a card');
  if (environment === 'production' && !passesLuhn(text)) {
    throw invalid(field, 'is no number of a card: its check digit does not fit');
  }
  return text;
}

/** `YYMM`, from that or `MM/YY` or `YYYY-MM`. */
function expiryOf(field: string, value: Secret | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = revealText(value).trim();
  const [, month, year] = /^(\d{2})\/(\d{2})$/.exec(text) ?? [];
  const short = month === undefined ? text.replace(/^\d{2}(\d{2})-(\d{2})$/, '$1$2') : year + month;
  if (/^\d{2}(?:0[1-9]|1[0-2])$/.test(short)) return short;
  throw invalid(field, 'must be YYMM, MM/YY or YYYY-MM');
}

/** What a person is known by: parts of `customerInfo`. */
export interface Person {
  readonly holder?: Secret | undefined;
  readonly identity?: Secret | undefined;
  readonly phone?: Secret | undefined;
  readonly securityCode?: Secret | undefined;
  readonly expiry?: Secret | undefined;
  readonly otp?: Secret | undefined;
  /** With the card it belongs to: an ISO 9564 block is made of both. */
  readonly pin?: { readonly value: Secret; readonly number: Secret } | undefined;
}

/** 01: identity card. Others are not offered: which kind a number is of, it does not tell. */
const identityCard = '01';

const base64 = (text: string, encoding: Encoding): string =>
  Buffer.from(encodeText(text, charsetOf(encoding))).toString('base64');

const joined = (fields: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(presentFields(fields))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

function blockOf({ value, number }: NonNullable<Person['pin']>): Uint8Array {
  const pin = checked('extra.pin', value, rules.pin) ?? '';
  return pinBlock(pin, revealText(number).replaceAll(/[ -]/g, ''));
}

/**
 * `customerInfo`: what the issuer checks. Phone, security code and expiry are hidden once more inside;
 * the protocol leaves name and identity number in base64 alone.
 *
 * @throws PolyrailError `REQUEST_INVALID`, naming the member and never its value
 */
export function customerInfo(
  person: Person,
  { hider, encoding, member }: { hider: Hider; encoding: Encoding; member: string },
): string | undefined {
  const at = (name: string) => `${member}.${name}`;
  const { holder, identity, phone, securityCode, otp } = person;
  const id = checked(at('identity'), identity, rules.identity);
  const hidden = joined({
    phoneNo: checked(at('phone'), phone, rules.phone),
    cvn2: checked(at('securityCode'), securityCode, rules.securityCode),
    expired: expiryOf(at('expiry'), person.expiry),
  });
  const fields = {
    certifTp: id === undefined ? undefined : identityCard,
    certifId: id,
    customerNm: checked(member === 'payee' ? at('name') : at('holder'), holder, rules.holder),
    smsCode: checked('otp', otp, rules.otp),
    pin: person.pin === undefined ? undefined : hider.hide(blockOf(person.pin)),
    encryptedInfo: hidden === '' ? undefined : hider.hide(hidden),
  };
  const list = joined(fields);
  return list === '' ? undefined : base64(`{${list}}`, encoding);
}

/** The four factors of a card as a person. */
export const personOf = ({ number: _number, ...person }: Card): Person => person;

/** A number as it may be shown, however much of it UnionPay sent. */
export const maskedAccount = (
  message: Message,
  reveal: (base64: string) => string | undefined,
): string | undefined => {
  const sent = textOf(message, 'accNo');
  if (sent === undefined) return undefined;
  // Merchants without the right to hide get digits, which no ciphertext is.
  const plain = /^[\d*]{1,19}$/.test(sent) ? sent : reveal(sent);
  return plain === undefined ? undefined : maskCard(plain);
};

/** A telephone number as a payer recognizes it. */
export const maskPhone = (phone: string): string =>
  phone.length < 8 ? '****' : `${phone.slice(0, 3)}****${phone.slice(-4)}`;

/** `tokenPayData` of an answer. */
export const tokenDataOf = (message: Message): Message | undefined =>
  readNested(textOf(message, 'tokenPayData'));
