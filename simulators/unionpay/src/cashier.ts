/** unionpay simulator · cashier: the page where a person pays or opens a card, and the way back. */
import {
  type Exchange,
  type Html,
  html,
  page,
  type SimulatedReply,
  type SimulatedRequest,
} from '@polyrail/simulator';
import { testCards } from './cards.ts';
import type { Outcome } from './codes.ts';
import { type Concern, canEnd, cardLabel, meantCard } from './concern.ts';
import { yuan } from './numbers.ts';
import { concernOfTicket } from './payer.ts';
import type { Room } from './room.ts';

export const cashierPath = '/_sim/cashier';

const pageReply = (status: number, body: string): SimulatedReply => ({
  status,
  headers: { 'content-type': 'text/html;charset=UTF-8', 'cache-control': 'no-store' },
  body,
});

/** What a browser sees of a request that is turned down; clients look for the words behind the mark. */
export function errorPage({ respCode, respMsg }: Outcome): SimulatedReply {
  const body = html`<div class="card"><h1>银联在线支付</h1>
<p class="bad end_error">交易失败 ${respCode}${respMsg}</p>
</div>`;
  return pageReply(200, page({ title: '银联在线支付', narrow: true, lang: 'zh', body }));
}

const cardChoice = ({ card }: Concern): Html => {
  if (card !== undefined) return html`<p>${cardLabel(card)}</p>`;
  const options = testCards.map(
    (one) => html`<option value="${one.number}">${cardLabel(one)}</option>`,
  );
  return html`<label>Card<select name="card">${options}</select></label>`;
};

const buttons = (concern: Concern, ticket: string): Html => html`
<form method="post" action="${cashierPath}">
<input type="hidden" name="ticket" value="${ticket}">
${cardChoice(concern)}
<button class="primary" name="decision" value="approve">确认 Agree</button>
<button name="decision" value="decline">Decline</button></form>`;

/** The button by which a payer takes back what stands. */
const endButton = (ticket: string): Html => html`
<form method="post" action="${cashierPath}">
<input type="hidden" name="ticket" value="${ticket}">
<button name="decision" value="decline">解除 End</button></form>`;

/** The button that posts the browser to the merchant's page. */
async function wayBack(concern: Concern): Promise<Html> {
  const back = await concern.back();
  if (back === undefined) return html``;
  const inputs = Object.entries(back.fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return html`<form method="post" action="${back.url}" accept-charset="${
    back.fields['encoding'] ?? 'UTF-8'
  }">${inputs}<button class="primary">返回商户 Back to the merchant</button></form>`;
}

/** Who asks, for what, how much, and two buttons while it is open. */
async function cashierPage(concern: Concern, ticket: string): Promise<SimulatedReply> {
  const { amount, title, merchant, id } = concern;
  const sum = amount === undefined ? '' : html`<p class="amount">¥${yuan(amount)}</p>`;
  const outcome = html`<p role="status">${concern.verdict()}</p>`;
  const body = html`<div class="card"><h1>银联在线支付 · Cashier</h1>
<p class="soft">A simulator: no money moves here.</p>${sum}
<table><tr><th scope="row">Merchant</th><td>${merchant.merId}</td></tr>
<tr><th scope="row">For</th><td>${title}</td></tr>
<tr><th scope="row">Number</th><td>${id}</td></tr></table>
${concern.isOpen() ? buttons(concern, ticket) : html`${outcome}${await wayBack(concern)}`}${
  canEnd(concern) ? endButton(ticket) : html``
}</div>`;
  return pageReply(200, page({ title: '银联在线支付', narrow: true, lang: 'zh', body }));
}

function unknownPage(): SimulatedReply {
  const body = html`<div class="card"><h1>银联在线支付 · Cashier</h1>
<p class="bad">Nothing has this code. Was the simulator started again?</p></div>`;
  return pageReply(404, page({ title: 'Unknown code', narrow: true, body }));
}

/** `?ticket=` what a redirect carries, a `tn`, or the text of a QR. */
export async function cashier(
  request: SimulatedRequest,
  exchange: Exchange,
  room: Room,
): Promise<SimulatedReply> {
  const body = Buffer.from(request.body).toString('utf8');
  const fields = new URLSearchParams(request.method === 'POST' ? body : request.query);
  const ticket = (fields.get('ticket') ?? '').replace(/^.*\//s, '');
  // The number of the chosen card is nothing for the journal.
  exchange.describe({ operation: 'cashier', request: { method: request.method, ticket } });
  const concern = concernOfTicket(ticket, room);
  if (concern === undefined) return unknownPage();
  exchange.describe({ id: concern.id });
  if (request.method === 'POST' && concern.isOpen()) {
    const card = meantCard(fields.get('card') ?? '');
    if (card !== undefined) concern.choose(card);
    if (fields.get('decision') === 'approve') concern.approve();
    if (fields.get('decision') === 'decline') concern.decline();
  } else if (request.method === 'POST' && canEnd(concern)) {
    if (fields.get('decision') === 'decline') concern.decline();
  }
  const reply = await cashierPage(concern, ticket);
  exchange.describe({ reply: { state: concern.state() } });
  return reply;
}
