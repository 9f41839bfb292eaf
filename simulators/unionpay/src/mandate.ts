/** unionpay simulator · mandate: a holder lets a merchant collect from a card (代收, bizType 000501). */

import { openCard } from './agreement.ts';
import { type Agreement, type Binding, isUsable } from './agreement-book.ts';
import type { Call } from './call.ts';
import { bankOf, type Card } from './cards.ts';
import { refuse } from './codes.ts';
import { cardOf, customerOf, hideFor } from './customer.ts';
import { requireFactors } from './factors.ts';
import type { Fields } from './form.ts';

/** As a card's four digits. */
const lastDigits = ({ number }: Card): string => number.slice(-4);

/** What a mandate that stands is told with. */
function standing(agreement: Agreement, { room }: Call): Fields {
  const { bindId = '', card } = agreement;
  if (card === undefined) return { bindId };
  return { bindId, accNo: hideFor(agreement, lastDigits(card), room) };
}

const isStanding = ({ binding }: Agreement, { room }: Call): boolean =>
  binding !== undefined && isUsable(binding, room.world.clock.now());

/** Under its name nothing else stands, and its bank binds it, once or more often. */
function requireFree(card: Card, bindId: string, call: Call): void {
  const { merchant, room } = call;
  const { agreements } = room;
  const known = agreements.findMandate(merchant, bindId);
  const isTaken = known !== undefined && known.card !== card && isStanding(known, call);
  const isBound = !bankOf(card).rebinds && agreements.mandateOf(merchant, card) !== undefined;
  if (isTaken || isBound) throw refuse('40');
}

/** Asked for again it is told again. */
function toldAgain(agreement: Agreement, call: Call): Fields {
  if (agreement.state === 'opening') throw refuse('03');
  if (!isStanding(agreement, call)) throw refuse('40');
  return standing(agreement, call);
}

/** 72/11 between servers: the answer is final, and nothing else is told. */
export function setUp(call: Call): Fields {
  const { fields, merchant, room, voice } = call;
  const { agreements, world } = room;
  const { orderId = '', txnTime = '', txnSubType = '', bizType = '' } = fields;
  const card = cardOf(call);
  const before = agreements.find(merchant, orderId, txnTime);
  if (before !== undefined) return toldAgain(before, call);
  requireFactors(card, customerOf(call));
  // Whoever names none is given one.
  const bindId = fields['bindId'] || world.random.fork('mandates').digits(20);
  requireFree(card, bindId, call);
  const about = { merchant, voice, orderId, txnTime, txnSubType, bizType, trId: '', bindId };
  const standsAlready = agreements.mandateOf(merchant, card)?.bindId === bindId;
  const agreement = agreements.begin(about);
  if (standsAlready) agreements.activate(agreement, card);
  if (standsAlready || openCard(agreement, card, room)) return standing(agreement, call);
  throw refuse('03', undefined, { note: 'The bank binds it later.' });
}

/** The mandate a call names, as long as it stands. */
export function mandateFor(call: Call): Binding {
  const { fields, merchant, room } = call;
  const known = room.agreements.findMandate(merchant, fields['bindId'] ?? '');
  if (known?.binding === undefined || !isStanding(known, call)) throw refuse('40');
  return known.binding;
}

/** 74/04 */
export function remove(call: Call): Fields {
  call.room.agreements.end(mandateFor(call));
  return { bindId: call.fields['bindId'] ?? '' };
}

/** 75: whether a mandate stands, by its name. */
export function query(call: Call): Fields {
  const { fields, merchant, room, exchange } = call;
  const known = room.agreements.findMandate(merchant, fields['bindId'] ?? '');
  if (known === undefined || exchange.fault('query-lag')) throw refuse('34', '2600000');
  if (known.state === 'opening') throw refuse('05', '6154037');
  if (!isStanding(known, call)) throw refuse('40');
  return standing(known, call);
}
