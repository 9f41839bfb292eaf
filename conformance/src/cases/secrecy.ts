/** conformance · secrecy: laws about it. */
import type { Law } from '../law.ts';

export const secrecyLaws: readonly Law[] = [];
