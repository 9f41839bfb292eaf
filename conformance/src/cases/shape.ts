/** conformance · shape: laws about the channel object, its facts, its requests and its results. */
import type { Law } from '../law.ts';
import { configurationLaws } from './shape-config.ts';
import { errorLaws } from './shape-errors.ts';
import { factLaws } from './shape-facts.ts';
import { requestLaws } from './shape-requests.ts';
import { resultLaws } from './shape-results.ts';

export const shapeLaws: readonly Law[] = [
  ...factLaws,
  ...resultLaws,
  ...requestLaws,
  ...configurationLaws,
  ...errorLaws,
];
