/**
 * wechatpay-v2 · invocation: what the payer's device hands to WeChat, signed like a request (B2).
 */
import type { Clock, NextAction, Random } from '@polyrail/core';
import { nonce } from '@polyrail/kit/random';
import type { Settings } from './config.ts';
import { signatureOf } from './seal.ts';
import { seconds } from './time.ts';

export interface InvocationRoom {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
}

/** For `WeixinJSBridge` and `wx.requestPayment`; the latter takes no `appId`. */
export function forPage(prepayId: string, { settings, clock, random }: InvocationRoom): NextAction {
  const { appId, signType } = settings;
  const fields = {
    appId,
    timeStamp: seconds(clock.now()),
    nonceStr: nonce(random, 32),
    package: `prepay_id=${prepayId}`,
    // Quirk: it must be the algorithm that the order was signed with.
    signType,
  };
  return {
    kind: 'sdk',
    parameters: { ...fields, paySign: signatureOf(fields, settings, signType) },
  };
}

/** For the SDK in an app, which names no algorithm: it is the order's. */
export function forApp(prepayId: string, { settings, clock, random }: InvocationRoom): NextAction {
  const fields = {
    appid: settings.appId,
    partnerid: settings.mchId,
    prepayid: prepayId,
    package: 'Sign=WXPay',
    noncestr: nonce(random, 32),
    timestamp: seconds(clock.now()),
  };
  return {
    kind: 'sdk',
    parameters: { ...fields, sign: signatureOf(fields, settings, settings.signType) },
  };
}

/** The page that opens the wallet, and the way back from it. */
export const forBrowser = (mwebUrl: string, returnUrl: string | undefined): NextAction => ({
  kind: 'redirect',
  url:
    returnUrl === undefined ? mwebUrl : `${mwebUrl}&redirect_url=${encodeURIComponent(returnUrl)}`,
});
