/** unionpay simulator · payer: the thumb that pays, opens cards, declines, or leaves. */
import { createThumb, type Payer, problem } from '@polyrail/simulator';
import { agreementConcern, type Concern, entryConcern, meantCard } from './concern.ts';
import type { Merchant } from './merchants.ts';
import type { Room } from './room.ts';

/** The named merchant, or every one; the first merchant first. */
export const merchantsFor = (room: Room, merId?: unknown): readonly Merchant[] =>
  room.merchants.filter((one) => merId === undefined || one.merId === merId);

/** Whatever a merchant has under that number. */
function concernsOf(merchant: Merchant, id: string, room: Room): readonly Concern[] {
  const byQueryId = room.book.findQueryId(merchant, id);
  const entries = [...room.book.findAll(merchant, id), ...(byQueryId ? [byQueryId] : [])];
  const agreement = room.agreements.find(merchant, id);
  return [
    ...entries.map((entry) => entryConcern(entry, room)),
    ...(agreement === undefined ? [] : [agreementConcern(agreement, room)]),
  ];
}

type Options = Readonly<Record<string, unknown>>;

/** `card`: a number or a bank's name, for whoever pays with another than the first one. */
function withCard(concern: Concern, { card }: Options): Concern {
  if (card === undefined || card === '') return concern;
  const meant = meantCard(String(card));
  if (meant === undefined) {
    const message = 'No bank here has issued that card.';
    throw problem({ field: 'card', rule: 'a number, or the name of a bank', message });
  }
  concern.choose(meant);
  return concern;
}

export const createPayer = (room: Room): Payer =>
  createThumb({
    find: (id, options) => {
      const { merId, txnTime } = options;
      const all = merchantsFor(room, merId).flatMap((one) => concernsOf(one, id, room));
      const named = txnTime === undefined || txnTime === '';
      const meant = named ? all : all.filter((one) => one.txnTime === txnTime);
      return meant.map((concern) => withCard(concern, options));
    },
    rule: 'the orderId of a payment, a hold, an opening or a payout made here',
  });

/** What a link to a page, a phone's number or a code carries. */
export function concernOfTicket(ticket: string, room: Room): Concern | undefined {
  const entry = room.book.findTicket(ticket);
  if (entry !== undefined) return entryConcern(entry, room);
  const agreement = room.agreements.findTicket(ticket);
  return agreement && agreementConcern(agreement, room);
}
