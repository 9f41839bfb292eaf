/** reference channel · capabilities: the facts about acme that its verbs cannot show. */
import type { Capabilities } from '@polyrail/core';

const idRule = { pattern: '[A-Za-z0-9_-]{1,64}', maxLength: 64 };
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

export const capabilities = {
  timeZone: 'Asia/Shanghai',
  currencies: ['CNY', 'JPY', 'KWD'],
  scenes: {
    pay: ['qr', 'barcode', 'page', 'agreement'],
    authorize: ['barcode', 'qr'],
    signUp: ['qr', 'page', 'otp', 'card'],
  },
  amount: { min: 1, max: 100_000_000_000 },
  merchantPaymentId: idRule,
  merchantRefundId: idRule,
  merchantCancelId: idRule,
  merchantAgreementId: idRule,
  merchantPayoutId: idRule,
  description: { maxLength: 256 },
  attachment: { maxLength: 256 },
  sealing: 'signed',
  defaultTimeoutMs: 10_000,
  closeProvesAbsence: true,
  visibilityMs: 30_000,
  // Cancelling ends with the business day: a day later it is surely over.
  windows: { cancelMs: dayMs, cancelUntilDayEnds: true, refundMs: 180 * dayMs },
  confirmSignUp: 'otp-and-card',
  partialRefunds: true,
  partialApproval: false,
  // biome-ignore lint/suspicious/noThenProperty: a member of the contract, no promise
  resolve: { queryAfterMs: [1000, 5000, 15_000, 30_000], then: 'reverse' },
  notificationLadderMs: [minuteMs, 5 * minuteMs, 30 * minuteMs],
  statements: { trade: { readyAt: '09:00' }, funds: { readyAt: '09:00' } },
} as const satisfies Capabilities;
