/** unionpay · order: payments and holds in UnionPay's words, by scene (dossier §9.1 to §9.6, §9.9). */
import {
  epochMsOf,
  type Instant,
  instantOf,
  type Money,
  type OrderFields,
  type Ref,
  type Secret,
} from '@polyrail/core';
import { addressFault, type Settings } from './config.ts';
import { type Fields, writeNested } from './envelope.ts';
import type { Exchange } from './exchange.ts';
import { requireFitting, type UnionPayPayExtra, wrong } from './extra.ts';
import { orderHandle } from './handle.ts';
import { cardNumber, customerInfo, type Hider, personOf } from './sensitive.ts';
import type { AuthorizeRequest, PayRequest } from './shape.ts';
import { wireTime } from './time.ts';
import { belongingTo, type Product, products, type Transaction } from './transactions.ts';

/** ISO 4217's number of the yuan. */
export const currencyCode = '156';

/** How long the cashier waits where the request does not say (§7: now and 15 minutes). */
const usualPayMs = 15 * 60_000;

export const fenText = ({ amount }: Money): string => String(amount);

/** Where something is notified, or the payer comes back to. */
export function addressOf(
  field: 'notifyUrl' | 'returnUrl',
  given: string | undefined,
  settings: Settings,
): string {
  const url = given ?? settings[field];
  if (url === undefined) throw wrong(field, 'is required here or in the configuration');
  const fault = addressFault(url);
  if (fault !== undefined) throw wrong(field, fault);
  return url;
}

/** `payTimeout` of an order. */
export function payTimeoutOf(expiresAt: Instant | undefined, startedAt: Instant): string {
  const startMs = epochMsOf(startedAt) ?? 0;
  return wireTime(epochMsOf(expiresAt ?? '') ?? startMs + usualPayMs);
}

export const instantOfPayTimeout = (expiresAt: Instant | undefined, startedAt: Instant): Instant =>
  expiresAt ?? instantOf((epochMsOf(startedAt) ?? 0) + usualPayMs);

export interface Order {
  readonly exchange: Exchange;
  /** Until when the payer may pay; absent where nothing waits for one. */
  readonly expiresAt?: Instant;
}

export interface Drafting {
  readonly settings: Settings;
  readonly startedAt: Instant;
  /** Under what card data is hidden, where the scene has some. */
  readonly hider?: Hider;
  /** The token of an agreement. */
  readonly token?: string;
  /** The name of a mandate. */
  readonly bindId?: string;
}

/** What all orders say. */
function commonFields(request: OrderFields, settings: Settings): Fields {
  return {
    txnAmt: fenText(request.amount),
    currencyCode,
    backUrl: addressOf('notifyUrl', request.notifyUrl, settings),
    orderDesc: request.description,
    reqReserved: request.attachment,
    customerIp: request.payer?.ip,
  };
}

/** A card whose number the cashier shows. */
export function shownCard(
  card: { readonly number: Secret; readonly locked?: boolean } | undefined,
  { settings, hider }: Drafting,
): Fields {
  if (card === undefined || hider === undefined) return {};
  const number = cardNumber('extra.card.number', card.number, settings.environment);
  return {
    accNo: hider.hide(number),
    encryptCertId: hider.certId,
    reserved: card.locked ? writeNested({ cardNumberLock: '1' }) : undefined,
  };
}

/** An order that the payer's browser, app or camera takes up. */
function offered(
  request: OrderFields & { readonly returnUrl?: string },
  { product, transaction, fields }: { product: Product; transaction: Transaction; fields: Fields },
  drafting: Drafting,
): Order {
  const { settings, startedAt } = drafting;
  const payTimeout = payTimeoutOf(request.expiresAt, startedAt);
  const frontUrl =
    transaction.endpoint === 'front'
      ? addressOf('returnUrl', request.returnUrl, settings)
      : undefined;
  return {
    exchange: {
      transaction,
      order: { id: request.merchantPaymentId, startedAt },
      fields: { ...commonFields(request, settings), frontUrl, payTimeout, ...fields },
      handle: orderHandle({ product, payTimeout }),
    },
    expiresAt: instantOfPayTimeout(request.expiresAt, startedAt),
  };
}

const front = (extra: UnionPayPayExtra, drafting: Drafting): Fields => ({
  ...shownCard(extra.card, drafting),
  issInsCode: extra.bank,
  instalTransInfo:
    extra.instalments === undefined
      ? undefined
      : writeNested({ numberOfInstallments: String(extra.instalments).padStart(2, '0') }),
});

type Of<S extends PayRequest['scene']> = Extract<PayRequest, { readonly scene: S }>;

/** Quirk: collecting has one sub-type in newer documents, and another in older ones. */
const collecting = ({ collectionSubTypes }: Settings): Transaction => ({
  ...products.collection,
  txnSubType: collectionSubTypes.collect,
});

/** An order with nobody to take it up: what it needs is in it. */
function direct(
  request: PayRequest,
  { product, fields }: { product: Product; fields: Fields },
  { settings, startedAt }: Drafting,
): Order {
  return {
    exchange: {
      transaction: product === 'collection' ? collecting(settings) : products[product],
      order: { id: request.merchantPaymentId, startedAt },
      fields: { ...commonFields(request, settings), ...fields },
      handle: orderHandle({ product }),
    },
  };
}

