/** wechatpay simulator · doctor-route: which part of the doctor a message is for. */
import {
  beliefBytes,
  createDoctor,
  type Doctor,
  type DoctorMessage,
  type Explanation,
  type KeyHolder,
  type Kind,
  requestShown,
} from '@polyrail/simulator/doctor';
import { pastedKey } from './doctor-keys.ts';
import { explainV2Document, explainV2Fields } from './doctor-v2.ts';
import { explainV3Request } from './doctor-v3.ts';
import { explainV3Message } from './doctor-v3-message.ts';
import type { Room } from './room.ts';
import { v2RouteOf } from './v2-routes.ts';

const looksLike = (body: Uint8Array, pattern: RegExp): boolean =>
  pattern.test(Buffer.from(body.subarray(0, 20_000)).toString('utf8'));

const isXml = ({ body }: DoctorMessage): boolean => looksLike(body, /^[\s\u{feff}]*</u);

/**
 * Answers of v2 say `return_code`, those of v3 have `Wechatpay-*` headers; what also has an event,
 * or was sent to an address, is a notification.
 */
function kindOf(message: DoctorMessage): Kind {
  const { input, headers, body } = message;
  if (input.kind !== undefined) return input.kind;
  const sealed = Object.keys(headers).some((name) => /^wechatpay-(?:sig|nonce|time)/.test(name));
  if (isXml(message) ? looksLike(body, /<return_code>/) : sealed) {
    const event = looksLike(body, /"event_type"\s*:|<req_info>|<time_end>/);
    return event || input.url !== undefined ? 'notification' : 'reply';
  }
  return 'request';
}

function explainMessage(message: DoctorMessage, room: Room): Explanation {
  const kind = kindOf(message);
  const { body, headers, belief, input } = message;
  const { url } = input;
  const request = requestShown(message, 'application/json');
  const only = v2RouteOf(request.path)?.only;
  if (isXml(message)) return explainV2Document({ kind, body }, room, { belief, only });
  if (v2RouteOf(request.path)?.page === true) {
    const fields = Object.fromEntries(new URLSearchParams(request.query));
    return explainV2Fields({ kind, body, fields }, room, { belief, only });
  }
  if (kind !== 'request') {
    const told = { kind, headers, body, ...(url === undefined ? {} : { url }) };
    return explainV3Message(told, room, { belief });
  }
  const pasted = pastedKey(belief.key, room);
  const own: readonly KeyHolder[] =
    pasted.key === undefined
      ? []
      : [{ whose: 'the key you show', role: 'stranger', key: pasted.key }];
  const text = beliefBytes(belief);
  return explainV3Request(request, room, {
    belief: text === undefined ? {} : { text },
    known: pasted.found,
    holders: own,
  });
}

/** Explains raw requests, answers and notifications of both protocols. */
export const doctorOf = (room: Room): Doctor =>
  createDoctor((message) => explainMessage(message, room));
