/** wechatpay · payout: money to a wallet, which its owner mostly confirms first (dossier A10.2). */
import {
  type Call,
  type Evidence,
  type Finding,
  type NextAction,
  PolyrailError,
  type Ref,
  revealText,
} from '@polyrail/core';
import { followUp } from '@polyrail/kit/question';
import { bodyOf, fromRejection, isDone, requireMerchant } from './answer.ts';
import { notifyFault, type Settings } from './config.ts';
import { wrong } from './extra.ts';
import {
  type Message,
  momentOf,
  moneyOf,
  requiredText,
  requireEcho,
  textOf,
  undocumentedState,
} from './messages.ts';
import { payingAppId, subFields } from './partner.ts';
import { failReasonOf, payoutStateOf } from './payout-codes.ts';
import type { WechatPayPayoutExtra } from './payout-extra.ts';
import type { PayoutRequest } from './shape.ts';
import type { Answer, Exchange, Veil, Wire } from './wire.ts';

type Paying = Finding<'payout'>;

/** The payee takes minutes or hours to confirm. */
const pollAfterMs = 30_000;
/** From this amount on the payee's name is required; in fen. */
const namedFrom = 200_000;

const basePath = ({ subMerchant }: Settings): string =>
  subMerchant === undefined
    ? '/v3/fund-app/mch-transfer/transfer-bills'
    : '/v3/fund-app/mch-transfer/partner/transfer-bills';

const billPath = (id: string, settings: Settings): string =>
  `${basePath(settings)}/out-bill-no/${encodeURIComponent(id)}`;

function requireSound(request: PayoutRequest, extra: WechatPayPayoutExtra): void {
  const { payee, amount, purpose } = request;
  if (payee.kind !== 'wallet') {
    throw new PolyrailError('UNSUPPORTED', 'payee.kind must be wallet at WeChat Pay', {
      field: 'payee.kind',
    });
  }
  if (payee.name === undefined && amount.amount >= namedFrom) {
    throw wrong('payee.name', `is required from ${namedFrom} minor units on`);
  }
  if (purpose.length > 32) throw wrong('purpose', 'must have at most 32 characters');
  const fault = extra.notifyUrl && notifyFault(extra.notifyUrl);
  if (fault) throw wrong('extra.notifyUrl', fault);
}

/** Pure but for the hidden name: a payout in the channel's words. */
export function toPayout(request: PayoutRequest, settings: Settings, veil?: Veil): Exchange {
  const { merchantPayoutId, amount, purpose, payee, extra } = request;
  if (extra === undefined) throw wrong('extra', 'is required: the scene and its report');
  requireSound(request, extra);
  const name = payee.kind === 'wallet' ? payee.name : undefined;
  const hidden = name && veil?.hide(revealText(name));
  return {
    operation: 'transfers.create',
    method: 'POST',
    target: basePath(settings),
    fields: {
      ...subFields(settings),
      appid: payingAppId(settings),
      out_bill_no: merchantPayoutId,
      transfer_scene_id: extra.sceneId,
      openid: payee.kind === 'wallet' ? payee.id : undefined,
      user_name: hidden,
      transfer_amount: amount.amount,
      transfer_remark: purpose,
      notify_url: extra.notifyUrl ?? settings.notifyUrl,
      user_recv_perception: extra.perception,
      transfer_scene_report_infos: extra.report.map(({ type, content }) => ({
        info_type: type,
        info_content: content,
      })),
      user_recv_style: extra.style === undefined ? undefined : { type: extra.style },
    },
    serial: veil?.serial,
  };
}

interface Told {
  readonly settings: Settings;
  readonly evidence: Evidence;
  /** What is known to have been asked for, where the answer does not say. */
  readonly amount?: PayoutRequest['amount'] | undefined;
}

/** What the payee's wallet is opened with: `requestMerchantTransfer`. */
function confirmation(body: Message, settings: Settings): NextAction | undefined {
  const packageInfo = textOf(body, 'package_info');
  if (packageInfo === undefined) return undefined;
  const mchId = settings.subMerchant?.mchId ?? settings.mchId;
  const parameters = { mchId, appId: payingAppId(settings), package: packageInfo };
  return { kind: 'sdk', parameters };
}

