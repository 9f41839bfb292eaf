/** conformance · shape: laws about it. */
import type { Law } from '../law.ts';

export const shapeLaws: readonly Law[] = [];
