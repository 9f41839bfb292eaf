/** conformance · outcome: the law of every call - thrown, decided, or in doubt. */
import type { Law } from '../law.ts';
import { acceptedLaw } from './outcome-accepted.ts';
import { outcomeAfterLaws } from './outcome-after.ts';
import { outcomeBeforeLaws } from './outcome-before.ts';
import { outcomeDefectLaws, sameCallAtOnceLaw, strangeAnswerLaw } from './outcome-defect.ts';
import { outcomeReadingLaws } from './outcome-reading.ts';
import { outcomeStormLaws } from './outcome-storm.ts';

/** Before the first byte, after it, for verbs that only read, all at once, and what came later. */
export const outcomeLaws: readonly Law[] = [
  ...outcomeBeforeLaws,
  ...outcomeAfterLaws,
  ...outcomeDefectLaws,
  ...outcomeReadingLaws,
  ...outcomeStormLaws,
  strangeAnswerLaw,
  sameCallAtOnceLaw,
  acceptedLaw,
];
