/** wechatpay-v2 · capabilities: the facts about this channel that its verbs cannot show. */
import type { Capabilities } from '@polyrail/core';
import type { Settings } from './config.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Pauses between the sixteen deliveries of one notification (dossier B7). */
export const notificationLadderMs = [
  15 * secondMs,
  15 * secondMs,
  30 * secondMs,
  3 * minuteMs,
  10 * minuteMs,
  20 * minuteMs,
  30 * minuteMs,
  30 * minuteMs,
  30 * minuteMs,
  hourMs,
  3 * hourMs,
  3 * hourMs,
  3 * hourMs,
  6 * hourMs,
  6 * hourMs,
] as const;

/**
 * When the bill of a day is surely there, on the next day in Beijing (A9.1: made from 09:00 on).
 */
export const billReadyAt = '10:00';

/** Quirk: what fails before the business is told without a sign, whatever the call (B1). */
const unsigned = ['pay', 'query', 'close', 'queryRefund', 'statement'] as const;
const ready = { readyAt: billReadyAt } as const;

const queryAfterMs = [5, 10, 20, 30, 45, 60, 120, 300].map((second) => second * secondMs);

const base = {
  timeZone: 'Asia/Shanghai',
  currencies: ['CNY'],
  scenes: { pay: ['qr', 'in-wallet', 'app', 'h5', 'barcode'] },
  // One fen to 100 000 000 yuan.
  amount: { min: 1, max: 10_000_000_000 },
  merchantPaymentId: { pattern: '[0-9A-Za-z_\\-|*]{6,32}', maxLength: 32 },
  merchantRefundId: { pattern: '[0-9A-Za-z_\\-|*@]{1,64}', maxLength: 64 },
  description: { maxLength: 127 },
  attachment: { maxLength: 127 },
  sealing: 'signed',
  unsigned,
  defaultTimeoutMs: 30_000,
  closeProvesAbsence: true,
  // A query may miss an order that was only just made (A8.2).
  visibilityMs: minuteMs,
  windows: { refundMs: 365 * dayMs },
  partialRefunds: true,
  partialApproval: false,
  // biome-ignore lint/suspicious/noThenProperty: a member of the contract, no promise
  resolve: { queryAfterMs, then: 'escalate' },
  notificationLadderMs,
  statements: { trade: ready },
} as const satisfies Capabilities;

/** What the client certificate and agreements add. */
function extended(certified: boolean, papay: boolean): Capabilities {
  return {
    ...base,
    scenes: {
      pay: [...base.scenes.pay, ...(papay ? ['agreement' as const] : [])],
      ...(papay ? { signUp: ['page', 'app'] } : {}),
    },
    unsigned: [
      ...unsigned,
      ...(certified ? ['refund', 'reverse'] : []),
      ...(papay ? ['signUp', 'querySignUp', 'signOff'] : []),
    ],
    ...(papay
      ? { merchantAgreementId: { pattern: '[0-9A-Za-z_\\-]{1,128}', maxLength: 128 } }
      : {}),
    ...(certified
      ? {
          // biome-ignore lint/suspicious/noThenProperty: a member of the contract, no promise
          resolve: { queryAfterMs, then: 'reverse' },
          statements: { trade: ready, funds: ready },
        }
      : {}),
  };
}

const all: Readonly<Record<string, Capabilities>> = {
  '': base,
  certificate: extended(true, false),
  papay: extended(false, true),
  'certificate papay': extended(true, true),
};

/** One object for all channels that can do the same. */
export function capabilitiesOf({ clientCertificate, papay }: Settings): Capabilities {
  const name = [...(clientCertificate ? ['certificate'] : []), ...(papay ? ['papay'] : [])];
  return all[name.join(' ')] ?? base;
}

/** Of payouts, whose protocol signs no answer. */
export const payoutCapabilities: Capabilities = {
  timeZone: 'Asia/Shanghai',
  currencies: ['CNY'],
  amount: base.amount,
  merchantPaymentId: base.merchantPaymentId,
  merchantPayoutId: { pattern: '[0-9A-Za-z]{1,32}', maxLength: 32 },
  sealing: 'transport',
  defaultTimeoutMs: base.defaultTimeoutMs,
  closeProvesAbsence: false,
  visibilityMs: minuteMs,
  // biome-ignore lint/suspicious/noThenProperty: a member of the contract, no promise
  resolve: { queryAfterMs, then: 'escalate' },
};
