/**
 * wechatpay-v2 · deduction: the agreement behind a deduction, by WeChat Pay's number of it (B10).
 */
import { type Call, PolyrailError, type Ref } from '@polyrail/core';
import { contradicts } from '@polyrail/kit/fields';
import { beforehand } from '@polyrail/kit/question';
import { refusal } from '@polyrail/kit/verdict';
import { fromQuerySignUp, toQuerySignUp } from './agreement.ts';
import type { Settings } from './config.ts';
import type { Wire } from './wire.ts';

/** WeChat Pay's number of an agreement; looked up before the call where the reference lacks it. */
export async function contractOf(
  { wire, settings }: { readonly wire: Wire; readonly settings: Settings },
  agreement: Ref<'agreement'>,
  call: Call,
): Promise<string> {
  if (agreement.channelId !== undefined) return agreement.channelId;
  const answer = await wire.call(toQuerySignUp(agreement, settings), beforehand(call));
  const found = fromQuerySignUp(answer);
  const missing = found.status === 'unknown' && found.doubt === 'not-found';
  const ended = found.status === 'succeeded' && found.standing === 'ended';
  if (missing || ended || found.status === 'pending') {
    throw refusal('The agreement is not there, not signed yet, or has ended', {
      reason: 'agreement-inactive',
      evidence: found.evidence,
      channelCode: 'channelCode' in found ? found.channelCode : undefined,
    });
  }
  if (found.status === 'unknown') {
    throw found.cause ?? new PolyrailError('UNAVAILABLE', 'WeChat Pay does not tell the agreement');
  }
  if (found.merchantId !== agreement.merchantId || found.channelId === undefined) {
    throw contradicts('The answer is about another agreement than the one asked about');
  }
  return found.channelId;
}
