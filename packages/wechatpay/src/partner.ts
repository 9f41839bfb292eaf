/** wechatpay · partner: how a merchant of its own and a service provider are named on the wire (A5.1). */

import { requireMerchant } from './answer.ts';
import type { Settings } from './config.ts';
import type { Message } from './messages.ts';

/** Where orders live. */
export const ordersPath = ({ subMerchant }: Settings): string =>
  subMerchant === undefined ? '/v3/pay/transactions' : '/v3/pay/partner/transactions';

/** Merchant and application, as an order names them. */
export const partyFields = ({ mchId, appId, subMerchant }: Settings) =>
  subMerchant === undefined
    ? { appid: appId, mchid: mchId }
    : {
        sp_appid: appId,
        sp_mchid: mchId,
        sub_appid: subMerchant.appId,
        sub_mchid: subMerchant.mchId,
      };

/** The merchant alone, as queries and closings name it. */
export const merchantFields = ({ mchId, subMerchant }: Settings): Record<string, string> =>
  subMerchant === undefined ? { mchid: mchId } : { sp_mchid: mchId, sub_mchid: subMerchant.mchId };

/** What calls beside orders add for the merchant that is acted for. */
export const subFields = ({ subMerchant }: Settings): Record<string, string> =>
  subMerchant === undefined ? {} : { sub_mchid: subMerchant.mchId };

/** `?a=1&b=2`, or nothing. */
export function queryOf(fields: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(fields)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** The application in which the payer pays: what a payer's id belongs to. */
export const payingAppId = ({ appId, subMerchant }: Settings): string =>
  subMerchant?.appId ?? appId;

/** The payer by the id of whichever application is paid in. */
export function payerFields(payerId: string, { subMerchant }: Settings): Record<string, string> {
  if (subMerchant === undefined) return { openid: payerId };
  return subMerchant.appId === undefined ? { sp_openid: payerId } : { sub_openid: payerId };
}

/** An answer that names another merchant or application is none to this one. */
export function requireOurs(body: Message, settings: Settings): void {
  const { mchId, appId, subMerchant } = settings;
  const own = subMerchant === undefined ? '' : 'sp_';
  requireMerchant(body, `${own}mchid`, mchId);
  requireMerchant(body, `${own}appid`, appId);
  if (subMerchant !== undefined) requireMerchant(body, 'sub_mchid', subMerchant.mchId);
}
