/** unionpay simulator · doctor: which part of it a message is for. */
import {
  beliefBytes,
  type ClientBelief,
  createDoctor,
  type Doctor,
  type DoctorMessage,
  type Explanation,
  type KeyHolder,
  type Kind,
  readPastedKey,
} from '@polyrail/simulator/doctor';
import { charsetOf, readBytes } from './charset.ts';
import { explainReply } from './doctor-reply.ts';
import { explainRequest } from './doctor-request.ts';
import { type Form, readForm, readRaw } from './form.ts';
import type { Room } from './room.ts';

/** What answers carry, and requests do not; an encoded one of these is a notification. */
function kindOf({ input, body }: DoctorMessage): Kind {
  if (input.kind !== undefined) return input.kind;
  const text = Buffer.from(body.subarray(0, 20_000)).toString('latin1');
  if (!/(?:^|&)respCode=/.test(text)) return 'request';
  return /=-----BEGIN(?:\+|%20)CERTIFICATE/.test(text) ? 'notification' : 'reply';
}

/** A raw answer in the charset it names. */
function readReply(body: Uint8Array): Form {
  const latin = readRaw(Buffer.from(body).toString('latin1'));
  const charset = charsetOf(latin['encoding'] ?? '') ?? 'utf-8';
  return { fields: readRaw(readBytes(body, charset)), charset, strange: false, sound: true };
}

/** The public half of the key a client believes to sign with. */
function ownHolder({ key }: ClientBelief): readonly KeyHolder[] {
  const pasted = key === undefined || key === '' ? undefined : readPastedKey(key).key;
  if (pasted === undefined) return [];
  return [{ whose: 'the key you show', role: 'stranger', key: pasted }];
}

function explainMessage(message: DoctorMessage, room: Room): Explanation {
  const kind = kindOf(message);
  const { body, belief } = message;
  const text = beliefBytes(belief);
  const shown = text === undefined ? {} : { belief: { text } };
  if (kind === 'reply') return explainReply(readReply(body), room, { kind, ...shown });
  const form = readForm(body);
  if (kind === 'notification') return explainReply(form, room, { kind, ...shown });
  return explainRequest(form, room, { ...shown, holders: ownHolder(belief) });
}

export const doctorOf = (room: Room): Doctor =>
  createDoctor((message) => explainMessage(message, room));
