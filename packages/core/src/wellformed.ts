/** core · wellformed: finds what only an author's mistake can put into a finding. */
import { exponentOf } from './currencies.ts';
import type { Money } from './money.ts';
import { doubts, evidences, reasons } from './reason.ts';
import { maxHandleLength, maxIdLength, type Noun } from './ref.ts';

/** Nouns whose `amount` is what was asked for: a success without it is none. */
const amountNouns: ReadonlySet<Noun> = new Set(['payment', 'refund', 'authorization', 'payout']);

type Words = readonly [member: string, allowed: readonly string[]];

const wordsOfStatus: Readonly<Record<string, readonly Words[]>> = {
  succeeded: [],
  pending: [['waitingFor', ['payer', 'payee', 'channel', 'merchant']]],
  failed: [
    ['reason', reasons],
    ['retry', ['same-id', 'new-id', 'never']],
  ],
  unknown: [['doubt', doubts]],
};

const wordsOfSuccess: { readonly [N in Noun]?: readonly Words[] } = {
  agreement: [['standing', ['active', 'suspended', 'ended']]],
  cancellation: [['effect', ['refunded', 'released', 'closed', 'nothing-there']]],
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** Whether a member is money that is not exact; members of members are looked at once. */
function inexact(value: unknown, depth = 0): boolean {
  if (!isRecord(value)) return false;
  if (!('currency' in value)) {
    return depth === 0 && Object.values(value).some((member) => inexact(member, 1));
  }
  return !isExactMoney(value);
}

/** Whether a value is money in whole minor units of a known currency. */
export function isExactMoney(value: unknown): value is Money {
  if (!isRecord(value)) return false;
  const { amount, currency } = value;
  if (typeof currency !== 'string' || exponentOf(currency) === undefined) return false;
  return Number.isSafeInteger(amount);
}

const positive = (money: unknown): boolean => isRecord(money) && Number(money.amount) > 0;

const texts: readonly (readonly [member: string, maximum: number])[] = [
  ['merchantId', maxIdLength],
  ['channelId', maxIdLength],
  ['handle', maxHandleLength],
  ['channelCode', Number.POSITIVE_INFINITY],
  ['channelMessage', Number.POSITIVE_INFINITY],
];

const overlong = (text: unknown, maximum: number): boolean =>
  text !== undefined && (typeof text !== 'string' || text.length > maximum);

/** What is wrong with a finding about a noun, whatever the type checker was told. */
export function malformed(noun: Noun, finding: unknown): string | undefined {
  if (!isRecord(finding)) return 'no object';
  const { raw: _raw, cause: _cause, nextAction: _action, ...facts } = finding;
  const { status } = facts;
  const known = typeof status === 'string' && Object.hasOwn(wordsOfStatus, status);
  const statusWords = known ? wordsOfStatus[status] : undefined;
  if (statusWords === undefined) return 'status';
  const success = status === 'succeeded';
  const words: readonly Words[] = [
    ['evidence', evidences],
    ...statusWords,
    ...((success && wordsOfSuccess[noun]) || []),
  ];
  const wrong = words.find(([member, allowed]) => !allowed.includes(facts[member] as string));
  if (wrong !== undefined) return wrong[0];
  const told = facts.amount;
  if (amountNouns.has(noun) && (success || told !== undefined) && !positive(told)) return 'amount';
  const long = texts.find(([member, maximum]) => overlong(facts[member], maximum));
  if (long !== undefined) return long[0];
  return Object.keys(facts).find((member) => inexact(facts[member]));
}
