/** conformance · refund: laws about it. */
import type { Law } from '../law.ts';

export const refundLaws: readonly Law[] = [];
