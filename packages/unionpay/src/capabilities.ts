/** unionpay · capabilities: the facts about this channel that its verbs cannot show. */
import type { Capabilities } from '@polyrail/core';
import type { Settings } from './config.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const dayMs = 24 * 60 * minuteMs;

/** Pauses between the five deliveries of one notification, the newer of two schedules (dossier §10). */
export const notificationLadderMs = [minuteMs, 2 * minuteMs, 4 * minuteMs, 5 * minuteMs] as const;

/** When the file of a day is surely there, on the next day in Beijing (§13.1: about 09:00). */
export const fileReadyAt = '09:30';

/** UnionPay's day ends before midnight (§13.1). */
export const dayEndsAt = '23:00';

/**
 * Letters and digits alone. Quirk: 40 are taken, but statements tell the first 32 only, and two ids
 * that differ behind them would be one there.
 */
const orderId = { pattern: '[0-9A-Za-z]{8,32}', maxLength: 32 } as const;

/** Gaps of 2^n seconds, six questions (§12). */
const queryAfterMs = [1, 3, 7, 15, 31, 63].map((second) => second * secondMs);

const base = {
  timeZone: 'Asia/Shanghai',
  dayEndsAt,
  currencies: ['CNY'],
  scenes: {
    pay: ['page', 'h5', 'app', 'qr', 'barcode', 'card'],
    authorize: ['page', 'app'],
  },
  // Twelve digits of fen.
  amount: { min: 1, max: 999_999_999_999 },
  merchantPaymentId: orderId,
  merchantRefundId: orderId,
  merchantCancelId: orderId,
  merchantPayoutId: orderId,
  description: { maxLength: 32 },
  // Quirk: readers of messages take these for its own; what is escaped is not escaped twice (§6).
  attachment: { maxLength: 1024, forbidden: '&={}[]"\'' },
  sealing: 'signed',
  defaultTimeoutMs: 60_000,
  confirmPay: 'otp',
  closeProvesAbsence: false,
  visibilityMs: minuteMs,
  // A query tells what was reversed by the code of a failure.
  reversalErases: true,
  // Undone until the day's end; returned for 330 days (§9.8).
  windows: { cancelMs: dayMs, cancelUntilDayEnds: true, refundMs: 330 * dayMs },
  // One completion, of up to 115 % of what is held; released whole (§9.9).
  partialCaptures: false,
  captureLimitPercent: 115,
  partialReleases: false,
  partialRefunds: true,
  partialApproval: false,
  // biome-ignore lint/suspicious/noThenProperty: a member of the contract, no promise
  resolve: { queryAfterMs, then: 'reverse' },
  notificationLadderMs,
  statements: { trade: { readyAt: fileReadyAt } },
} as const satisfies Capabilities;

const withAgreements = {
  ...base,
  scenes: {
    ...base.scenes,
    pay: [...base.scenes.pay, 'agreement'],
    signUp: ['otp', 'page'],
  },
  merchantAgreementId: orderId,
  confirmSignUp: 'otp-and-card',
} as const satisfies Capabilities;

const withMandates = {
  ...base,
  scenes: {
    ...base.scenes,
    pay: [...base.scenes.pay, 'agreement'],
    signUp: ['card'],
  },
  merchantAgreementId: orderId,
} as const satisfies Capabilities;

/** One object for all channels that can do the same. */
export function capabilitiesOf({ agreements }: Settings): Capabilities {
  if (agreements === undefined) return base;
  return agreements === 'token' ? withAgreements : withMandates;
}
