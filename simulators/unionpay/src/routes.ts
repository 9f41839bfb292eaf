/** unionpay simulator · routes: what a message asks for, by its type and sub-type. */
import * as agreement from './agreement.ts';
import * as authorization from './authorization.ts';
import type { Call } from './call.ts';
import { queryCertificate } from './certificate.ts';
import type { Demands } from './fields.ts';
import type { Fields } from './form.ts';
import * as mandate from './mandate.ts';
import * as payment from './payment.ts';
import * as payout from './payout.ts';
import { query } from './query.ts';
import * as refund from './refund.ts';
import { downloadFile } from './statement.ts';

/** What is answered beside the echo; the code is 00. */
export type Handler = (call: Call) => Fields | Promise<Fields>;

export interface Route extends Demands {
  /** In journal and fault rules. */
  readonly operation: string;
  /** Between servers. */
  readonly back?: Handler;
  /** From a merchant's server for its app. */
  readonly app?: Handler;
  /** In a browser: the ticket of the page it leads to. */
  readonly front?: (call: Call) => string;
  readonly demandsOfFront?: readonly string[];
  readonly demandsOfBack?: readonly string[];
}

const money = ['channelType', 'orderId', 'txnAmt', 'currencyCode'];
const undo = ['orderId', 'origQryId', 'txnAmt', 'backUrl', 'channelType'];

const consume: Route = {
  operation: 'payments.create',
  mandatory: money,
  demandsOfFront: ['frontUrl', 'backUrl'],
  demandsOfBack: ['backUrl'],
  conditional: ['accNo'],
  back: payment.consume,
  app: (call) => payment.openApp(call, 'consume'),
  front: (call) => payment.openPage(call, 'consume'),
};

const hold: Route = {
  operation: 'authorizations.create',
  mandatory: money,
  demandsOfFront: ['frontUrl', 'backUrl'],
  demandsOfBack: ['backUrl'],
  app: (call) => payment.openApp(call, 'preauth'),
  front: (call) => payment.openPage(call, 'preauth'),
};

const collection: Route = {
  operation: 'collections.create',
  mandatory: [...money, 'backUrl'],
  either: ['accNo', 'bindId'],
  conditional: ['accNo', 'bindId'],
  back: payout.collect,
};

const between = (operation: string, mandatory: readonly string[], back: Handler): Route => ({
  operation,
  mandatory,
  back,
});
const carded = (route: Route): Route => ({ ...route, conditional: ['accNo'] });

const table: Readonly<Record<string, Route>> = {
  '00/00': between('transactions.query', [], query),
  '01/01': consume,
  '01/03': consume,
  '01/06': consume,
  '01/07': consume,
  '02/01': hold,
  '03/00': between('captures.create', undo, authorization.capture),
  '04/00': between('refunds.create', undo, refund.refund),
  '11/00': collection,
  '11/02': collection,
  '12/00': between('payouts.create', [...money, 'accNo', 'accType', 'backUrl'], payout.payOut),
  '31/00': between('payments.cancel', undo, refund.cancel),
  '32/00': between('authorizations.cancel', undo, authorization.cancelHold),
  '33/00': between('captures.cancel', undo, authorization.cancelCapture),
  '72/01': between('identities.verify', ['orderId', 'accNo'], agreement.verifyIdentity),
  '72/11': {
    ...between('mandates.create', ['orderId', 'channelType', 'accNo'], mandate.setUp),
    conditional: ['bindId'],
  },
  '74/01': between('agreements.end', ['orderId', 'tokenPayData'], agreement.deleteToken),
  '74/04': between('mandates.end', ['orderId', 'bindId'], mandate.remove),
  '75/00': between('mandates.query', ['orderId', 'bindId'], mandate.query),
  '76/01': between('files.download', ['settleDate', 'fileType'], downloadFile),
  '77/00': carded(between('agreements.sms', ['orderId'], agreement.sendOpeningSms)),
  '77/02': carded(between('payments.sms', money, agreement.sendPaymentSms)),
  '78/00': between('cards.query', ['orderId', 'accNo'], agreement.queryCard),
  '78/02': between('agreements.query', ['orderId'], agreement.queryOpening),
  '79/00': {
    operation: 'agreements.open',
    mandatory: ['orderId', 'channelType'],
    demandsOfFront: ['frontUrl', 'backUrl'],
    conditional: ['accNo'],
    back: agreement.openByServer,
    front: agreement.openOnPage,
  },
  '79/03': between('agreements.renew', ['orderId', 'tokenPayData'], agreement.renewToken),
  '79/05': between('agreements.apply', ['orderId'], agreement.queryOpening),
  '95/00': between('certificates.query', ['orderId', 'certType'], queryCertificate),
  '99/01': between('payments.reverse', ['orderId', 'channelType'], refund.reverse),
};

/** `undefined` for what the gateway does not do. */
export function routeOf({ txnType, txnSubType }: Fields): Route | undefined {
  const name = `${txnType}/${txnSubType}`;
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
