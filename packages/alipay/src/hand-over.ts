/** alipay · hand-over: a signed order as the next action of whoever carries it to Alipay. */
import type { NextAction } from '@polyrail/core';
import { formOf, type Pair } from './seal.ts';

/** How the payer gets the order: posted, opened, scanned, or by the merchant's app. */
export type HandOver = 'form' | 'redirect' | 'qr' | 'sdk';

export interface Handed {
  readonly url: string;
  readonly pairs: readonly Pair[];
}

/** Pure: what the payer's browser, camera or app is handed. */
export function handedOver(way: HandOver, { url, pairs }: Handed): NextAction {
  const fields = Object.fromEntries(pairs);
  const charset = fields.charset === 'gbk' ? 'gbk' : 'utf-8';
  switch (way) {
    case 'form':
      return { kind: 'form', url: `${url}?charset=${charset}`, fields, charset };
    case 'redirect':
      return { kind: 'redirect', url: `${url}?${formOf(pairs, charset)}` };
    case 'qr':
      return { kind: 'qr', text: `${url}?${formOf(pairs, charset)}` };
    case 'sdk':
      return { kind: 'sdk', parameters: formOf(pairs, charset) };
  }
}