/** Pure: what a state says, of an answer, a query or a notification. */
export function fromPayoutState(
  body: Message,
  { settings, evidence, amount: asked }: Told,
): Paying {
  requireMerchant(body, 'mch_id', settings.mchId);
  const amount = moneyOf(body, 'transfer_amount') ?? asked;
  const told = {
    evidence,
    raw: body,
    merchantId: requiredText(body, 'out_bill_no'),
    channelId: textOf(body, 'transfer_bill_no'),
    amount,
  } as const;
  const state = requiredText(body, 'state');
  const code = textOf(body, 'fail_reason');
  const waiting = { status: 'pending', pollAfterMs, ...told } as const;
  switch (payoutStateOf(state)) {
    case 'under-way':
      return { ...waiting, waitingFor: 'channel' };
    case 'unconfirmed':
      return { ...waiting, waitingFor: 'payee', nextAction: confirmation(body, settings) };
    case 'done':
      if (amount === undefined) throw untold();
      return { status: 'succeeded', arrivedAt: momentOf(body, 'update_time'), ...told, amount };
    case 'failed':
      // Quirk: a transfer that failed keeps its number.
      return { status: 'failed', ...failReasonOf(code), retry: 'new-id', ...told };
    case 'cancelled':
      return {
        status: 'failed',
        reason: 'cancelled',
        retry: 'new-id',
        channelCode: code ?? state,
        ...told,
      };
    default:
      throw undocumentedState('state', state);
  }
}

const untold = (): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', 'The answer does not tell what was transferred', {
    doubt: 'unreadable-reply',
  });

/** Pure: what the answer to a payout says. It names no amount: what was asked for is moved. */
export function fromPayout(request: PayoutRequest, answer: Answer, settings: Settings): Paying {
  if (!isDone(answer)) return fromRejection('transfers.create', answer);
  const { evidence } = answer;
  return fromPayoutState(bodyOf(answer), { settings, evidence, amount: request.amount });
}

export const toQueryPayout = (payout: Ref<'payout'>, settings: Settings): Exchange => ({
  operation: 'transfers.query',
  method: 'GET',
  target: billPath(payout.merchantId, settings),
});

export function fromQueryPayout(answer: Answer, settings: Settings): Paying {
  if (!isDone(answer)) return fromRejection('transfers.query', answer);
  return fromPayoutState(bodyOf(answer), { settings, evidence: answer.evidence });
}

export const toCancelPayout = (payout: Ref<'payout'>, settings: Settings): Exchange => ({
  operation: 'transfers.cancel',
  method: 'POST',
  target: `${billPath(payout.merchantId, settings)}/cancel`,
});

interface PayoutRoom {
  readonly wire: Wire;
  readonly settings: Settings;
}

/**
 * Takes a payout back while nobody has confirmed it. What comes back is the payout as it then stands:
 * `failed` with `cancelled` when it will not happen.
 */
async function cancelPayout(
  { wire, settings }: PayoutRoom,
  payout: Ref<'payout'>,
  call: Call,
): Promise<Paying> {
  const answer = await wire.call(toCancelPayout(payout, settings), call);
  if (isDone(answer)) {
    const body = bodyOf(answer);
    requireEcho(body, 'out_bill_no', payout.merchantId);
    return fromPayoutState(body, { settings, evidence: answer.evidence, amount: payout.amount });
  }
  const finding = fromRejection<'payout'>('transfers.cancel', answer);
  const ask = finding.status === 'unknown' && finding.doubt === 'repeated-id';
  if (!ask) return finding;
  return followUp(async () =>
    fromQueryPayout(await wire.call(toQueryPayout(payout, settings), call), settings),
  );
}

/** The verbs of this file, strung on the wire. */
export function payoutVerbs(room: PayoutRoom) {
  const { wire, settings } = room;
  return {
    async payout(request: PayoutRequest, call: Call<'payout'>): Promise<Paying> {
      const named = request.payee.kind === 'wallet' && request.payee.name !== undefined;
      const veil = named ? await wire.veil(call) : undefined;
      const order = toPayout(request, settings, veil);
      return fromPayout(request, await wire.call(order, call), settings);
    },
    async queryPayout(payout: Ref<'payout'>, call: Call<'payout'>): Promise<Paying> {
      return fromQueryPayout(await wire.call(toQueryPayout(payout, settings), call), settings);
    },
    cancelPayout: (payout: Ref<'payout'>, call: Call<'payout'>): Promise<Paying> =>
      cancelPayout(room, payout, call),
  };
}
