/** alipay simulator · cashier: the payer's side - a page with buttons, the way back, the phone. */
import { html, page, type SimulatedReply } from '@polyrail/simulator';
import { encodeText } from './charset.ts';
import { formText } from './envelope.ts';
import { yuan } from './fields.ts';
import { writeNode } from './json.ts';
import { isOpen, type Order } from './order.ts';
import type { Room } from './room.ts';
import { notificationText, seal, sealNow } from './seal.ts';
import { timeText } from './time.ts';

export const cashierPath = '/_sim/cashier';
export const appPath = '/_sim/app';

const pageReply = (status: number, body: string): SimulatedReply => ({
  status,
  headers: { 'content-type': 'text/html;charset=utf-8', 'cache-control': 'no-store' },
  body,
});

const verdicts = {
  UNSCANNED: 'waiting for you',
  WAIT_BUYER_PAY: 'waiting for you',
  VOID: 'This code is no longer valid.',
  TRADE_SUCCESS: 'Paid.',
  TRADE_FINISHED: 'Paid and finished.',
  TRADE_CLOSED: 'This order is closed.',
} as const;

const buttons = (order: Order) => html`<form method="post" action="${cashierPath}">
<input type="hidden" name="ticket" value="${order.ticket}">
<button class="primary" name="decision" value="approve">Pay ¥${yuan(order.terms.total)}</button>
<button name="decision" value="decline">Decline</button></form>`;

/** What a payer sees: who asks, for what, how much, and two buttons. */
export function cashierPage(order: Order, room: Room): SimulatedReply {
  const { terms, merchant, state } = order;
  const good = state === 'TRADE_SUCCESS' || state === 'TRADE_FINISHED';
  const back =
    terms.returnUrl === undefined || isOpen(order)
      ? ''
      : html`<p><a href="${returnAddress(order, room)}">Back to the merchant</a></p>`;
  const body = html`<div class="card"><h1>支付宝 · Cashier</h1>
<p class="soft">A simulator: no money moves here.</p>
<p class="amount">¥${yuan(terms.total)}</p>
<table><tr><th scope="row">Merchant</th><td>${merchant.sellerId}</td></tr>
<tr><th scope="row">For</th><td>${terms.subject}</td></tr>
<tr><th scope="row">Order</th><td>${terms.outTradeNo}</td></tr>
<tr><th scope="row">Payer</th><td>${order.payer.logonId}</td></tr></table>
${
  isOpen(order)
    ? html`<p>${buttons(order)}</p>`
    : html`<p class="${good ? 'good' : 'bad'}" role="status">${verdicts[state]}</p>`
}${back}</div>`;
  return pageReply(
    200,
    page({ title: `Pay ¥${yuan(terms.total)}`, body, narrow: true, lang: 'en' }),
  );
}

/** Quirk: an error on a page product is a page with the JSON inside it. */
export const errorPage = (node: string, room: Room): SimulatedReply => ({
  ...pageReply(200, page({ title: '支付宝', narrow: true, body: html`<pre>${node}</pre>` })),
  headers: {
    'content-type': 'text/html;charset=utf-8',
    trace_id: Buffer.from(room.world.random.fork('trace').bytes(16)).toString('hex'),
  },
});

export function unknownTicketPage(): SimulatedReply {
  const body = html`<div class="card"><h1>支付宝 · Cashier</h1>
<p class="bad">No order has this code. Was the simulator started again?</p></div>`;
  return pageReply(404, page({ title: 'Unknown code', body, narrow: true }));
}

/**
 * Where the browser goes afterwards: the merchant's `return_url` with signed parameters.
 * Quirk: no status among them, so it proves nothing.
 */
function returnAddress(order: Order, room: Room): string {
  const { terms, merchant, tradeNo } = order;
  const fields = {
    app_id: merchant.appId,
    auth_app_id: merchant.authAppId,
    charset: terms.charset,
    method: `alipay.trade.${terms.product}.pay.return`,
    out_trade_no: terms.outTradeNo,
    seller_id: merchant.sellerId,
    sign_type: terms.signType,
    timestamp: timeText(room.world.clock.now()),
    total_amount: yuan(terms.total),
    trade_no: tradeNo ?? '',
    version: '1.0',
  };
  const text = encodeText(notificationText(fields), terms.charset);
  const sign = sealNow(terms.signType, room.platform.identity.privateKey, text);
  const { returnUrl = '' } = terms;
  const query = formText({ ...fields, sign }, terms.charset);
  return `${returnUrl}${returnUrl.includes('?') ? '&' : '?'}${query}`;
}

/** After a decision: back to the merchant if he said where, else the page with the result. */
export function afterDecision(order: Order, room: Room): SimulatedReply {
  if (order.terms.returnUrl === undefined || order.paidAt === undefined) {
    return cashierPage(order, room);
  }
  return { status: 302, headers: { location: returnAddress(order, room) } };
}

/** What the phone hands the merchant's app: the result as a text sealed like an answer. */
export async function phoneResult(order: Order, room: Room): Promise<unknown> {
  const { terms, merchant, tradeNo } = order;
  if (order.paidAt === undefined) {
    const resultStatus = order.state === 'TRADE_CLOSED' ? '4000' : '6001';
    return { memo: '', result: '', resultStatus };
  }
  const node = writeNode({
    code: '10000',
    msg: 'Success',
    app_id: merchant.appId,
    auth_app_id: merchant.authAppId,
    charset: terms.charset,
    timestamp: timeText(room.world.clock.now()),
    total_amount: yuan(terms.total),
    trade_no: tradeNo,
    seller_id: merchant.sellerId,
    out_trade_no: terms.outTradeNo,
  });
  const key = room.platform.identity.privateKey;
  const sign = await seal(terms.signType, key, encodeText(node, terms.charset));
  const member = 'alipay_trade_app_pay_response';
  const result = `{"${member}":${node},"sign":"${sign}","sign_type":"${terms.signType}"}`;
  return { memo: '', result, resultStatus: '9000' };
}
