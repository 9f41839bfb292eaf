/** kit · digest: MD5 and HMAC-SHA256 of text, as protocols with a shared key seal with them. */
import { createHash, createHmac } from 'node:crypto';
import { constantTimeEqual } from './compare.ts';

/**
 * MD5 of text in UTF-8, in lower-case hexadecimal. Broken as a hash: only for protocols that have
 * it.
 */
export const md5Hex = (text: string): string =>
  createHash('md5').update(text, 'utf8').digest('hex');

/** HMAC-SHA256 of text in UTF-8, in lower-case hexadecimal. */
export const hmacSha256Hex = (key: string | Uint8Array, text: string): string =>
  createHmac('sha256', key).update(text, 'utf8').digest('hex');

/**
 * Whether two digests in hexadecimal are the same, whatever their case; tells nothing by its
 * duration.
 */
export const sameHex = (a: string, b: string): boolean =>
  constantTimeEqual(a.toLowerCase(), b.toLowerCase());
