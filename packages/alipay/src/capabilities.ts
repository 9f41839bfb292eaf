/** alipay · capabilities: the facts about this channel that its verbs cannot show. */
import type { Capabilities } from '@polyrail/core';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Pauses between the eight deliveries of one notification (dossier §15.1). */
export const notificationLadderMs = [
  4 * minuteMs,
  10 * minuteMs,
  10 * minuteMs,
  hourMs,
  2 * hourMs,
  6 * hourMs,
  15 * hourMs,
] as const;

/** When the bill of a day is there, on the next day in GMT+8 (dossier §14.1: about 09:00). */
export const billReadyAt = '09:00';

export const capabilities = {
  timeZone: 'Asia/Shanghai',
  currencies: ['CNY'],
  scenes: {
    pay: ['qr', 'barcode', 'page', 'h5', 'app', 'in-wallet', 'agreement'],
    authorize: ['qr', 'barcode'],
    signUp: ['page', 'qr', 'app'],
  },
  // 0.01 to 100 000 000 yuan (dossier §10, shared rules).
  amount: { min: 1, max: 10_000_000_000 },
  merchantPaymentId: { pattern: '[A-Za-z0-9_]{1,64}', maxLength: 64 },
  merchantRefundId: { pattern: '[A-Za-z0-9_]{1,64}', maxLength: 64 },
  merchantCancelId: { pattern: '[A-Za-z0-9_]{1,64}', maxLength: 64 },
  merchantAgreementId: { pattern: '[A-Za-z0-9]{1,32}', maxLength: 32 },
  description: { maxLength: 256, forbidden: '/=&' },
  // 512 characters on the wire, where the text stands percent-encoded (dossier §10.1).
  attachment: { maxLength: 512 },
  sealing: 'signed',
  defaultTimeoutMs: 30_000,
  closeProvesAbsence: true,
  // Queries answer at once, but a request may still be on its way: the polling minute of §10.4.
  visibilityMs: minuteMs,
  // Cancel within 24 hours; refunds for a year, the usual term before TRADE_FINISHED (§10.4, §10.5).
  windows: { cancelMs: 24 * hourMs, refundMs: 365 * 24 * hourMs },
  partialRefunds: true,
  partialApproval: false,
  resolve: {
    queryAfterMs: [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60].map((second) => second * 1000),
    // biome-ignore lint/suspicious/noThenProperty: a member of the contract, no promise
    then: 'reverse',
  },
  notificationLadderMs,
  statements: { trade: { readyAt: billReadyAt }, funds: { readyAt: billReadyAt } },
} as const satisfies Capabilities;

/** With certificates, in which mode alone Alipay takes transfers (dossier §13.1). */
export const payoutCapabilities = {
  ...capabilities,
  merchantPayoutId: { pattern: '[A-Za-z0-9_]{1,64}', maxLength: 64 },
} as const satisfies Capabilities;
