/** wechatpay-v2 · payout: money to a wallet at once (B9), by a protocol that signs no answer. */
import { type Call, type Finding, PolyrailError, type Ref, revealText } from '@polyrail/core';
import { fenOf, requiredText, textOf } from '@polyrail/kit/fields';
import { fromRejection, isDone } from './answer.ts';
import type { Settings } from './config.ts';
import { fenText, wrong } from './extra.ts';
import { momentOf, undocumentedState } from './messages.ts';
import type { PayoutRequest } from './shape.ts';
import { type Answer, type Exchange, party, type Wire } from './wire.ts';

type Paying = Finding<'payout'>;

const pollAfterMs = 10_000;
const maxPurposeLength = 100;

/** Pure: a payout in the channel's words, which are its own for merchant and application. */
export function toPayout(request: PayoutRequest, settings: Settings): Exchange {
  const { merchantPayoutId, amount, purpose, payee } = request;
  if (payee.kind !== 'wallet') {
    throw new PolyrailError('UNSUPPORTED', 'payee.kind must be wallet at WeChat Pay', {
      field: 'payee.kind',
    });
  }
  if (purpose.length > maxPurposeLength) {
    throw wrong('purpose', `must have at most ${maxPurposeLength} characters`);
  }
  return {
    operation: 'transfers',
    fields: {
      mch_appid: settings.appId,
      mchid: settings.mchId,
      partner_trade_no: merchantPayoutId,
      openid: payee.id,
      check_name: payee.name === undefined ? 'NO_CHECK' : 'FORCE_CHECK',
      re_user_name: payee.name === undefined ? undefined : revealText(payee.name),
      amount: fenText(amount),
      desc: purpose,
      spbill_create_ip: settings.hostIp,
    },
  };
}

/** Pure: what the answer says, on the evidence of TLS alone. */
export function fromPayout(request: PayoutRequest, answer: Answer): Paying {
  if (!isDone(answer)) return fromRejection('transfers', answer);
  const { evidence, fields } = answer;
  return {
    status: 'succeeded',
    amount: request.amount,
    arrivedAt: momentOf(fields, 'payment_time'),
    evidence,
    raw: fields,
    merchantId: requiredText(fields, 'partner_trade_no'),
    channelId: textOf(fields, 'payment_no'),
  };
}

export const toQueryPayout = (payout: Ref<'payout'>, settings: Settings): Exchange => ({
  operation: 'gettransferinfo',
  fields: { ...party(settings), partner_trade_no: payout.merchantId },
});

/** Pure: a payout as its query tells it. */
export function fromQueryPayout(answer: Answer): Paying {
  if (!isDone(answer)) return fromRejection('gettransferinfo', answer);
  const { evidence, fields } = answer;
  const amount = fenOf(fields, 'payment_amount');
  const told = {
    evidence,
    raw: fields,
    merchantId: textOf(fields, 'partner_trade_no'),
    channelId: textOf(fields, 'detail_id'),
  } as const;
  const state = requiredText(fields, 'status');
  switch (state) {
    case 'SUCCESS': {
      const arrivedAt = momentOf(fields, 'payment_time');
      if (amount === undefined) throw undocumentedState('payment_amount', 'nothing');
      return { status: 'succeeded', amount, arrivedAt, ...told };
    }
    case 'PROCESSING':
      return { status: 'pending', waitingFor: 'channel', pollAfterMs, amount, ...told };
    case 'FAILED': {
      const channelMessage = textOf(fields, 'reason');
      const why = { reason: 'other', retry: 'new-id', channelCode: state, channelMessage } as const;
      return { status: 'failed', ...why, amount, ...told };
    }
    default:
      throw undocumentedState('status', state);
  }
}

/** Both need the client certificate. */
export const payoutVerbs = ({
  wire,
  settings,
}: {
  readonly wire: Wire;
  readonly settings: Settings;
}) => ({
  async payout(request: PayoutRequest, call: Call<'payout'>): Promise<Paying> {
    return fromPayout(request, await wire.call(toPayout(request, settings), call));
  },
  async queryPayout(payout: Ref<'payout'>, call: Call<'payout'>): Promise<Paying> {
    return fromQueryPayout(await wire.call(toQueryPayout(payout, settings), call));
  },
});
