/** kit · compare: equality that does not tell by its duration how much was right. */
import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (value: string | Uint8Array): Buffer => createHash('sha256').update(value).digest();

/**
 * Whether two values have the same bytes (text as UTF-8). Both are hashed first, so that neither
 * content nor length decides how long the comparison takes beyond the reading of each.
 */
export const constantTimeEqual = (a: string | Uint8Array, b: string | Uint8Array): boolean =>
  timingSafeEqual(digest(a), digest(b));
