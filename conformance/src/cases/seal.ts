/** conformance · seal: laws about it. */
import type { Law } from '../law.ts';

export const sealLaws: readonly Law[] = [];
