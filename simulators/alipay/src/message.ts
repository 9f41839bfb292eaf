/** alipay simulator · message: the open platform's message service, to the app gateway. */
import { appGatewayOf } from './app-gateway.ts';
import { charsetNames } from './notification.ts';
import { type PushStyle, type Told, tell } from './push.ts';
import type { Room } from './room.ts';
import { requestText } from './seal.ts';
import { compactDay, hourMs, minuteMs } from './time.ts';

/** Gaps between the eight deliveries: 24 hours and 22 minutes in all. */
export const messageLadderMs: readonly number[] = [
  2 * minuteMs,
  10 * minuteMs,
  10 * minuteMs,
  hourMs,
  2 * hourMs,
  6 * hourMs,
  15 * hourMs,
];

/** Quirk: signed with `sign_type` inside, and what happened is JSON text in one member. */
const messageStyle: PushStyle = {
  wrap: ({ operation, notifyId, voice, merchant }, members, at) => ({
    notify_id: notifyId,
    utc_timestamp: String(at),
    msg_method: operation,
    app_id: merchant.appId,
    auth_app_id: merchant.authAppId,
    version: '1.1',
    biz_content: JSON.stringify(members),
    charset: charsetNames[voice.charset],
    sign_type: voice.signType,
  }),
  textOf: requestText,
  ladderMs: messageLadderMs,
};

type Message = Omit<Told, 'style' | 'notifyId' | 'url'>;

/** Sends one message, if the app has a gateway. */
export function sendMessage(message: Message, room: Room): void {
  const url = appGatewayOf(message.merchant, room);
  if (url === undefined) return;
  const { clock, random } = room.world;
  const notifyId = `${compactDay(clock.now())}${random.fork('message_id').digits(26)}`;
  tell({ ...message, url, notifyId, style: messageStyle }, room);
}
