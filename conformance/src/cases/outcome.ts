/** conformance · outcome: the law of every call - thrown, decided, or in doubt. */
import type { Law } from '../law.ts';
import { outcomeAfterLaws } from './outcome-after.ts';
import { outcomeBeforeLaws } from './outcome-before.ts';
import { outcomeReadingLaws } from './outcome-reading.ts';
import { outcomeStormLaws } from './outcome-storm.ts';

/** Before the first byte, after it, for verbs that only read, and all at once. */
export const outcomeLaws: readonly Law[] = [
  ...outcomeBeforeLaws,
  ...outcomeAfterLaws,
  ...outcomeReadingLaws,
  ...outcomeStormLaws,
];
