/** alipay simulator · pages: what a person or his phone opens - the cashier and the app's order text. */
import type { Exchange, SimulatedReply, SimulatedRequest } from '@polyrail/simulator';
import { isOpening, openPage } from './calls.ts';
import {
  afterDecision,
  cashierPage,
  cashierPath,
  phoneResult,
  unknownTicketPage,
} from './cashier.ts';
import { envelopeOf, formPairs } from './envelope.ts';
import { concernOfTicket } from './payer.ts';
import type { Room } from './room.ts';

export type Route = (request: SimulatedRequest, exchange: Exchange) => Promise<SimulatedReply>;

/** What a cashier link or a scanned QR text names. */
function named(room: Room, fields: URLSearchParams) {
  const ticket = fields.get('ticket') ?? fields.get('qr')?.replace(/^.*\//s, '') ?? '';
  return concernOfTicket(ticket, room);
}

export function cashierRoute(room: Room): Route {
  return async (request, exchange) => {
    const body = Buffer.from(request.body).toString('utf8');
    const fields = new URLSearchParams(request.method === 'POST' ? body : request.query);
    const concern = named(room, fields);
    if (concern === undefined) return unknownTicketPage();
    exchange.describe({ operation: 'cashier', id: concern.id });
    if (request.method !== 'POST') {
      concern.look();
      return cashierPage(concern);
    }
    if (!concern.isOpen()) return cashierPage(concern);
    if (fields.get('decision') === 'approve') concern.approve();
    if (fields.get('decision') === 'decline') concern.decline();
    return afterDecision(concern);
  };
}

const jsonReply = (status: number, value: unknown): SimulatedReply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(value),
});

/** The phone: takes an order string as a whole, and with `?decision=` answers as the phone does. */
export function appRoute(room: Room): Route {
  return async (request, exchange) => {
    const raw = Buffer.from(request.body).toString('latin1');
    const envelope = envelopeOf(formPairs(raw));
    const opened = openPage(envelope, { room, exchange });
    exchange.describe({ operation: 'app', request: { ...envelope.parameters } });
    if (!isOpening(opened)) return jsonReply(400, opened);
    const { concern, voice } = opened;
    exchange.describe({ id: concern.id });
    const decision = new URLSearchParams(request.query).get('decision');
    if (decision === 'approve' && !concern.isAgreed()) concern.approve();
    if (decision === 'decline') concern.decline();
    if (decision !== null) return jsonReply(200, await phoneResult(concern, voice, room));
    const cashier = `${room.world.baseUrl()}${cashierPath}?ticket=${concern.ticket}`;
    return jsonReply(200, { out_trade_no: concern.id, cashier });
  };
}
