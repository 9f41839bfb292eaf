/** conformance · outcome: laws about it. */
import type { Law } from '../law.ts';

export const outcomeLaws: readonly Law[] = [];
