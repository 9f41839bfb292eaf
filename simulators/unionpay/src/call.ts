/** unionpay simulator · call: one verified request, and what every answer repeats of it. */
import type { Exchange } from '@polyrail/simulator';
import type { Charset } from './charset.ts';
import type { Fields } from './form.ts';
import type { Merchant } from './merchants.ts';
import type { Room } from './room.ts';
import type { Voice } from './voice.ts';

/** By the last part of the path: who is asking, a browser, an app, or a server. */
export type Face = 'front' | 'app' | 'back';

export interface Call {
  readonly fields: Fields;
  readonly charset: Charset;
  readonly voice: Voice;
  readonly face: Face;
  readonly merchant: Merchant;
  readonly room: Room;
  readonly exchange: Exchange;
}

const echoed = [
  ...['accessType', 'acqInsCode', 'bizType', 'currencyCode', 'encoding', 'merId', 'orderId'],
  ...['origQryId', 'reqReserved', 'reserved', 'signMethod', 'txnAmt', 'txnSubType', 'txnTime'],
  ...['txnType', 'version', 'batchNo', 'totalQty', 'totalAmt', 'fileType', 'settleDate'],
];

/** Quirk: neither `channelType` nor `certId` nor addresses come back. */
export const echoOf = (fields: Fields): Fields =>
  Object.fromEntries(
    echoed.flatMap((name) => {
      const value = fields[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
