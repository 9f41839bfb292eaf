/** examples · pages: what the shop's visitors and its keeper see. Plain HTML, written here alone. */
import { formatMoney, type Money, type NextAction } from '@polyrail/core';
import type { Entry, HistoryLine } from '@polyrail/gateway';
import { currentOf, isFree, mayPay, type Payment, ways } from './cashier.ts';
import { type Html, html } from './html.ts';
import type { Goods, Order } from './orders.ts';

const price = (amount: Money): string => `¥${formatMoney(amount)}`;

/** A whole page. `script` is a path of this shop. */
export function page(title: string, body: Html, script?: string): string {
  const { markup } = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/public/shop.css"><link rel="icon" href="/public/icon.svg">
${script === undefined ? '' : html`<script type="module" src="${script}"></script>`}</head>
<body><header><a href="/">The tea shop</a> · <a href="/payments">Payments</a></header>
<h1>${title}</h1>
${body}
</body></html>
`;
  return markup;
}

const wayChoice = (): Html => html`<fieldset><legend>How do you pay?</legend>
${Object.entries(ways).map(
  ([name, { label }], index) => html`<label><input type="radio" name="way" value="${name}"
 ${index === 0 ? 'checked' : ''}> ${label}</label>`,
)}</fieldset>`;

export const checkoutPage = (shelf: readonly Goods[]): string =>
  page(
    'Checkout',
    html`<form method="post" action="/orders">
<fieldset><legend>What would you like?</legend>
${shelf.map(
  (goods, index) => html`<label><input type="radio" name="goods" value="${goods.name}"
 ${index === 0 ? 'checked' : ''}> ${goods.name}, ${price(goods.price)}
 <span class="soft">${goods.stock} left</span></label>`,
)}</fieldset>
${wayChoice()}
<button>Order and pay</button></form>`,
  );

/** What the payer must do now, as markup. */
function actionOf(action: NextAction, { order, phone }: { order: Order; phone?: string }): Html {
  switch (action.kind) {
    case 'qr':
      return html`<p>Scan this code with the app.</p>
<p><img class="qr" src="/orders/${order.id}/qr.svg" alt="QR code"></p>
${phone && html`<p><a href="${phone}" target="_blank">Be the payer (simulator)</a></p>`}`;
    case 'redirect':
      return html`<p><a class="pay" href="${action.url}">Go and pay</a></p>`;
    case 'form':
      return html`<form method="post" action="${action.url}" accept-charset="${action.charset}">
${Object.entries(action.fields).map(
  ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
)}<button class="pay">Go and pay</button></form>`;
    default:
      return html`<p>Open the app to pay.</p>`;
  }
}

/** A payer's words for a payment's state. */
function wordsOf(payment: Payment | undefined, order: Order): string {
  if (order.shippedAt !== undefined) return 'Paid. Your tea is on its way.';
  if (payment === undefined || isFree(payment)) return 'Not paid yet.';
  switch (payment.state) {
    case 'succeeded':
      return 'Paid. We are packing your tea.';
    case 'failed':
      return `Not paid: ${payment.reason ?? 'it did not work'}. You were not charged.`;
    case 'late-success':
      return 'Your money came after this payment had ended: you get it back.';
    case 'pending':
      return payment.waitingFor === 'payer' ? 'Waiting for you to pay.' : 'On its way.';
    default:
      return 'We are finding out what became of your payment. Please do not pay again.';
  }
}

export interface OrderView {
  readonly order: Order;
  readonly payments: readonly Payment[];
  /** Where whoever scans the QR code gets to. */
  readonly phone?: string | undefined;
}

/** The part of the order's page that changes; `data-settled` tells whether it still will. */
export function orderCard({ order, payments, phone }: OrderView): Html {
  const current = currentOf(payments);
  const { state = 'none', nextAction } = current ?? {};
  const isShipped = order.shippedAt !== undefined;
  const isSettled = isShipped || state === 'failed' || state === 'late-success';
  return html`<div data-settled="${isSettled ? 'yes' : 'no'}">
<p class="state ${state}" role="status">${wordsOf(current, order)}</p>
${nextAction && actionOf(nextAction, { order, ...(phone === undefined ? {} : { phone }) })}
${
  mayPay(payments) &&
  !isShipped &&
  html`<form method="post" action="/orders/${order.id}/payments">
${wayChoice()}<button>Pay</button></form>`
}</div>`;
}

export const orderPage = (view: OrderView): string =>
  page(
    `Order ${view.order.id}`,
    html`<p>${view.order.goods}, ${price(view.order.amount)}</p>
<div id="card" data-order="${view.order.id}" aria-live="polite">${orderCard(view)}</div>`,
    '/public/live.js',
  );

export const problemPage = (title: string, words: string, back = '/'): string =>
  page(title, html`<p>${words}</p><p><a href="${back}">Back</a></p>`);

/** Of a fact's members, the ones a reader wants first. Everything else stays in the store. */
const telling = [
  ...['verb', 'channel', 'attemptId', 'from', 'to', 'source', 'status', 'waitingFor', 'doubt'],
  ...['reason', 'proof', 'evidence', 'channelCode', 'why', 'by', 'decision', 'answer'],
];

function factWords({ body }: HistoryLine): string {
  const members = Object.entries((body ?? {}) as Readonly<Record<string, unknown>>);
  const told = members.filter(([name, value]) => telling.includes(name) && value !== undefined);
  return told.map(([name, value]) => `${name} ${String(value)}`).join(', ');
}

const historyTable = (history: readonly HistoryLine[]): Html => html`<table>
${history.map(
  (line) => html`<tr><td>${line.at.slice(11, 23)}</td><td>${line.kind}</td>
<td class="what">${factWords(line)}</td></tr>`,
)}</table>`;

export interface Told {
  readonly entry: Entry;
  readonly history: readonly HistoryLine[];
}

/** For the keeper of the shop: in a real one this page stands behind a login. */
export const paymentsPage = (told: readonly Told[]): string =>
  page(
    'Payments',
    html`${told.length === 0 ? html`<p>None yet.</p>` : ''}
${told.map(
  ({ entry, history }) => html`<details id="${entry.id}" open><summary>${entry.noun} ${entry.id},
${entry.amount && price(entry.amount)}, ${entry.channel ?? 'no channel'}:
<span class="state ${entry.state}">${entry.state}</span></summary>
${historyTable(history)}</details>`,
)}`,
  );
