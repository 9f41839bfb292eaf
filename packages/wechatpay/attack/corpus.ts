/**
 * attack · corpus: what somebody between WeChat Pay and a merchant can send, each with its honest
 * twin. Pure: the same bytes for the same moment.
 */
import { answerAttacks } from './answers.ts';
import type { Case } from './case.ts';
import { certificateAttacks } from './certificates.ts';
import { apiV3Key, appId, mchId, merchant, platform, subMchId } from './forging.ts';
import { notificationAttacks } from './notifications.ts';

export { billDate } from './answers.ts';
export { orderId, type Presented } from './case.ts';

/** Every attack at a moment, in milliseconds since the epoch. */
export const corpusAt = (nowMs: number): readonly Case[] => [
  ...notificationAttacks(nowMs),
  ...certificateAttacks(nowMs),
  ...answerAttacks(nowMs),
];

/** What a client of this corpus is configured with, beside the parties' keys. */
export const account = { mchId, appId, apiV3Key, merchant, platform, subMchId } as const;

/** How often the list of certificates was asked for. */
export const downloadsIn = (asked: readonly string[]): number =>
  asked.filter((what) => what.includes('/v3/certificates')).length;
