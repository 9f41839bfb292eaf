/** alipay · notification: opens what Alipay pushes, and says what it wants to hear. */
import {
  epochMsOf,
  type FactFinding,
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
import type { Settings } from './config.ts';
import { tradeHandle } from './handle.ts';
import { type Message, requiredText, textOf, yuanOf } from './messages.ts';
import type { Seal } from './seal.ts';
import { epochMsOfWallTime } from './time.ts';
import { fromTrade } from './trade.ts';

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
  const { alipay_cert_sn: serial, ...withoutSerial } = fields;
  const readings = serial === undefined ? [fields] : [fields, withoutSerial];
  for (const reading of readings) {
    if (await seal.verifies(reading, { charset, omit: ['sign_type'], signal })) return reading;
  }
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
  ];
  for (const [name, expected] of ours) {
    if (expected === undefined || expected === '' || fields[name] === expected) continue;
    const message = `The notification's ${name} is not the configured one`;
    throw new PolyrailError('NOTIFICATION_FOREIGN', message, { field: name });
  }
}

function requireKind(fields: Fields): void {
  if (fields.version !== '1.0') throw unverified('The notification has another version than 1.0');
  if (fields.notify_type === 'trade_status_sync') return;
  throw unverified(
    'The notification is genuine, but not about a trade: this package opens notify_type ' +
      'trade_status_sync only',
  );
}

/** The age is measured at the moment the message came in, not when it is opened. */
function requireFresh(fields: Fields, receivedAtMs: number, maxAgeMs: number): number {
  const sentAtMs = epochMsOfWallTime(fields.notify_time ?? '');
  if (sentAtMs === undefined) throw unverified('The notification has no readable notify_time');
  const ageMs = receivedAtMs - sentAtMs;
  if (ageMs <= maxAgeMs && ageMs >= -maxAheadMs) return sentAtMs;
  const what = ageMs < 0 ? 'ahead of our clock' : 'old';
  const message = `The notification is ${Math.round(Math.abs(ageMs) / 1000)} s ${what}`;
  throw new PolyrailError('NOTIFICATION_STALE', message, { field: 'notify_time' });
}

/**
 * Pure: what a trade notification tells - always the trade as a payment, and the refund it was sent
 * for.
 *
 * Quirk: `refund_fee` is the sum over all refunds of the trade, so that the amount of this one is
 * not told. The refund is reported `pending`: its query tells the rest.
 */
export function factsOf(fields: Message): readonly [FactFinding, ...FactFinding[]] {
  const payment = { noun: 'payment', ...fromTrade(fields, { paidAt: 'gmt_payment' }) } as const;
  const refundId = textOf(fields, 'out_biz_no');
  const refunded = yuanOf(fields, 'refund_fee')?.amount ?? 0;
  if (refundId === undefined || refunded === 0) return [payment];
  const refund = {
    noun: 'refund',
    status: 'pending',
    waitingFor: 'channel',
    pollAfterMs: 0,
    merchantId: refundId,
    handle: tradeHandle(requiredText(fields, 'out_trade_no')),
    evidence: 'signed',
    raw: fields,
  } as const;
  return [payment, refund];
}

interface Room {
  readonly settings: Settings;
  readonly seal: Seal;
}

const said = (text: string): Outgoing => ({
  status: 200,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: new TextEncoder().encode(text),
});

export function notificationVerbs(room: Room) {
  return {
    async open(message: Incoming, call: OpenCall): Promise<Opened> {
      const { fields: told, charset } = readForm(message.body);
      const fields = await requireSeal(told, charset, { ...room, signal: call.signal });
      requireOurs(fields, room.settings);
      requireKind(fields);
      const receivedAtMs = epochMsOf(call.receivedAt) ?? Number.NaN;
      const maxAgeMs = room.settings.notificationMaxAgeMs;
      const sentAtMs = requireFresh(fields, receivedAtMs, maxAgeMs);
      try {
        const eventId = requiredText(fields, 'notify_id');
        return { eventId, sentAt: instantOf(sentAtMs), facts: factsOf(fields) };
      } catch (error) {
        if (!isPolyrailError(error)) throw error;
        throw unverified(`The notification is genuine, but cannot be read: ${error.message}`);
      }
    },
    /** Quirk: exactly these seven bytes stop the deliveries; anything else asks for another one. */
    acknowledge(verdict: Verdict): Outgoing {
      return said('stored' in verdict ? 'success' : 'fail');
    },
  };
}