/** The code by SMS in front of an order: what the order will need stands in its handle. */
function codeFirst(
  request: PayRequest,
  { product, fields }: { product: 'card' | 'token'; fields: Fields },
  { settings, startedAt, token }: Drafting,
): Order {
  const { notifyUrl, attachment, description, amount } = request;
  addressOf('notifyUrl', notifyUrl, settings);
  const awaiting = { token, notifyUrl, attachment, description };
  return {
    exchange: {
      transaction: belongingTo(product, 'code'),
      order: { id: request.merchantPaymentId, startedAt },
      fields: { txnAmt: fenText(amount), currencyCode, ...fields },
      handle: orderHandle({ product, awaiting }),
    },
  };
}

function cardFields(request: Of<'card'>, drafting: Drafting, hider: Hider): Fields {
  const { card, extra = {} } = request;
  const { settings } = drafting;
  const { encoding } = settings;
  const { pin } = extra;
  const hasCode = extra.otp !== false;
  const own = personOf(card);
  // The code goes to the phone that the issuer knows; the other factors it does not ask for here.
  const person = hasCode
    ? { phone: own.phone }
    : { ...own, ...(pin === undefined ? {} : { pin: { value: pin, number: card.number } }) };
  if (hasCode && own.phone === undefined) {
    throw wrong('card.phone', 'is required: the code is sent to it');
  }
  return {
    accNo: hider.hide(cardNumber('card.number', card.number, settings.environment)),
    encryptCertId: hider.certId,
    customerInfo: customerInfo(person, { hider, encoding, member: 'card' }),
  };
}

function cardOrder(request: Of<'card'>, drafting: Drafting, hider: Hider): Order {
  const fields = cardFields(request, drafting, hider);
  const { extra = {} } = request;
  if (extra.otp !== false) return codeFirst(request, { product: 'card', fields }, drafting);
  return direct(request, { product: extra.product ?? 'card', fields }, drafting);
}

export const tokenPayData = (token: string, { tokenRequestor }: Settings): string =>
  writeNested({ token, trId: tokenRequestor });

/** By the name of a mandate alone: the card is known to UnionPay. */
function mandateOrder(request: Of<'agreement'>, bindId: string, drafting: Drafting): Order {
  if (request.extra?.otp === true) throw wrong('extra.otp', 'means nothing for a mandate');
  return direct(request, { product: 'collection', fields: { bindId } }, drafting);
}

function tokenOrder(request: Of<'agreement'>, drafting: Drafting): Order {
  const { token = '' } = drafting;
  const fields = { tokenPayData: tokenPayData(token, drafting.settings) };
  return request.extra?.otp === true
    ? codeFirst(request, { product: 'token', fields }, drafting)
    : direct(request, { product: 'token', fields }, drafting);
}

function barcodeOrder(request: Of<'barcode'>, drafting: Drafting): Order {
  const { authCode, extra = {} } = request;
  const { termId } = extra;
  if (termId === undefined) throw wrong('extra.termId', 'is required in scene barcode');
  if (!/^\d{1,20}$/.test(authCode)) throw wrong('authCode', 'must be 1 to 20 digits');
  return direct(request, { product: 'barcode', fields: { qrNo: authCode, termId } }, drafting);
}

/** Pure but for what hides: a payment in UnionPay's words. */
export function toPay(request: PayRequest, drafting: Drafting): Order {
  const { scene, extra = {} } = request;
  requireFitting(extra, scene);
  if (request.expiresAt !== undefined && directScenes.has(scene)) {
    throw wrong('expiresAt', `means nothing in scene ${scene}`);
  }
  switch (request.scene) {
    case 'page':
    case 'h5': {
      const product = request.scene === 'page' && extra.business ? 'business' : request.scene;
      const txnSubType = extra.instalments === undefined ? '01' : '03';
      const transaction = { ...products[product], txnSubType };
      return offered(request, { product, transaction, fields: front(extra, drafting) }, drafting);
    }
    case 'app':
    case 'qr': {
      const product = request.scene;
      return offered(request, { product, transaction: products[product], fields: {} }, drafting);
    }
    case 'barcode':
      return barcodeOrder(request, drafting);
    case 'agreement':
      return drafting.bindId === undefined
        ? tokenOrder(request, drafting)
        : mandateOrder(request, drafting.bindId, drafting);
    case 'card': {
      if (drafting.hider === undefined) throw new TypeError('A card without what hides it');
      return cardOrder(request, drafting, drafting.hider);
    }
  }
}

/** Nobody takes these up later: there is nothing that could expire. */
const directScenes: ReadonlySet<string> = new Set(['barcode', 'agreement', 'card']);

/** Pure but for what hides: a hold in UnionPay's words. */
export function toAuthorize(request: AuthorizeRequest, drafting: Drafting): Order {
  const product = request.scene === 'page' ? 'hold-page' : 'hold-app';
  if (request.scene === 'app' && request.extra?.card !== undefined) {
    throw wrong('extra.card', 'means nothing in scene app');
  }
  const fields = shownCard(request.extra?.card, drafting);
  return offered(request, { product, transaction: products[product], fields }, drafting);
}

/** Whether an order carries card data: then what hides it must be known first. */
export const needsHider = (request: PayRequest | AuthorizeRequest): boolean =>
  request.scene === 'card' || (request.extra as UnionPayPayExtra | undefined)?.card !== undefined;

/** The reference of a payment with its amount: a code without it cannot be passed on. */
export function amountOf(payment: Ref<'payment'>): Money {
  if (payment.amount !== undefined) return payment.amount;
  throw wrong('payment.amount', 'is required: pass the reference unchanged');
}
