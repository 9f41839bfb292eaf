/** alipay · payout: money to a wallet or a bank card, and what became of it. */
import {
  type Call,
  type Clock,
  type Finding,
  formatMoney,
  type Instant,
  instantOf,
  type Money,
  type Payee,
  PolyrailError,
  type Reason,
  type Ref,
  revealText,
} from '@polyrail/core';
import { fromRejection, isAccepted } from './answer.ts';
import { verdictOf } from './codes.ts';
import { requireLength } from './extra.ts';
import { type PayoutHandle, payoutHandle, readPayoutHandle } from './handle.ts';
import { type Message, momentOf, requiredText, textOf, yuanOf } from './messages.ts';
import { payoutStateOf } from './payout-codes.ts';
import { type AlipayPayoutExtra, payoutFields } from './payout-extra.ts';
import type { PayoutRequest } from './shape.ts';
import type { Exchange, Wire } from './wire.ts';

type Paying = Finding<'payout'>;

const transfer = 'alipay.fund.trans.uni.transfer';
const query = 'alipay.fund.trans.common.query';
/** Banks take minutes; asking more often tells nothing. */
const pollAfterMs = 30_000;

/** The least that a product moves, in fen (dossier §13.1). */
const leastAmounts: Readonly<Record<string, number>> = { TRANS_ACCOUNT_NO_PWD: 10 };
const mostAmount = 10_000_000_000;

const wrong = (field: string, rule: string): PolyrailError =>
  new PolyrailError('REQUEST_INVALID', `${field} ${rule}`, { field });

/** A user id, an account name - a mail address or a phone number - or an open id. */
function identityTypeOf(id: string): NonNullable<AlipayPayoutExtra['identityType']> {
  if (/^2088\d{12}$/.test(id)) return 'ALIPAY_USER_ID';
  return /^[^@\s]+@[^@\s]+$|^\+?[\d-]{6,20}$/.test(id) ? 'ALIPAY_LOGON_ID' : 'ALIPAY_OPEN_ID';
}

function walletOf(payee: Extract<Payee['payee'], { kind: 'wallet' }>, extra: AlipayPayoutExtra) {
  const type = extra.identityType ?? identityTypeOf(payee.id);
  if (extra.bank !== undefined) throw wrong('extra.bank', 'is not taken for a wallet');
  if (type === 'ALIPAY_LOGON_ID' && payee.name === undefined) {
    // Account names change hands: only with the name does Alipay check whose it is.
    throw wrong('payee.name', 'is required beside a mail address or phone number');
  }
  const name = payee.name && revealText(payee.name);
  return { identity: payee.id, identity_type: type, name };
}

function cardOf(payee: Extract<Payee['payee'], { kind: 'bank' }>, extra: AlipayPayoutExtra) {
  const { account = 'personal', province, city, branch, code } = extra.bank ?? {};
  if (extra.identityType !== undefined) {
    throw wrong('extra.identityType', 'is not taken for a bank account');
  }
  return {
    identity: revealText(payee.account),
    identity_type: 'BANKCARD_ACCOUNT',
    name: revealText(payee.name),
    bankcard_ext_info: {
      account_type: account === 'corporate' ? '1' : '2',
      inst_name: payee.bank,
      inst_province: province,
      inst_city: city,
      inst_branch_name: branch,
      bank_code: code,
    },
  };
}

/** Pure: a payout in the channel's words. */
export function toPayout(request: PayoutRequest): Exchange {
  const { merchantPayoutId, amount, purpose, payee, extra = {} } = request;
  const usual = payee.kind === 'bank' ? 'TRANS_BANKCARD_NO_PWD' : 'TRANS_ACCOUNT_NO_PWD';
  const productCode = extra.productCode ?? usual;
  const bizScene = extra.bizScene ?? 'DIRECT_TRANSFER';
  requireLength('purpose', purpose, extra.title === undefined ? 128 : 200);
  const least = leastAmounts[productCode] ?? 1;
  if (amount.amount < least || amount.amount > mostAmount) {
    throw wrong('amount.amount', `must be between ${least} and ${mostAmount} minor units`);
  }
  return {
    method: transfer,
    fields: {
      out_biz_no: merchantPayoutId,
      trans_amount: formatMoney(amount),
      product_code: productCode,
      biz_scene: bizScene,
      order_title: extra.title ?? purpose,
      remark: purpose,
      payee_info: payee.kind === 'bank' ? cardOf(payee, extra) : walletOf(payee, extra),
      ...payoutFields(extra),
    },
    handle: payoutHandle({ productCode, bizScene }),
  };
}

/** Why a transfer failed or came back, in the contract's words; the codes are those of the call. */
function reasonOf(errorCode: string | undefined): Reason {
  const verdict = verdictOf(transfer, '40004', errorCode);
  return verdict.end === 'unknown' ? 'other' : verdict.reason;
}

