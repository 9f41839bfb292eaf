/** unionpay simulator · customer: card numbers and `customerInfo`, taken apart and put together. */
import { constants, type KeyObject, privateDecrypt, publicEncrypt } from 'node:crypto';
import type { Call } from './call.ts';
import { type Card, findCard } from './cards.ts';
import { bytesOf, type Charset, readBytes } from './charset.ts';
import { invalid, missed, refuse } from './codes.ts';
import { type Fields, readNested, writeNested } from './form.ts';
import type { Merchant } from './merchants.ts';
import { pinBlock } from './pin.ts';
import type { Room } from './room.ts';
import { sm2Hide, sm2Reveal } from './sm2-cipher.ts';
import type { Voice } from './voice.ts';

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
const rsaHide = (key: KeyObject, plain: string): string =>
  publicEncrypt({ key, padding }, Buffer.from(plain)).toString('base64');

type Opener = (text: string) => Buffer | undefined;

/** What opens the texts that were encrypted for that certificate. */
function openerOf({ fields, voice, room }: Call): Opener | undefined {
  const { encryptCertId = '' } = fields;
  if (voice.signMethod === '21') {
    const { encryption } = room.platform.sm2();
    if (encryption.certId !== encryptCertId) return undefined;
    return (text) => sm2Reveal(encryption.key, Buffer.from(text, 'base64'));
  }
  const identity = room.platform.encryption().find(({ certId }) => certId === encryptCertId);
  return identity && ((text) => pkcs1Open(identity.privateKey, text));
}

/** Decrypts with the certificate that `encryptCertId` names; clear text where it names none. */
function reveal(call: Call, field: string, text: string): string {
  const { encryptCertId = '' } = call.fields;
  if (encryptCertId === '') return text;
  const open = openerOf(call);
  if (open === undefined) throw invalid('encryptCertId');
  const plain = open(text);
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
  if (pin === '') return;
  const block = openerOf(call)?.(pin);
  if (block === undefined || !block.equals(pinBlock(card.pin, card.number))) throw refuse('65');
}

/** Who is told something, and how. */
export interface Hearer {
  readonly merchant: Merchant;
  readonly voice: Voice;
}

/** Whoever signs with a shared key has no certificate to encrypt for. */
const isEncrypted = ({ signMethod }: Voice, { options }: Room): boolean =>
  options.encrypts !== false && signMethod !== '11' && signMethod !== '12';

/** For the merchant's eyes; in clear where nothing is encrypted. */
export function hideFor({ merchant, voice }: Hearer, plain: string, room: Room): string {
  if (!isEncrypted(voice, room)) return plain;
  if (voice.signMethod !== '21') return rsaHide(merchant.publicKey, plain);
  return sm2Hide(merchant.sm2.key, plain).toString('base64');
}

/** `customerInfo` as an answer carries it: the phone number the bank knows. */
export function customerInfoFor(hearer: Hearer, card: Card, room: Room): string {
  const phone = `phoneNo=${card.phoneNo}`;
  const text = isEncrypted(hearer.voice, room)
    ? writeNested({ encryptedInfo: hideFor(hearer, phone, room) })
    : `{${phone}}`;
  return Buffer.from(bytesOf(text, 'utf-8')).toString('base64');
}
