/** wechatpay · facts: what each kind of event tells, as ordinary nouns (dossier A7.1). */
import { type FactFinding, PolyrailError } from '@polyrail/core';
import { fromContract } from './agreement.ts';
import { requireMerchant } from './answer.ts';
import type { Settings } from './config.ts';
import { agreementHandle } from './handle.ts';
import { type Message, momentOf, requiredText, textOf } from './messages.ts';
import { requireOurs } from './partner.ts';
import { fromPayoutState } from './payout.ts';
import { fromRefundState } from './refund.ts';
import { fromCompletion, fromScore, readScore } from './score.ts';
import { fromTransaction } from './transaction.ts';

export type Facts = readonly [FactFinding, ...FactFinding[]];

/** Reads one kind of event. */
export type ReadFacts = (told: Message, settings: Settings) => Facts;

const signed = { evidence: 'signed' } as const;

/**
 * Pure: an order was paid; or a deduction failed.
 *
 * Quirk: a combined order comes under the same name. It is none of a payment of this package.
 */
const fromTransactionEvent: ReadFacts = (told, settings) => {
  if (textOf(told, 'combine_out_trade_no') !== undefined) {
    throw new PolyrailError('NOTIFICATION_UNVERIFIED', 'The notification is of a combined order');
  }
  return [{ noun: 'payment', ...fromTransaction(told, { settings, ...signed }) }];
};

/** Pure: the end of a refund. Quirk: its state has another name here than in answers. */
const fromRefundEvent: ReadFacts = (told, settings) => {
  requireOurs(told, settings);
  const state = requiredText(told, 'refund_status');
  return [{ noun: 'refund', ...fromRefundState(told, { state, ...signed }) }];
};

const fromTransferEvent: ReadFacts = (told, settings) => [
  { noun: 'payout', ...fromPayoutState(told, { settings, ...signed }) },
];

/** Pure: a contract was signed or ended, as the whole contract tells it. */
const fromContractEvent: ReadFacts = (told, settings) => [
  { noun: 'agreement', ...fromContract(told, { settings, ...signed }) },
];

/** Pure: the same in the older form, which tells no state: the event does. */
const fromSigning =
  (standing: 'active' | 'ended'): ReadFacts =>
  (told, settings) => {
    requireMerchant(told, 'mchid', settings.mchId);
    requireMerchant(told, 'appid', settings.appId);
    const plan = told.plan_id;
    const agreement = {
      noun: 'agreement',
      status: 'succeeded',
      standing,
      validUntil: momentOf(told, 'contract_expired_time'),
      merchantId: requiredText(told, 'out_contract_code'),
      channelId: textOf(told, 'contract_id'),
      handle: Number.isSafeInteger(plan) ? agreementHandle(plan as number) : undefined,
      raw: told,
      ...signed,
    } as const;
    return [agreement];
  };

/** Pure: a payer agreed to a pay-score order, or has paid it: then its capture is told as well. */
const fromScoreEvent: ReadFacts = (told, settings) => {
  const { payScore } = settings;
  if (payScore === undefined) {
    const message = 'The notification is of a pay-score order: config.payScore is needed';
    throw new PolyrailError('NOTIFICATION_UNVERIFIED', message);
  }
  if (textOf(told, 'service_id') !== payScore.serviceId) {
    const message = "The notification's service_id is not the configured one";
    throw new PolyrailError('NOTIFICATION_FOREIGN', message, { field: 'service_id' });
  }
  const score = readScore(told, { settings, ...signed });
  const hold = { noun: 'authorization', ...fromScore(score) } as const;
  const { captureId, state } = score;
  const isCaptured = state === 'completed' || state === 'done';
  if (!isCaptured || captureId === undefined) return [hold];
  return [{ noun: 'payment', ...fromCompletion(score, captureId) }, hold];
};

/** What each `event_type` tells. */
export const events: Readonly<Record<string, ReadFacts>> = {
  'TRANSACTION.SUCCESS': fromTransactionEvent,
  'TRANSACTION.FAIL': fromTransactionEvent,
  'REFUND.SUCCESS': fromRefundEvent,
  'REFUND.ABNORMAL': fromRefundEvent,
  'REFUND.CLOSED': fromRefundEvent,
  'MCHTRANSFER.BILL.FINISHED': fromTransferEvent,
  'ENTRUST.SIGN': fromContractEvent,
  'ENTRUST.TERMINATE': fromContractEvent,
  'PAPAY.SIGN': fromSigning('active'),
  'PAPAY.TERMINATE': fromSigning('ended'),
  'PAYSCORE.USER_CONFIRM': fromScoreEvent,
  'PAYSCORE.USER_PAID': fromScoreEvent,
};