interface Told {
  /** What the answer says was moved, or else what is known to have been asked for. */
  readonly amount: Money | undefined;
  readonly arrivedAt: Instant | undefined;
  /** Stands in for the moment of a return, which Alipay does not tell. */
  readonly now: Instant;
}

const untold = (): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', 'The answer does not tell what was transferred', {
    doubt: 'unreadable-reply',
  });

/** Pure: what a status says, of an answer, a query or a message. */
export function fromPayoutStatus(node: Message, { amount, arrivedAt, now }: Told): Paying {
  const told = {
    evidence: 'signed',
    raw: node,
    merchantId: requiredText(node, 'out_biz_no'),
    channelId: textOf(node, 'order_id'),
  } as const;
  const status = requiredText(node, 'status');
  const errorCode = textOf(node, 'error_code');
  const words = {
    channelCode: errorCode ?? textOf(node, 'sub_status') ?? status,
    channelMessage: textOf(node, 'fail_reason'),
  };
  switch (payoutStateOf(status)) {
    case 'done':
      if (amount === undefined) throw untold();
      return { status: 'succeeded', amount, arrivedAt, fee: yuanOf(node, 'order_fee'), ...told };
    case 'returned': {
      if (amount === undefined) throw untold();
      const returned = { at: now, reason: reasonOf(errorCode) };
      return { status: 'succeeded', amount, arrivedAt, returned, ...told };
    }
    case 'under-way':
      return { status: 'pending', waitingFor: 'channel', pollAfterMs, amount, ...told };
    case 'unpaid':
      return { status: 'pending', waitingFor: 'merchant', pollAfterMs, amount, ...told };
    case 'failed':
      // Quirk: a transfer that failed keeps its id: the same id answers the same failure for good.
      return { status: 'failed', reason: reasonOf(errorCode), retry: 'new-id', ...told, ...words };
    case 'closed':
      return { status: 'failed', reason: 'order-closed', retry: 'new-id', ...told, ...words };
    default:
      throw new PolyrailError('REPLY_UNREADABLE', 'The transfer has an undocumented status', {
        doubt: 'unreadable-reply',
        channelCode: status,
      });
  }
}

/**
 * Pure: what the answer to a payout says.
 *
 * Quirk: it mostly names no amount: what was asked for, under this id, is what was moved.
 */
export function fromPayout(request: PayoutRequest, node: Message, nowMs: number): Paying {
  if (!isAccepted(node)) {
    return { ...fromRejection(transfer, node), merchantId: textOf(node, 'out_biz_no') };
  }
  const found = fromPayoutStatus(node, {
    amount: yuanOf(node, 'amount') ?? request.amount,
    arrivedAt: momentOf(node, 'trans_date'),
    now: instantOf(nowMs),
  });
  // Quirk: the signature does not cover the node's name. What was moved has a number and a time.
  if (found.status === 'succeeded') {
    requiredText(node, 'order_id');
    requiredText(node, 'trans_date');
  }
  return found;
}

/** Pure: the question about a payout. By the merchant's id it needs product and scene as well. */
export function toQueryPayout(payout: Ref<'payout'>): Exchange {
  const handle: PayoutHandle | undefined = readPayoutHandle(payout);
  if (handle !== undefined) {
    const { productCode, bizScene } = handle;
    const fields = {
      out_biz_no: payout.merchantId,
      product_code: productCode,
      biz_scene: bizScene,
    };
    return { method: query, fields };
  }
  if (payout.channelId !== undefined) {
    return { method: query, fields: { order_id: payout.channelId } };
  }
  // Guessed, they could answer "not found" about a transfer that was made.
  throw wrong(
    'handle',
    'must be the one that payout gave, or channelId the number of the transfer',
  );
}

/** Pure: what the query of a payout says. */
export function fromQueryPayout(node: Message, payout: Ref<'payout'>, nowMs: number): Paying {
  if (!isAccepted(node)) return fromRejection(query, node);
  const told = yuanOf(node, 'trans_amount');
  // Quirk: a transfer that came back no longer tells its amount.
  const back = payoutStateOf(requiredText(node, 'status')) === 'returned';
  return fromPayoutStatus(node, {
    amount: told ?? (back ? payout.amount : undefined),
    arrivedAt: momentOf(node, 'pay_date'),
    now: instantOf(nowMs),
  });
}

/** The verbs of this file, strung on the wire. */
export function payoutVerbs(wire: Wire, clock: Clock) {
  return {
    async payout(request: PayoutRequest, call: Call<'payout'>): Promise<Paying> {
      return fromPayout(request, await wire.call(toPayout(request), call), clock.now());
    },
    async queryPayout(payout: Ref<'payout'>, call: Call<'payout'>): Promise<Paying> {
      return fromQueryPayout(await wire.call(toQueryPayout(payout), call), payout, clock.now());
    },
  };
}
