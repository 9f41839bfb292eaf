/** conformance · statement, by day: the business day of the channel as laws of statements see it. */
import { dayOf } from '@polyrail/core';
import type { Stage } from '../stage.ts';

export const dayMs = 86_400_000;

/** `YYYY-MM-DD` of the channel's business calendar. */
export type Day = string;

export const today = (stage: Stage): Day => {
  const { timeZone, dayEndsAt } = stage.client.channel.capabilities;
  return dayOf(stage.site.clock.now(), timeZone, dayEndsAt);
};
