/** alipay simulator · cashier: the payer's side - a page with buttons, the way back, the phone. */
import { encodeText, html, page, type SimulatedReply } from '@polyrail/simulator';
import type { Concern, Face } from './concern.ts';
import { yuan } from './fields.ts';
import { writeNode } from './json.ts';
import type { Room } from './room.ts';
import { seal, type Voice } from './seal.ts';
import { timeText } from './time.ts';

export const cashierPath = '/_sim/cashier';
export const appPath = '/_sim/app';

const pageReply = (status: number, body: string): SimulatedReply => ({
  status,
  headers: { 'content-type': 'text/html;charset=utf-8', 'cache-control': 'no-store' },
  body,
});

const buttons = (ticket: string, yes: string) => html`<form method="post" action="${cashierPath}">
<input type="hidden" name="ticket" value="${ticket}">
<button class="primary" name="decision" value="approve">${yes}</button>
<button name="decision" value="decline">Decline</button></form>`;

const row = ([label, value]: readonly [string, string]) =>
  html`<tr><th scope="row">${label}</th><td>${value}</td></tr>`;

const unknownFace: Face = { title: '', rows: [], yes: '', verdict: '', good: false };

/** What a payer sees: who asks, for what, how much, and two buttons. */
export function cashierPage(concern: Concern): SimulatedReply {
  const { title, amount, rows, yes, verdict, good } = concern.face?.() ?? unknownFace;
  const url = concern.isOpen() ? undefined : concern.back?.();
  const back = url === undefined ? '' : html`<p><a href="${url}">Back to the merchant</a></p>`;
  const sum = amount === undefined ? '' : html`<p class="amount">¥${yuan(amount)}</p>`;
  const outcome = html`<p class="${good ? 'good' : 'bad'}" role="status">${verdict}</p>`;
  const body = html`<div class="card"><h1>支付宝 · Cashier</h1>
<p class="soft">A simulator: no money moves here.</p>
${sum}
<table>${rows.map(row)}</table>
${concern.isOpen() ? html`<p>${buttons(concern.ticket ?? '', yes)}</p>` : outcome}${back}</div>`;
  return pageReply(200, page({ title, body, narrow: true, lang: 'en' }));
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

/** After a decision: back to the merchant if he said where, else the page with the result. */
export function afterDecision(concern: Concern): SimulatedReply {
  const location = concern.isAgreed() ? concern.back?.() : undefined;
  return location === undefined ? cashierPage(concern) : { status: 302, headers: { location } };
}

/** What the phone hands the merchant's app: the result as a text sealed like an answer. */
export async function phoneResult(concern: Concern, voice: Voice, room: Room): Promise<unknown> {
  const answer = concern.phone?.();
  if (answer === undefined) {
    return { memo: '', result: '', resultStatus: concern.isOpen() ? '6001' : '4000' };
  }
  const { merchant } = concern;
  const { charset, signType } = voice;
  const node = writeNode({
    code: '10000',
    msg: 'Success',
    app_id: merchant.appId,
    auth_app_id: merchant.authAppId,
    charset,
    timestamp: timeText(room.world.clock.now()),
    ...answer.node,
  });
  const key = room.platform.identity.privateKey;
  const sign = await seal(signType, key, encodeText(node, charset));
  const result = `{"${answer.member}":${node},"sign":"${sign}","sign_type":"${signType}"}`;
  return { memo: '', result, resultStatus: '9000' };
}
