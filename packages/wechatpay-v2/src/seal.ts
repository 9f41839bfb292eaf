/** wechatpay-v2 · seal: the sign over sorted fields and the API key, made and checked (B2). */
import { PolyrailError, revealText } from '@polyrail/core';
import { createRedrawnCheck, sortedText } from '@polyrail/kit/canonical';
import { hmacSha256Hex, md5Hex, sameHex } from '@polyrail/kit/digest';
import type { Settings, WechatPayV2SignType } from './config.ts';

/** Fields as they go out; `undefined` and empty ones are neither sent nor signed. */
export type Fields = Readonly<Record<string, string | undefined>>;

/** What is signed: every field with a value but `sign`, sorted, the key behind them. */
export const signedText = (fields: Fields, apiKey: string): string =>
  `${sortedText(fields, { omit: ['sign'] })}&key=${apiKey}`;

const digests: {
  readonly [T in WechatPayV2SignType]: (text: string, apiKey: string) => string;
} = {
  MD5: (text) => md5Hex(text),
  'HMAC-SHA256': (text, apiKey) => hmacSha256Hex(apiKey, text),
};

/** The sign, in upper-case hexadecimal. */
export function signatureOf(
  fields: Fields,
  { apiKey }: Pick<Settings, 'apiKey'>,
  signType: WechatPayV2SignType,
): string {
  const key = revealText(apiKey);
  return digests[signType](signedText(fields, key), key).toUpperCase();
}

/** What messages decide something by, and the fields that every one has. */
const redrawn = createRedrawnCheck(
  (
    'appid mch_appid mch_id mchid nonce_str sign_type return_code result_code err_code ' +
    'out_trade_no transaction_id total_fee cash_fee fee_type trade_state time_end ' +
    'openid out_refund_no refund_fee refund_status contract_id contract_code ' +
    'change_type plan_id operate_time recall code_url prepay_id mweb_url'
  ).split(' '),
);

/**
 * The fields with their sign; without the ones that have no value.
 *
 * @throws PolyrailError `REQUEST_INVALID` for a value that reads like further fields
 */
export function sealFields(
  fields: Fields,
  settings: Pick<Settings, 'apiKey'>,
  signType: WechatPayV2SignType,
): Record<string, string> {
  redrawn.requireSendable(fields);
  const present = Object.entries(fields).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  );
  return {
    ...Object.fromEntries(present),
    sign: signatureOf(fields, settings, signType),
  };
}

const unverified = (message: string): PolyrailError =>
  new PolyrailError('REPLY_UNVERIFIED', message, { doubt: 'unverified-reply' });

/**
 * Checks the sign of a message by the algorithm that is expected. What the message says about its
 * own algorithm decides nothing, but it may not say another one.
 *
 * @throws PolyrailError `REPLY_UNVERIFIED`
 */
export function requireSigned(
  fields: Fields,
  settings: Pick<Settings, 'apiKey'>,
  signType: WechatPayV2SignType,
): void {
  const { sign = '', sign_type: told } = fields;
  if (sign === '') throw unverified('The message has no sign');
  if (told !== undefined && told !== '' && told !== signType) {
    throw unverified(`The message claims another algorithm than ${signType}`);
  }
  const field = redrawn.find(fields);
  if (field !== undefined) throw unverified(`${field.slice(0, 64)} reads like further fields`);
  if (!sameHex(sign, signatureOf(fields, settings, signType))) {
    throw unverified(`The sign does not fit by ${signType} and the API key`);
  }
}
