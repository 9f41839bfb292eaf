/** conformance · notification: laws about it. */
import type { Law } from '../law.ts';

export const notificationLaws: readonly Law[] = [];
