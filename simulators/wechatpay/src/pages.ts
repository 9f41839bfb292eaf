/** wechatpay simulator · pages: a cashier for people, and the command that rotates the platform's key. */
import {
  type Exchange,
  html,
  page,
  type SimulatedReply,
  type SimulatedRequest,
} from '@polyrail/simulator';
import type { Concern } from './concern.ts';
import { yuan } from './numbers.ts';
import { concernOfTicket } from './payer.ts';
import type { Room } from './room.ts';

export const cashierPath = '/_sim/cashier';
export const rotatePath = '/_sim/rotate';

const pageReply = (status: number, body: string): SimulatedReply => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  body,
});

const buttons = (ticket: string) => html`<form method="post" action="${cashierPath}">
<input type="hidden" name="ticket" value="${ticket}">
<button class="primary" name="decision" value="approve">Agree</button>
<button name="decision" value="decline">Decline</button></form>`;

/** Who asks, for what, how much, and two buttons while it is open. */
function cashierPage(concern: Concern, ticket: string): SimulatedReply {
  const { amount, title, merchant, id } = concern;
  const sum = amount === undefined ? '' : html`<p class="amount">¥${yuan(amount)}</p>`;
  const body = html`<div class="card"><h1>微信支付 · Cashier</h1>
<p class="soft">A simulator: no money moves here.</p>${sum}
<table><tr><th scope="row">Merchant</th><td>${merchant.mchid}</td></tr>
<tr><th scope="row">For</th><td>${title}</td></tr>
<tr><th scope="row">Number</th><td>${id}</td></tr></table>
${concern.isOpen() ? buttons(ticket) : html`<p role="status">${concern.state()}</p>`}</div>`;
  return pageReply(200, page({ title, body, narrow: true, lang: 'en' }));
}

function unknownPage(): SimulatedReply {
  const body = html`<div class="card"><h1>微信支付 · Cashier</h1>
<p class="bad">Nothing has this code. Was it asked for again, or the simulator started again?</p></div>`;
  return pageReply(404, page({ title: 'Unknown code', body, narrow: true }));
}

/** `?ticket=` a prepay id, the text of a QR, or what a link to a contract carries. */
export function cashier(request: SimulatedRequest, exchange: Exchange, room: Room): SimulatedReply {
  const body = Buffer.from(request.body).toString('utf8');
  const fields = new URLSearchParams(request.method === 'POST' ? body : request.query);
  const ticket = fields.get('ticket') ?? '';
  const concern = concernOfTicket(ticket, room);
  if (concern === undefined) return unknownPage();
  exchange.describe({ operation: 'cashier', id: concern.id });
  if (request.method === 'POST' && concern.isOpen()) {
    if (fields.get('decision') === 'approve') concern.approve();
    if (fields.get('decision') === 'decline') concern.decline();
  }
  return cashierPage(concern, ticket);
}

const json = (status: number, value: object): SimulatedReply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: `${JSON.stringify(value)}\n`,
});

/** `POST /_sim/rotate`: a further platform certificate signs from now on. */
export async function rotate({ method }: SimulatedRequest, room: Room): Promise<SimulatedReply> {
  if (method !== 'POST') return json(405, { error: { message: 'Expected POST.' } });
  const { id, certificatePem } = await room.platform.rotate();
  return json(200, { platformCertSerial: id, platformCert: certificatePem });
}
