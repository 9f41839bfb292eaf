/** unionpay simulator · charset: the two character sets of messages, by the names messages use. */
import { type Charset, decodeText, encodeText } from '@polyrail/simulator';

export type { Charset };

/** By the field `encoding`, in any letter case; `undefined` for what the gateway does not speak. */
export function charsetOf(encoding: string): Charset | undefined {
  const name = encoding.toLowerCase().replace('_', '-');
  if (name === 'utf-8' || name === 'utf8') return 'utf-8';
  return name === 'gbk' ? 'gbk' : undefined;
}

export const readBytes = decodeText;
export const bytesOf = encodeText;

/** As the header `Content-Type` names it. */
export const charsetLabel = (charset: Charset): string => (charset === 'gbk' ? 'GBK' : 'UTF-8');
