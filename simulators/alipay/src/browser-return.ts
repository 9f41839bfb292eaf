/** alipay simulator · browser return: the merchant's `return_url` with what the channel adds to it. */
import { encodeText } from '@polyrail/simulator';
import { formText } from './envelope.ts';
import type { Merchant } from './merchants.ts';
import { type Fields, filled } from './push.ts';
import type { Room } from './room.ts';
import { notificationText, sealNow, type Voice } from './seal.ts';
import { timeText } from './time.ts';

interface Return {
  readonly url: string;
  /** `alipay.trade.page.pay.return`. */
  readonly method: string;
  readonly merchant: Merchant;
  readonly voice: Voice;
  readonly members: Readonly<Record<string, string | undefined>>;
}

/** The address the browser is sent to. */
export function returnAddress({ url, method, merchant, voice, members }: Return, room: Room) {
  const { charset, signType } = voice;
  const fields: Fields = {
    ...filled(members),
    app_id: merchant.appId,
    auth_app_id: merchant.authAppId,
    charset,
    method,
    sign_type: signType,
    timestamp: timeText(room.world.clock.now()),
    version: '1.0',
  };
  const { platform } = room;
  const { privateKey } = voice.certificates ? platform.current() : platform.identity;
  const sign = sealNow(signType, privateKey, encodeText(notificationText(fields), charset));
  const sorted = Object.fromEntries(
    Object.entries(fields).sort(([left], [right]) => (left < right ? -1 : 1)),
  );
  return `${url}${url.includes('?') ? '&' : '?'}${formText({ ...sorted, sign }, charset)}`;
}
