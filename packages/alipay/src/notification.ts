/** alipay · notification: opens what Alipay pushes, and says what it wants to hear. */
import {
  epochMsOf,
  type Incoming,
  instantOf,
  isPolyrailError,
  type OpenCall,
  type Opened,
  type Outgoing,
  PolyrailError,
  type Verdict,
} from '@polyrail/core';
import { formDecode, uniqueFields } from '@polyrail/kit/canonical';
import { decodeText } from '@polyrail/kit/charset';
import { type Cipher, cipherOf } from './cipher.ts';
import type { Settings } from './config.ts';
import { messages, notifications, type ReadFacts } from './facts.ts';
import { type Message, requiredText, textOf } from './messages.ts';
import { membersOf, parseJson } from './raw-json.ts';
import type { Seal } from './seal.ts';
import { epochMsOfWallTime } from './time.ts';

type Fields = Readonly<Record<string, string>>;
type Charset = Settings['charset'];

/** A trade notification has some forty fields of together a few kilobytes. */
const maxBytes = 64 * 1024;
const maxFields = 200;
/** How far ahead of ours Alipay's clock may run. */
const maxAheadMs = 10 * 60_000;

const charsets: Readonly<Record<string, Charset>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  gbk: 'gbk',
  gb2312: 'gbk',
};

const unverified = (message: string): PolyrailError =>
  new PolyrailError('NOTIFICATION_UNVERIFIED', message);

/**
 * The fields, decoded exactly once.
 *
 * Quirk: the values are in the charset of the request that made the trade, which the field
 * `charset` names; its own bytes are ASCII, and it is signed like the others.
 */
export function readForm(body: Uint8Array): { readonly fields: Fields; readonly charset: Charset } {
  if (body.byteLength > maxBytes) throw unverified(`The notification is over ${maxBytes} bytes`);
  const ascii = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
  const [, named = ''] = /(?:^|&)charset=([A-Za-z0-9-]{1,16})(?:&|$)/.exec(ascii) ?? [];
  const charset = Object.hasOwn(charsets, named.toLowerCase())
    ? charsets[named.toLowerCase()]
    : undefined;
  if (charset === undefined) throw unverified('The notification names no charset that Alipay uses');
  try {
    const fields = uniqueFields(formDecode(body, { charset, maxFields, maxBytes }));
    return { fields, charset };
  } catch (error) {
    const why = isPolyrailError(error) ? `: ${error.message}` : '';
    throw unverified(`The notification is no form in which every field stands once${why}`);
  }
}

/**
 * The fields that Alipay signed. Key and algorithm are the configuration's: nothing in the message
 * chooses them.
 *
 * Quirk: `sign_type` stands outside the signature of a notification, and inside that of a message
 * (§15.4).
 *
 * Quirk: some clients found `alipay_cert_sn` to stand outside the signature. Then it is dropped.
 */
async function requireSeal(
  fields: Fields,
  charset: Charset,
  { settings, seal, signal }: Room & { readonly signal: AbortSignal },
): Promise<Fields> {
  if (fields.sign === undefined || fields.sign === '') {
    throw unverified('The notification is not signed');
  }
  if (fields.sign_type !== settings.signType) {
    const message = `The notification is not signed with ${settings.signType}, as configured`;
    throw unverified(message);
  }
  const form = { charset, omit: isMessage(fields) ? [] : ['sign_type'], signal };
  if (await seal.verifies(fields, form)) return fields;
  const { alipay_cert_sn: serial, ...withoutSerial } = fields;
  if (serial !== undefined && (await seal.verifies(withoutSerial, form))) return withoutSerial;
  throw unverified(
    "The signature is not Alipay's over these fields: check that platformKey is Alipay's public " +
      'key, and that the raw body was passed on unchanged',
  );
}

/** A genuine message may still be meant for another application or another merchant. */
function requireOurs(fields: Fields, settings: Settings): void {
  const { appId, appAuth, sellerId } = settings;
  const ours: readonly (readonly [name: string, expected: string | undefined])[] = [
    ['app_id', appId],
    ['auth_app_id', fields.auth_app_id && (appAuth?.appId ?? appId)],
    ['seller_id', fields.seller_id && sellerId],
    ['payee_user_id', fields.payee_user_id && sellerId],
  ];
  for (const [name, expected] of ours) {
    if (expected === undefined || expected === '' || fields[name] === expected) continue;
    const message = `The notification's ${name} is not the configured one`;
    throw new PolyrailError('NOTIFICATION_FOREIGN', message, { field: name });
  }
}

