/** wechatpay · notification: opens what WeChat Pay pushes, and says what it wants to hear (A7). */
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
import { decodeText } from '@polyrail/kit/charset';
import { openResource } from './cipher.ts';
import type { Settings } from './config.ts';
import { events } from './facts.ts';
import { type Message, momentOf, objectOf, readObject, requiredText } from './messages.ts';
import type { Seal } from './seal.ts';

/** A notification is of one or two kilobytes. */
const maxBytes = 64 * 1024;

const unverified = (message: string, cause?: unknown): PolyrailError =>
  new PolyrailError('NOTIFICATION_UNVERIFIED', message, {
    ...(isPolyrailError(cause) ? { cause } : {}),
  });

export interface NotificationRoom {
  readonly settings: Settings;
  readonly seal: Seal;
}

/** Quirk: refunds begun in the merchant console come as XML of API v2, unsigned (A7.1). */
function requireV3({ body, headers }: Incoming): void {
  if (body.byteLength > maxBytes) throw unverified(`The notification is over ${maxBytes} bytes`);
  if (headers['wechatpay-signature'] !== undefined || body[0] !== 0x3c) return;
  throw unverified('The notification is XML of API v2: it is for the channel of that protocol');
}

async function requireSeal(message: Incoming, call: OpenCall, { seal }: NotificationRoom) {
  const atMs = epochMsOf(call.receivedAt) ?? Number.NaN;
  const fresh = await seal
    .verify(message, { atMs, signal: call.signal })
    .catch((error: unknown) => {
      if (!isPolyrailError(error) || error.code === 'CONFIG_INVALID') throw error;
      throw unverified(error.message, error);
    });
  if (fresh) return;
  const text = 'The notification is not of this time: it was kept, or the clocks differ';
  throw new PolyrailError('NOTIFICATION_STALE', text, { field: 'wechatpay-timestamp' });
}

/** A genuine message may still be meant for another merchant or application. */
function requireOurs(told: Message, { mchId, appId, subMerchant }: Settings): void {
  const ours: readonly (readonly [name: string, expected: string | undefined])[] = [
    ['mchid', subMerchant === undefined ? mchId : undefined],
    ['mch_id', mchId],
    ['sp_mchid', mchId],
    ['sub_mchid', subMerchant?.mchId],
    ['appid', subMerchant === undefined ? appId : undefined],
    ['sp_appid', appId],
    ['sub_appid', subMerchant?.appId],
  ];
  for (const [name, expected] of ours) {
    const value = told[name];
    if (expected === undefined || value === undefined || value === '' || value === expected)
      continue;
    const message = `The notification's ${name} is not the configured one`;
    throw new PolyrailError('NOTIFICATION_FOREIGN', message, { field: name });
  }
  // Quirk: events of service providers name the merchant they are about by another member.
  const named = subMerchant === undefined ? ['mchid', 'mch_id'] : ['sub_mchid', 'mchid', 'mch_id'];
  if (named.some((name) => typeof told[name] === 'string')) return;
  throw unverified('The notification does not say which merchant it is for');
}

function readerOf(event: string) {
  const reader = Object.hasOwn(events, event) ? events[event] : undefined;
  if (reader !== undefined) return reader;
  const known = Object.keys(events).join(', ');
  throw unverified(
    `The notification is genuine, but ${event.slice(0, 64)} is none that this package opens: ${known}`,
  );
}

/** Checked by one gate after another; only what passed them all is read. */
async function openPush(
  message: Incoming,
  call: OpenCall,
  room: NotificationRoom,
): Promise<Opened> {
  requireV3(message);
  await requireSeal(message, call, room);
  try {
    const envelope = readObject(decodeText(message.body, 'utf-8', { fatal: true }));
    const read = readerOf(requiredText(envelope, 'event_type'));
    const resource = objectOf(envelope, 'resource');
    const told = readObject(openResource(resource, await room.seal.trust()));
    requireOurs(told, room.settings);
    const stamp = Number(message.headers['wechatpay-timestamp']) * 1000;
    return {
      eventId: requiredText(envelope, 'id'),
      sentAt: momentOf(envelope, 'create_time') ?? instantOf(stamp),
      facts: read(told, room.settings),
    };
  } catch (error) {
    if (!isPolyrailError(error)) throw error;
    if (error.code.startsWith('NOTIFICATION_') || error.code === 'CONFIG_INVALID') throw error;
    throw unverified(`The notification is genuine, but cannot be read: ${error.message}`, error);
  }
}

const said = (status: number, words: object): Outgoing => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: new TextEncoder().encode(JSON.stringify(words)),
});

export function notificationVerbs(room: NotificationRoom) {
  return {
    open: (message: Incoming, call: OpenCall): Promise<Opened> => openPush(message, call, room),
    /** Quirk: the status is what counts; older documents want the words as well (A7.2). */
    acknowledge(verdict: Verdict): Outgoing {
      if ('stored' in verdict) return said(200, { code: 'SUCCESS', message: '成功' });
      return said('refused' in verdict ? 400 : 500, { code: 'FAIL', message: '失败' });
    },
  };
}
