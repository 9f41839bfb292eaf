/** wechatpay · invocation: what the payer's device hands to WeChat, signed by the merchant (A5.3). */
import { createHmac } from 'node:crypto';
import { type Clock, type NextAction, type Random, revealText } from '@polyrail/core';
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

/** API v2's text and signature: names in order, the key at the end, capital hex (A11.5). */
export function signWithApiKey(fields: Readonly<Record<string, string>>, key: string): string {
  const names = Object.keys(fields).sort();
  const text = [...names.map((name) => `${name}=${fields[name]}`), `key=${key}`].join('&');
  return createHmac('sha256', key).update(text).digest('hex').toUpperCase();
}

/**
 * For `openBusinessView` of `wxpayScoreUse`: an object for a mini program, a query for an app. Without
 * the key of API v2 it is what the order told, and nobody's signature.
 */
export function forScore(
  ticket: string,
  scene: 'in-wallet' | 'app',
  { settings, clock, random }: InvocationRoom,
): NextAction {
  const { apiKey } = settings.payScore ?? {};
  if (apiKey === undefined) return { kind: 'sdk', parameters: { package: ticket } };
  const fields = {
    mch_id: settings.mchId,
    package: ticket,
    timestamp: seconds(clock.now()),
    nonce_str: nonce(random, 32),
    sign_type: 'HMAC-SHA256',
  };
  const parameters = { ...fields, sign: signWithApiKey(fields, revealText(apiKey)) };
  if (scene === 'in-wallet') return { kind: 'sdk', parameters };
  return { kind: 'sdk', parameters: new URLSearchParams(parameters).toString() };
}

/** The page that opens the wallet, and the way back from it. */
export const forBrowser = (h5Url: string, returnUrl: string | undefined): NextAction => ({
  kind: 'redirect',
  url: returnUrl === undefined ? h5Url : `${h5Url}&redirect_url=${encodeURIComponent(returnUrl)}`,
});
