/** unionpay simulator · news: what merchants are told, server to server and by the payer's browser. */
import type { FaultRule, Sealed } from '@polyrail/simulator';
import { openedFields } from './agreement.ts';
import type { Agreement } from './agreement-book.ts';
import { charsetLabel } from './charset.ts';
import { outcome, success } from './codes.ts';
import { type Fields, filled, sortedNames, writeForm } from './form.ts';
import type { Merchant } from './merchants.ts';
import { settledFields } from './query.ts';
import { corrupted, identityFor, sealFields } from './reply.ts';
import type { Room } from './room.ts';
import { twisted } from './stories.ts';
import { minuteMs } from './time.ts';
import { fateOf, hasSucceeded, type Kind, type Transaction } from './transaction.ts';
import type { Voice } from './voice.ts';

/** Gaps between the five deliveries. */
export const notificationLadderMs: readonly number[] = [1, 2, 4, 5].map((one) => one * minuteMs);
const patienceMs = 10_000;

/** In journal and fault rules. */
const operations: Readonly<Record<Kind, string>> = {
  consume: 'payments.notify',
  collect: 'payments.notify',
  preauth: 'authorizations.notify',
  capture: 'captures.notify',
  refund: 'refunds.notify',
  cancel: 'cancellations.notify',
  'preauth-cancel': 'cancellations.notify',
  'capture-cancel': 'cancellations.notify',
  payout: 'payouts.notify',
};

type Take = (fault: string) => FaultRule | undefined;

interface News {
  readonly operation: string;
  readonly id: string;
  readonly url: string;
  readonly merchant: Merchant;
  readonly voice: Voice;
  readonly fields: Fields;
}

const nothing: Take = () => undefined;

/** One message, sealed as its merchant spoke. */
async function sealedFields(news: News, take: Take, room: Room): Promise<Fields> {
  const { merchant, voice } = news;
  const identity = await identityFor(take, room);
  const sealed = sealFields(twisted(news.fields, take), { merchant, voice, identity }, room);
  const { signature = '' } = sealed;
  return { ...sealed, signature: take('bad-signature') ? corrupted(signature) : signature };
}

function written(fields: Fields, { charset }: Voice): Sealed {
  const type = `application/x-www-form-urlencoded;charset=${charsetLabel(charset)}`;
  return { headers: { 'content-type': type }, body: writeForm(fields, charset) };
}

/** What somebody would send who holds no key of UnionPay: the good news, with his own signature. */
async function forged(news: News, room: Room): Promise<Sealed> {
  const identity = await room.platform.foreign();
  const { merchant, voice } = news;
  // A shared key is what he lacks: with another one the seal is as worthless.
  const stranger = { ...merchant, secureKey: '0'.repeat(32) };
  const fields = { ...news.fields, ...success };
  return written(sealFields(fields, { merchant: stranger, voice, identity }, room), voice);
}

function tell(news: News, room: Room): void {
  const { notifier, faults } = room.world;
  const { operation, id, url, voice } = news;
  const take: Take = (fault) => faults.take(fault, { operation, id });
  room.notices.add(async () => {
    notifier.send({
      ...{ url, operation, id, patienceMs },
      ladderMs: room.options.notificationLadderMs ?? notificationLadderMs,
      accepts: ({ status }) => status === 200 || status === 302,
      ...written(await sealedFields(news, take, room), voice),
      rebuild: async () => written(await sealedFields(news, take, room), voice),
      forge: () => forged(news, room),
    });
  });
}

interface Told {
  readonly merchant: Merchant;
  readonly voice: Voice;
  readonly orderId: string;
  readonly txnTime: string;
  readonly txnType: string;
  readonly txnSubType: string;
  readonly bizType: string;
}

/** Quirk: the `encoding` is repeated in the letters the merchant used. */
const headOf = ({ merchant, voice, ...about }: Told): Fields => ({
  version: voice.version,
  encoding: voice.encoding,
  signMethod: voice.signMethod,
  accessType: voice.accessType,
  merId: merchant.merId,
  orderId: about.orderId,
  txnTime: about.txnTime,
  txnType: about.txnType,
  txnSubType: about.txnSubType,
  bizType: about.bizType,
});

function entryFields(entry: Transaction, room: Room): Fields {
  const { terms, merchant, voice } = entry;
  const { respCode, respMsg } = fateOf(entry);
  return {
    ...headOf({ merchant, voice, ...terms }),
    respCode,
    respMsg,
    currencyCode: terms.currency,
    txnAmt: String(terms.amount),
    ...filled({ reqReserved: terms.reqReserved, reserved: terms.reserved }),
    ...(hasSucceeded(entry) ? settledFields(entry, room) : { settleAmt: '0' }),
  };
}

/** Quirk: an address that the official demos send where no notification is wanted. */
const wantsNone = (url: string): boolean => /^http:\/\/www\.specialurl\.com\/?$/i.test(url);

/** What a page or an app began is told only when all went well. */
function isTold(entry: Transaction, room: Room): boolean {
  if (hasSucceeded(entry)) return true;
  return !entry.terms.front && entry.reversed !== true && room.options.tellsFailures !== false;
}

const newsOf = (entry: Transaction, url: string, room: Room): News => {
  const { merchant, voice, terms } = entry;
  const about = { operation: operations[terms.kind], id: terms.orderId, url, merchant, voice };
  return { ...about, fields: entryFields(entry, room) };
};

export function tellEntry(entry: Transaction, room: Room): void {
  const { backUrl } = entry.terms;
  if (backUrl === undefined || backUrl === '' || wantsNone(backUrl)) return;
  if (!isTold(entry, room)) return;
  tell(newsOf(entry, backUrl, room), room);
}

function openingNews(agreement: Agreement, url: string, room: Room): News {
  const { merchant, voice, orderId } = agreement;
  const fields = {
    ...headOf({ ...agreement, txnType: '79' }),
    ...filled({ reqReserved: agreement.reqReserved }),
    respCode: '00',
    // Quirk: not the usual word.
    respMsg: 'Success!',
    ...openedFields(agreement, room),
  };
  return { operation: 'agreements.notify', id: orderId, url, merchant, voice, fields };
}

/** A card was opened on UnionPay's page. */
export function tellOpening(agreement: Agreement, room: Room): void {
  const { backUrl } = agreement;
  if (backUrl === undefined || backUrl === '' || wantsNone(backUrl)) return;
  if (agreement.state !== 'active') return;
  tell(openingNews(agreement, backUrl, room), room);
}

/** What the payer's browser posts to the merchant's page. Quirk: other words than the server's. */
async function browserFields(news: News, more: Fields, room: Room): Promise<Fields> {
  const fields = { ...news.fields, ...more, respMsg: 'success' };
  const sealed = await sealedFields({ ...news, fields }, nothing, room);
  return Object.fromEntries(sortedNames(sealed).map((name) => [name, sealed[name] ?? '']));
}

export const entryReturn = (entry: Transaction, room: Room): Promise<Fields> =>
  browserFields(newsOf(entry, entry.terms.frontUrl ?? '', room), { exchangeRate: '0' }, room);

export const openingReturn = (agreement: Agreement, room: Room): Promise<Fields> =>
  browserFields(openingNews(agreement, agreement.frontUrl ?? '', room), {}, room);

/** Said to people where an order failed. */
export const failureText = (entry: Transaction): string => (entry.outcome ?? outcome('01')).respMsg;
