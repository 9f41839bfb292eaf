/** wechatpay · capabilities: the facts about this channel that its verbs cannot show. */
import type { Capabilities } from '@polyrail/core';
import type { Settings } from './config.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Pauses between the sixteen deliveries of one notification (dossier A7.2). */
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

/** When the bill of a day is surely there, on the next day in Beijing (A9.1: made from 09:00 on). */
export const billReadyAt = '10:00';

/** Quirk: WeChat Pay signs what it grants and leaves its errors unsigned, whatever the call (A1). */
const unsigned = [
  'pay',
  'query',
  'close',
  'refund',
  'queryRefund',
  'payout',
  'queryPayout',
  'cancelPayout',
  'statement',
  'balance',
] as const;

const base = {
  timeZone: 'Asia/Shanghai',
  currencies: ['CNY'],
  scenes: { pay: ['qr', 'in-wallet', 'app', 'h5'] },
  // One fen to 100 000 000 yuan.
  amount: { min: 1, max: 10_000_000_000 },
  merchantPaymentId: { pattern: '[0-9A-Za-z_\\-|*]{6,32}', maxLength: 32 },
  merchantRefundId: { pattern: '[0-9A-Za-z_\\-|*@]{1,64}', maxLength: 64 },
  merchantPayoutId: { pattern: '[0-9A-Za-z]{1,32}', maxLength: 32 },
  description: { maxLength: 127 },
  attachment: { maxLength: 128 },
  sealing: 'signed',
  unsigned,
  defaultTimeoutMs: 30_000,
  closeProvesAbsence: true,
  // A query may miss an order that was only just made (A8.2).
  visibilityMs: minuteMs,
  windows: { refundMs: 365 * dayMs },
  partialRefunds: true,
  partialApproval: false,
  resolve: {
    queryAfterMs: [5, 10, 20, 30, 45, 60, 120, 300].map((second) => second * secondMs),
    // biome-ignore lint/suspicious/noThenProperty: a member of the contract, no promise
    then: 'escalate',
  },
  notificationLadderMs,
  statements: { trade: { readyAt: billReadyAt }, funds: { readyAt: billReadyAt } },
} as const satisfies Capabilities;

type Option = 'codepay' | 'papay' | 'payScore';
const options = ['codepay', 'papay', 'payScore'] as const;

const scoreUnsigned = [
  'authorize',
  'queryAuthorization',
  'capture',
  'cancelAuthorization',
] as const;

/** A completion has no number: the id of a capture describes its one item, which holds so much. */
export const captureIdMaxLength = 30;

/** What pay-score orders add: no deadline, completed once, and cancelled as a whole (A11.5). */
const scoreRules = {
  holdsExpire: false,
  merchantCancelId: { pattern: '[0-9A-Za-z_\\-|*]{1,32}', maxLength: 32 },
  partialCaptures: false,
  captureIdMaxLength,
  partialReleases: false,
} as const;

/** What payments by code, agreements and the pay score add. */
function extended(granted: ReadonlySet<Option>): Capabilities {
  const [codepay, papay, payScore] = options.map((option) => granted.has(option));
  const { pay } = base.scenes;
  return {
    ...base,
    scenes: {
      pay: [
        ...pay,
        ...(codepay ? ['barcode' as const] : []),
        ...(papay ? ['agreement' as const] : []),
      ],
      ...(papay ? { signUp: ['page', 'app'] } : {}),
      ...(payScore ? { authorize: ['in-wallet', 'app'] } : {}),
    },
    unsigned: [
      ...unsigned,
      ...(codepay || payScore ? ['reverse'] : []),
      ...(papay ? ['signUp', 'querySignUp', 'signOff'] : []),
      ...(payScore ? scoreUnsigned : []),
    ],
    // biome-ignore lint/suspicious/noThenProperty: a member of the contract, no promise
    ...(codepay ? { resolve: { ...base.resolve, then: 'reverse' } } : {}),
    ...(payScore ? scoreRules : {}),
    ...(papay ? { merchantAgreementId: { pattern: '[0-9A-Za-z]{1,32}', maxLength: 32 } } : {}),
  };
}

const made = new Map<string, Capabilities>([['', base]]);

/** One object for all channels that can do the same. */
export function capabilitiesOf(settings: Settings): Capabilities {
  const granted = options.filter((option) => settings[option]);
  const name = granted.join(' ');
  const known = made.get(name) ?? extended(new Set(granted));
  made.set(name, known);
  return known;
}
