/** wechatpay · base64: bytes of a text that is base64 to the letter. */

/**
 * The bytes; `undefined` for anything but their one spelling. Writing it again and comparing costs a
 * tenth of looking at each character, and lets no second spelling of the same bytes pass.
 */
export function base64Bytes(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
