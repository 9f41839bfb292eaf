/** unionpay simulator · query: what became of an entry of the funds table. */
import type { Call } from './call.ts';
import { pendingOutcome, refuse } from './codes.ts';
import { hideFor } from './customer.ts';
import { type Fields, filled } from './form.ts';
import { maskedCard } from './numbers.ts';
import type { Room } from './room.ts';
import { monthDay } from './time.ts';
import { fateOf, hasSucceeded, isLive, type Transaction } from './transaction.ts';

/** Products whose messages carry the masked card: a gateway's payer chose it unseen. */
const cardTellers = ['000201', '000000'];

/** The masked card, as the merchant is told it. */
export function toldCard(entry: Transaction, room: Room): string | undefined {
  const { card, terms } = entry;
  if (card === undefined || !cardTellers.includes(terms.bizType)) return undefined;
  return hideFor(entry, maskedCard(card.number), room);
}

/** What a query and a notification tell alike of an entry that was carried out. */
export function settledFields(entry: Transaction, room: Room): Fields {
  const { terms, trace, settleDay, preAuthId, original, binding } = entry;
  return filled({
    accNo: toldCard(entry, room),
    queryId: trace?.queryId,
    traceNo: trace?.traceNo,
    traceTime: trace?.traceTime,
    settleAmt: String(terms.amount),
    settleCurrencyCode: '156',
    settleDate: settleDay === undefined ? undefined : monthDay(settleDay),
    preAuthId,
    bindId: binding?.bindId,
    origQryId: original?.trace?.queryId,
  });
}

function find({ fields, merchant, room }: Call): Transaction | undefined {
  const { queryId = '', orderId = '', txnTime = '' } = fields;
  if (queryId !== '') return room.book.findQueryId(merchant, queryId);
  const found = room.book.find(merchant, orderId, txnTime);
  if (found !== undefined || room.options.lenientQueries !== true) return found;
  return room.book.findAll(merchant, orderId).at(-1);
}

/** Quirk: type, time and number in the answer are those of the entry, not of the query. */
export function query(call: Call): Fields {
  const entry = find(call);
  if (entry === undefined || call.exchange.fault('query-lag')) throw refuse('34', '2600000');
  const { terms } = entry;
  const { respCode, respMsg } = isLive(entry) ? pendingOutcome : fateOf(entry);
  const told = {
    orderId: terms.orderId,
    txnTime: terms.txnTime,
    txnType: terms.txnType,
    txnSubType: terms.txnSubType,
    txnAmt: String(terms.amount),
    origRespCode: respCode,
    origRespMsg: respMsg,
    ...filled({ reqReserved: terms.reqReserved, reserved: terms.reserved }),
  };
  if (!hasSucceeded(entry)) return { ...told, settleAmt: '0' };
  const identified = { currencyCode: terms.currency, issuerIdentifyMode: '0' };
  return { ...told, ...identified, ...settledFields(entry, call.room) };
}
