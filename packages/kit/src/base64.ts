/** kit · base64: bytes of a text that is base64 to the letter. */

/**
 * The bytes; `undefined` for anything but their one spelling, and for none. Writing them again and
 * comparing costs a tenth of looking at each character, and lets no second spelling pass: a signature
 * that lacks a sign of its padding is a cut one.
 */
export function base64Bytes(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.byteLength > 0 && bytes.toString('base64') === text ? bytes : undefined;
}
