/** alipay simulator · doctor-route: which part of the doctor a message is for. */
import {
  beliefBytes,
  type ClientBelief,
  createDoctor,
  type Doctor,
  type DoctorMessage,
  type Explanation,
  type KeyHolder,
  type Kind,
  noSecrets,
  requestShown,
  tell,
} from '@polyrail/simulator/doctor';
import { readPastedKey } from './doctor-keys.ts';
import { explainNotification } from './doctor-notification.ts';
import { explainReply } from './doctor-reply.ts';
import { explainRequest } from './doctor-request.ts';
import { explainV3Signature } from './doctor-v3-request.ts';
import { openEnvelope } from './envelope.ts';
import type { Room } from './room.ts';
import { openV3 } from './v3-request.ts';

/** A notification for a form with `notify_id`, a reply for JSON, else a request. */
function kindOf({ input, body, headers }: DoctorMessage): Kind {
  if (input.kind !== undefined) return input.kind;
  const text = Buffer.from(body.subarray(0, 20_000)).toString('latin1');
  if (Object.keys(headers).some((name) => name.startsWith('alipay-signature'))) return 'reply';
  if (/(?:^|&)(?:notify_id|notify_type|msg_method)=/.test(text)) return 'notification';
  const v3 = headers['authorization'] !== undefined;
  return !v3 && /^\s*\{/.test(text) ? 'reply' : 'request';
}

/** The public half of the key a client believes to sign with. */
function ownHolder({ key }: ClientBelief): readonly KeyHolder[] {
  const pasted = key === undefined || key === '' ? undefined : readPastedKey(key).key;
  if (pasted === undefined) return [];
  return [{ whose: 'the key you show', role: 'stranger', key: pasted }];
}

const unknownApp = (appId: string): Explanation =>
  tell({
    verdict: 'mistaken',
    found: [
      {
        cause: 'unknown-app',
        rule: appId === '' ? 'The request names no app_id' : `No app here has the app_id ${appId}`,
        advice: 'Send the app_id that /_sim/discovery hands out, in app_id.',
      },
    ],
    secrets: noSecrets,
  });

function explainRequestMessage(message: DoctorMessage, room: Room): Explanation {
  const request = requestShown(message, 'application/x-www-form-urlencoded');
  const { belief } = message;
  const text = beliefBytes(belief);
  const key = belief.key === undefined || belief.key === '' ? [] : readPastedKey(belief.key).found;
  const options = {
    belief: text === undefined ? {} : { text },
    holders: ownHolder(belief),
    known: key,
  };
  const isV3 = request.headers['authorization'] !== undefined;
  const envelope = isV3 ? openV3(request).envelope : openEnvelope(request);
  const appId = envelope.parameters['app_id'] ?? '';
  const merchant = room.merchants.find((one) => one.appId === appId);
  if (merchant === undefined) return unknownApp(appId);
  const at = { room, merchant };
  return isV3
    ? explainV3Signature(openV3(request).signed, at, options)
    : explainRequest(envelope, at, options);
}

function explainMessage(message: DoctorMessage, room: Room): Explanation | Promise<Explanation> {
  const kind = kindOf(message);
  const { body, headers, belief } = message;
  if (kind === 'reply') return explainReply({ body, headers }, room, { belief });
  if (kind === 'request') return explainRequestMessage(message, room);
  const { url = '' } = message.input;
  return explainNotification({ body, url }, room, { belief });
}

/** Explains raw requests, replies and notifications of this simulator. */
export const doctorOf = (room: Room): Doctor =>
  createDoctor((message) => explainMessage(message, room));
