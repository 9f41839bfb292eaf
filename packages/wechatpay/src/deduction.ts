/** wechatpay · deduction: a payment by an agreement, planned and then applied for (A11.3). */
import {
  type Agreement,
  type Call,
  type ChannelBase,
  type Finding,
  guardFunction,
  type Money,
  type Options,
  PolyrailError,
  type Ref,
  refSchema,
} from '@polyrail/core';
import { beforehand } from '@polyrail/kit/question';
import { refusal } from '@polyrail/kit/verdict';
import * as z from 'zod/mini';
import { fromQuerySignUp, toQuerySignUp } from './agreement.ts';
import { bodyOf, fromRejection, isDone } from './answer.ts';
import type { Settings } from './config.ts';
import { extraFields, yuanSchema } from './extra.ts';
import { paymentHandle } from './handle.ts';
import { fenOf, objectOf, requiredText, textOf, yuan } from './messages.ts';
import { notifyUrlOf } from './order.ts';
import type { PayRequest } from './shape.ts';
import { pollAfterMs } from './transaction.ts';
import type { Answer, Exchange, Wire } from './wire.ts';

type DeductionRequest = Extract<PayRequest, { readonly scene: 'agreement' }>;

interface DeductionRoom {
  readonly wire: Wire;
  readonly settings: Settings;
}

const contradicts = (message: string): PolyrailError =>
  new PolyrailError('REPLY_UNVERIFIED', message, { doubt: 'contradicts-request' });

/** WeChat Pay's number of an agreement; looked up before the call where the reference lacks it. */
export async function contractOf(
  { wire, settings }: DeductionRoom,
  agreement: Ref<'agreement'>,
  call: Call,
): Promise<string> {
  if (agreement.channelId !== undefined) return agreement.channelId;
  const answer = await wire.call(toQuerySignUp(agreement, settings), beforehand(call));
  const found = fromQuerySignUp(answer, settings);
  const missing = found.status === 'unknown' && found.doubt === 'not-found';
  if (missing || found.status === 'failed' || ('standing' in found && found.standing === 'ended')) {
    throw refusal('The agreement is not there, or has ended', {
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

/** Pure: a deduction in the channel's words. */
export function toDeduction(
  request: DeductionRequest,
  settings: Settings,
  contract: string,
): Exchange {
  return {
    operation: 'contracts.deduct',
    method: 'POST',
    target: '/v3/papay/pay/transactions/apply',
    fields: {
      appid: settings.appId,
      out_trade_no: request.merchantPaymentId,
      description: request.description,
      transaction_notify_url: notifyUrlOf(request.notifyUrl, settings),
      contract_id: contract,
      amount: { total: request.amount.amount, currency: 'CNY' },
      goods_tag: extraFields(request.extra ?? {}, 'agreement').goods_tag,
      attach: request.attachment,
    },
    handle: paymentHandle('agreement'),
  };
}

/** Pure: an accepted deduction. Quirk: it is made later; a query or a notification tells its end. */
export function fromDeduction(answer: Answer): Finding<'payment'> {
  if (!isDone(answer)) return fromRejection('contracts.deduct', answer);
  const body = bodyOf(answer);
  const total = fenOf(objectOf(body, 'amount'), 'total');
  return {
    status: 'pending',
    waitingFor: 'channel',
    pollAfterMs,
    amount: total === undefined ? undefined : yuan(total),
    evidence: answer.evidence,
    raw: body,
    merchantId: requiredText(body, 'out_trade_no'),
  };
}

export interface ScheduleDeductionRequest {
  readonly agreement: Ref<'agreement'>;
  /** What the next deduction will take: it must then be exactly this. */
  readonly amount: Money;
}

const scheduleSchema = z.strictObject({
  agreement: refSchema('agreement'),
  amount: yuanSchema,
});

/** Pure: a plan as the answer tells it. */
export function fromSchedule(answer: Answer, amount: Money): Finding<'agreement'> {
  if (!isDone(answer)) return fromRejection('contracts.schedule', answer);
  const body = bodyOf(answer);
  const planned = fenOf(objectOf(body, 'scheduled_amount'), 'total');
  if (planned !== undefined && planned !== amount.amount) {
    throw contradicts('The answer plans another amount than was asked for');
  }
  if (textOf(body, 'schedule_state') !== 'SCHEDULED') {
    const { evidence } = answer;
    return { status: 'unknown', doubt: 'unreadable-reply', evidence, raw: body };
  }
  return { status: 'succeeded', standing: 'active', evidence: answer.evidence, raw: body };
}

const rooms = new WeakMap<object, DeductionRoom>();

/** Remembers the wire of a channel, for what is exported beside its verbs. */
export const rememberRoom = (channel: ChannelBase, room: DeductionRoom): void => {
  rooms.set(channel, room);
};

/**
 * Plans the next deduction of an agreement: WeChat Pay tells the payer, and takes the amount within
 * the days of the answer's `raw`. Keeps the laws of a changing verb.
 *
 * @throws PolyrailError `REQUEST_INVALID`, `NOT_SENT`, `ABORTED`, `CONFIG_INVALID`, or `REFUSED`
 */
export async function scheduleDeduction(
  channel: ChannelBase,
  request: ScheduleDeductionRequest,
  options: Options = {},
): Promise<Agreement> {
  const room = rooms.get(channel);
  if (room === undefined) {
    const message = 'channel must be one that createWechatPay made with papay';
    throw new PolyrailError('REQUEST_INVALID', message, { field: 'channel' });
  }
  const schedule = guardFunction(channel, {
    name: 'scheduleDeduction',
    family: 'changing',
    noun: 'agreement',
    schema: scheduleSchema as never,
    subject: ({ agreement }: ScheduleDeductionRequest) => agreement,
    async run({ agreement, amount }, call) {
      const { wire, settings } = room;
      const contract = await contractOf(room, agreement, call);
      const order: Exchange = {
        operation: 'contracts.schedule',
        method: 'POST',
        target: `/v3/papay/pay/schedules/contract-id/${encodeURIComponent(contract)}/schedule`,
        fields: {
          appid: settings.appId,
          schedule_amount: { total: amount.amount, currency: 'CNY' },
        },
      };
      return fromSchedule(await wire.call(order, call), amount);
    },
  });
  return schedule(request, options);
}
