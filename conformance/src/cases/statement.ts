/** conformance · statement: laws about it. */
import type { Law } from '../law.ts';

export const statementLaws: readonly Law[] = [];
