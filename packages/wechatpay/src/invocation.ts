/** wechatpay · invocation: what the payer's device hands to WeChat, signed by the merchant (A5.3). */
import type { Clock, NextAction, Random } from '@polyrail/core';
import { nonce } from '@polyrail/kit/random';
import type { Settings } from './config.ts';
import { payingAppId } from './partner.ts';
import { seconds } from './time.ts';

export interface InvocationRoom {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly signLines: (lines: readonly string[]) => Promise<string>;
}

/** Quirk: the wallet names the merchant's key and not the scheme of requests. */
const signType: Readonly<Record<Settings['algorithm'], string>> = { RSA: 'RSA', SM: 'SM2' };

/** For `WeixinJSBridge` and `wx.requestPayment`; the latter takes no `appId`. */
export async function forPage(prepayId: string, room: InvocationRoom): Promise<NextAction> {
  const { settings, clock, random, signLines } = room;
  const appId = payingAppId(settings);
  const timeStamp = seconds(clock.now());
  const nonceStr = nonce(random, 32);
  const prepay = `prepay_id=${prepayId}`;
  const paySign = await signLines([appId, timeStamp, nonceStr, prepay]);
  const parameters = {
    appId,
    timeStamp,
    nonceStr,
    package: prepay,
    signType: signType[settings.algorithm],
    paySign,
  };
  return { kind: 'sdk', parameters };
}

/** For the SDK in an app. Quirk: the number stands bare in the signed text (A5.3). */
export async function forApp(prepayId: string, room: InvocationRoom): Promise<NextAction> {
  const { settings, clock, random, signLines } = room;
  const appid = payingAppId(settings);
  const timestamp = seconds(clock.now());
  const noncestr = nonce(random, 32);
  const sign = await signLines([appid, timestamp, noncestr, prepayId]);
  const parameters = {
    appid,
    partnerid: settings.subMerchant?.mchId ?? settings.mchId,
    prepayid: prepayId,
    package: 'Sign=WXPay',
    noncestr,
    timestamp,
    sign,
  };
  return { kind: 'sdk', parameters };
}

/** The page that opens the wallet, and the way back from it. */
export const forBrowser = (h5Url: string, returnUrl: string | undefined): NextAction => ({
  kind: 'redirect',
  url: returnUrl === undefined ? h5Url : `${h5Url}&redirect_url=${encodeURIComponent(returnUrl)}`,
});
