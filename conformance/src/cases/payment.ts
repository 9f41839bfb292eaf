/** conformance · payment: laws about it. */
import type { Law } from '../law.ts';

export const paymentLaws: readonly Law[] = [];