/** A push of the message service: JSON in a form, and another rule of signing (§15.7). */
const isMessage = (fields: Fields): boolean => fields.msg_method !== undefined;

const noReader = (kind: string, known: Readonly<Record<string, ReadFacts>>): PolyrailError =>
  unverified(
    `The notification is genuine, but ${kind.slice(0, 100) || 'of no kind'} is none that this ` +
      `package opens: ${Object.keys(known).join(', ')}`,
  );

/** Who reads a push, by what it says it is. */
function readerOf(fields: Fields): ReadFacts {
  const versions = isMessage(fields) ? ['1.0', '1.1'] : ['1.0'];
  if (!versions.includes(fields.version ?? '')) {
    throw unverified(`The notification has another version than ${versions.join(' or ')}`);
  }
  const known = isMessage(fields) ? messages : notifications;
  const kind = (isMessage(fields) ? fields.msg_method : fields.notify_type) ?? '';
  const reader = Object.hasOwn(known, kind) ? known[kind] : undefined;
  if (reader === undefined) throw noReader(kind, known);
  return reader;
}

const timeField = (fields: Fields): string => (isMessage(fields) ? 'utc_timestamp' : 'notify_time');

/** When a push was sent: wall time, or of a message milliseconds since the epoch. */
function sentAtMsOf(fields: Fields): number {
  const field = timeField(fields);
  const told = fields[field] ?? '';
  const millis = /^\d{13}$/.test(told) ? Number(told) : undefined;
  const sentAtMs = isMessage(fields) ? millis : epochMsOfWallTime(told);
  if (sentAtMs === undefined) throw unverified(`The notification has no readable ${field}`);
  return sentAtMs;
}

/** The age is measured at the moment the message came in, not when it is opened. */
function requireFresh(fields: Fields, receivedAtMs: number, maxAgeMs: number): number {
  const sentAtMs = sentAtMsOf(fields);
  const ageMs = receivedAtMs - sentAtMs;
  if (ageMs <= maxAgeMs && ageMs >= -maxAheadMs) return sentAtMs;
  const what = ageMs < 0 ? 'ahead of our clock' : 'old';
  const message = `The notification is ${Math.round(Math.abs(ageMs) / 1000)} s ${what}`;
  throw new PolyrailError('NOTIFICATION_STALE', message, { field: timeField(fields) });
}

/** What a push tells: its fields, or of a message the JSON in one of them, encrypted or not. */
function toldBy(fields: Fields, charset: Charset, cipher: Cipher | undefined): Message {
  if (!isMessage(fields)) return fields;
  const content = requiredText(fields, 'biz_content');
  const isHidden = textOf(fields, 'encrypt_type') !== undefined;
  if (isHidden && cipher === undefined) {
    throw unverified('The notification is encrypted, but there is no encryptionKey');
  }
  const json =
    isHidden && cipher ? decodeText(cipher.decrypt(content), charset, { fatal: true }) : content;
  // A member that stands twice is refused.
  membersOf(json);
  return parseJson(json) as Message;
}

interface Room {
  readonly settings: Settings;
  readonly seal: Seal;
}

/** Checked by one gate after another; only what passed them all is read. */
async function openPush(body: Uint8Array, call: OpenCall, room: Room): Promise<Opened> {
  const { settings } = room;
  const { fields: claimed, charset } = readForm(body);
  const fields = await requireSeal(claimed, charset, { ...room, signal: call.signal });
  requireOurs(fields, settings);
  const read = readerOf(fields);
  const receivedAtMs = epochMsOf(call.receivedAt) ?? Number.NaN;
  const sentAtMs = requireFresh(fields, receivedAtMs, settings.notificationMaxAgeMs);
  try {
    const eventId = requiredText(fields, 'notify_id');
    const sentAt = instantOf(sentAtMs);
    return { eventId, sentAt, facts: read(toldBy(fields, charset, cipherOf(settings)), sentAt) };
  } catch (error) {
    if (!isPolyrailError(error) || error.code === 'NOTIFICATION_UNVERIFIED') throw error;
    throw unverified(`The notification is genuine, but cannot be read: ${error.message}`);
  }
}

const said = (text: string): Outgoing => ({
  status: 200,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: new TextEncoder().encode(text),
});

export function notificationVerbs(room: Room) {
  return {
    open: (message: Incoming, call: OpenCall): Promise<Opened> =>
      openPush(message.body, call, room),
    /** Quirk: exactly these seven bytes stop the deliveries; anything else asks for another one. */
    acknowledge(verdict: Verdict): Outgoing {
      return said('stored' in verdict ? 'success' : 'fail');
    },
  };
}
