/** conformance · isolation: laws about it. */
import type { Law } from '../law.ts';

export const isolationLaws: readonly Law[] = [];
