/** unionpay simulator · customer: card numbers and `customerInfo`, taken apart and put together. */
import { constants, type KeyObject, privateDecrypt, publicEncrypt } from 'node:crypto';
import type { Call } from './call.ts';
import { type Card, findCard } from './cards.ts';
import { bytesOf, type Charset, readBytes } from './charset.ts';
import { invalid, missed, refuse } from './codes.ts';
import { type Fields, readNested, writeNested } from './form.ts';
import { pinBlock } from './pin.ts';
import type { Room } from './room.ts';

const padding = constants.RSA_PKCS1_PADDING;

/** `undefined` for what cannot be decrypted. */
export function pkcs1Open(key: KeyObject, text: string): Buffer | undefined {
  try {
    return privateDecrypt({ key, padding }, Buffer.from(text, 'base64'));
  } catch {
    return undefined;
  }
}

/** RSA with PKCS#1 v1.5, Base64: what only the holder of the certificate opens. */
export const rsaHide = (key: KeyObject, plain: string): string =>
  publicEncrypt({ key, padding }, Buffer.from(plain)).toString('base64');

/** Decrypts with the certificate that `encryptCertId` names; clear text where it names none. */
function reveal(call: Call, field: string, text: string): string {
  const { encryptCertId = '' } = call.fields;
  if (encryptCertId === '') return text;
  const identity = call.room.platform.encryption().find(({ certId }) => certId === encryptCertId);
  if (identity === undefined) throw invalid('encryptCertId');
  const plain = pkcs1Open(identity.privateKey, text);
  if (plain === undefined) throw invalid(field);
  return readBytes(plain, call.charset);
}

/** The card that `accNo` names, encrypted or not. */
export function cardOf(call: Call): Card {
  const { accNo = '' } = call.fields;
  if (accNo === '') throw missed('accNo');
  const number = reveal(call, 'accNo', accNo);
  if (!/^\d{13,19}$/.test(number)) throw invalid('accNo');
  const card = findCard(number);
  if (card === undefined) throw refuse('61');
  return card;
}

/** Base64 of `{…}`; its encrypted part is opened by `open`. `undefined` for anything else. */
export function decodeCustomer(
  text: string,
  charset: Charset,
  open: (hidden: string) => string | undefined,
): Fields | undefined {
  const outer = readNested(readBytes(Buffer.from(text, 'base64'), charset));
  if (outer === undefined) return undefined;
  const { encryptedInfo = '', ...clear } = outer;
  if (encryptedInfo === '') return clear;
  const hidden = open(encryptedInfo);
  return hidden === undefined ? undefined : { ...clear, ...readNested(`{${hidden}}`) };
}

/** What `customerInfo` says, its encrypted part included; empty where there is none. */
export function customerOf(call: Call): Fields {
  const { customerInfo = '' } = call.fields;
  if (customerInfo === '') return {};
  const open = (hidden: string) => reveal(call, 'customerInfo', hidden);
  const customer = decodeCustomer(customerInfo, call.charset, open);
  if (customer === undefined) throw invalid('customerInfo');
  return customer;
}

/** Refuses a PIN that is not the card's; a message may go without one. */
export function requirePin(call: Call, card: Card): void {
  const { pin = '' } = customerOf(call);
  const { encryptCertId = '' } = call.fields;
  if (pin === '') return;
  const identity = call.room.platform.encryption().find(({ certId }) => certId === encryptCertId);
  const block = identity && pkcs1Open(identity.privateKey, pin);
  if (block === undefined || !block.equals(pinBlock(card.pin, card.number))) throw refuse('65');
}

/** For the merchant's eyes; in clear where the room does not encrypt. */
export function hideFor(publicKey: KeyObject, plain: string, room: Room): string {
  return room.options.encrypts === false ? plain : rsaHide(publicKey, plain);
}

/** `customerInfo` as an answer carries it: the phone number the bank knows. */
export function customerInfoFor(publicKey: KeyObject, card: Card, room: Room): string {
  const phone = `phoneNo=${card.phoneNo}`;
  const text =
    room.options.encrypts === false
      ? `{${phone}}`
      : writeNested({ encryptedInfo: rsaHide(publicKey, phone) });
  return Buffer.from(bytesOf(text, 'utf-8')).toString('base64');
}
