/** unionpay simulator · charset: the two character sets of messages. */
import { decodeText, encodeText } from '@polyrail/kit/charset';

export type Charset = 'utf-8' | 'gbk';

/** By the field `encoding`, in any letter case; `undefined` for what the gateway does not speak. */
export function charsetOf(encoding: string): Charset | undefined {
  const name = encoding.toLowerCase().replace('_', '-');
  if (name === 'utf-8' || name === 'utf8') return 'utf-8';
  return name === 'gbk' ? 'gbk' : undefined;
}

/** Bytes that are no text of the character set become U+FFFD. */
export const readBytes = (bytes: Uint8Array, charset: Charset): string =>
  decodeText(bytes, charset);

/** What the character set lacks becomes `?`, as on the gateway. */
export const bytesOf = (text: string, charset: Charset): Uint8Array =>
  encodeText(text, charset, { fatal: false });

/** As the header `Content-Type` names it. */
export const charsetLabel = (charset: Charset): string => (charset === 'gbk' ? 'GBK' : 'UTF-8');
