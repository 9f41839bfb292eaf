/** unionpay simulator · reply: answers as they leave - raw, in order, sealed as they were asked. */
import type { Exchange, SimulatedReply } from '@polyrail/simulator';
import { bytesOf, type Charset, charsetLabel } from './charset.ts';
import type { Outcome } from './codes.ts';
import { type Fields, rawText, sortedNames } from './form.ts';
import { hashOrder } from './hash-order.ts';
import type { Merchant } from './merchants.ts';
import { type Identity, wirePem } from './platform.ts';
import type { Room } from './room.ts';
import { keyedSeal, rsaHashOf, rsaSeal, signText, sm2Seal } from './seal.ts';
import type { Voice } from './voice.ts';

/** Who speaks to whom. */
export interface Sealing {
  readonly voice: Voice;
  /** Absent where nobody is known: then only certificates can seal. */
  readonly merchant?: Merchant | undefined;
  readonly identity: Identity;
}

/** The same fields with what seals them: certificate or its number, and the signature. */
export function sealFields(fields: Fields, sealing: Sealing, room: Room): Fields {
  const { voice, merchant, identity } = sealing;
  const { version, charset, signMethod } = voice;
  const signed = (all: Fields, seal: (data: Uint8Array) => string): Fields => ({
    ...all,
    signature: seal(bytesOf(signText(all), charset)),
  });
  if ((signMethod === '11' || signMethod === '12') && merchant !== undefined) {
    const hash = signMethod === '11' ? 'sha256' : 'sm3';
    return signed(fields, (data) => keyedSeal(hash, merchant.secureKey, data));
  }
  if (signMethod === '21') {
    const own = room.platform.sm2Of(identity);
    const all = { ...fields, signPubKeyCert: wirePem(own) };
    return signed(all, (data) => sm2Seal(own.key, own.certId, data));
  }
  const key = identity.privateKey;
  if (version === '5.1.0') {
    const all = { ...fields, signPubKeyCert: wirePem(identity) };
    return signed(all, (data) => rsaSeal('sha256', key, data));
  }
  const all = { ...fields, certId: fields['certId'] ?? identity.certId };
  return signed(all, (data) => rsaSeal(rsaHashOf(version), key, data));
}

const type = (charset: Charset): string => `text/html;charset=${charsetLabel(charset)}`;

export const textReply = (
  text: string,
  status = 200,
  charset: Charset = 'utf-8',
): SimulatedReply => ({
  status,
  headers: { 'content-type': type(charset) },
  body: bytesOf(text, charset),
});

const last = ['signPubKeyCert', 'signature'];

/** Sorted by name, then the certificate, then the signature. */
function businessOrder(fields: Fields): readonly string[] {
  const names = sortedNames(fields).filter((name) => !last.includes(name));
  return [...names, ...last.filter((name) => fields[name] !== undefined)];
}

/** A signature that cannot verify: its first character is another one. */
export const corrupted = (signature: string): string =>
  signature.replace(/^./, (first) => (first === 'A' ? 'B' : first === '0' ? '1' : 'A'));

/** Whose name an answer is given in, by the faults that strike. */
export async function identityFor(
  take: (fault: string) => unknown,
  { platform }: Room,
): Promise<Identity> {
  if (take('foreign-signature')) return platform.foreign();
  if (take('stale-timestamp')) return platform.expired();
  if (take('wrong-name')) return platform.misnamed();
  return platform.current();
}

export interface Answer {
  readonly fields: Fields;
  readonly outcome: Outcome;
  readonly voice: Voice;
  readonly merchant?: Merchant | undefined;
  /** Of the edge: another order, and the number of a certificate nobody has. */
  readonly edge?: boolean;
}

/** Seals an answer, or spoils its seal where a fault says so. */
export async function signedReply(
  answer: Answer,
  exchange: Exchange,
  room: Room,
): Promise<SimulatedReply> {
  const { voice, merchant, outcome, edge = false } = answer;
  const take = (fault: string) => exchange.fault(fault);
  const identity = await identityFor(take, room);
  const stranger = edge ? { certId: '10500020' } : {};
  const fields = { ...answer.fields, ...outcome, ...stranger };
  const sealed = sealFields(fields, { voice, merchant, identity }, room);
  const { signature = '', signPubKeyCert: _certificate, ...rest } = sealed;
  const unsigned = take('unsigned-reply') !== undefined;
  const spoilt = { ...sealed, signature: take('bad-signature') ? corrupted(signature) : signature };
  const left = unsigned ? rest : spoilt;
  exchange.describe({ reply: left });
  const names = edge ? hashOrder(Object.keys(left)) : businessOrder(left);
  return textReply(rawText(left, names), 200, voice.charset);
}
