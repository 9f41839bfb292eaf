/** reference site · book: orders, and every movement of money in a ledger. */
import { createLedger, type World } from '@polyrail/simulator';

export interface Terms {
  readonly paymentId: string;
  readonly amount: number;
  readonly currency: string;
  readonly description: string;
  readonly scene: 'qr' | 'barcode' | 'page';
  readonly authCode: string | undefined;
  readonly notifyUrl: string | undefined;
  readonly attachment: string | undefined;
  readonly returnUrl: string | undefined;
  readonly expiresAtMs: number | undefined;
}

/** Money given back. A cancellation or reversal gives back the whole rest. */
export interface Undoing {
  readonly kind: 'refund' | 'cancel' | 'reversal';
  readonly id: string;
  readonly acmeId: string;
  readonly amount: number;
  readonly atMs: number;
}

export interface Order {
  readonly merchantId: string;
  readonly terms: Terms;
  readonly acmeId: string;
  readonly undoings: Undoing[];
  state: 'OPEN' | 'PAID' | 'CLOSED' | 'EXPIRED' | 'DECLINED';
  paidAtMs?: number;
}

/** A line of a statement. */
export interface Movement {
  readonly merchantId: string;
  readonly kind: 'payment' | Undoing['kind'];
  readonly paymentId: string;
  readonly id: string;
  readonly acmeId: string;
  readonly direction: 'in' | 'out';
  readonly amount: number;
  readonly currency: string;
  readonly atMs: number;
}

export const undoneOf = ({ undoings }: Order): number =>
  undoings.reduce((sum, { amount }) => sum + amount, 0);

const keyOf = (merchantId: string, id: string): string => `${merchantId} ${id}`;

export function createBook({ clock, random }: World) {
  let ledger = createLedger({ overdraft: ['payer'] });
  const orders = new Map<string, Order>();
  const dead = new Set<string>();
  const movements: Movement[] = [];
  const acmeId = (prefix: string) => prefix + random.fork('acme ids').digits(16);

  /** Money between payer and merchant, in the ledger and on the statement. */
  const move = (order: Order, about: Pick<Movement, 'kind' | 'id' | 'acmeId' | 'amount'>): void => {
    const { merchantId, terms } = order;
    const { currency, paymentId } = terms;
    const direction = about.kind === 'payment' ? 'in' : 'out';
    const gained = direction === 'in' ? about.amount : -about.amount;
    const lines = [
      { account: `payer:${currency}`, amount: -gained, currency },
      { account: `merchant:${merchantId}-${currency}`, amount: gained, currency },
    ];
    ledger.post(lines, { memo: `${about.kind} ${merchantId} ${about.id}`, at: clock.now() });
    movements.push({ merchantId, paymentId, direction, currency, atMs: clock.now(), ...about });
  };

  return {
    movements: (merchantId: string): readonly Movement[] =>
      movements.filter((movement) => movement.merchantId === merchantId),
    all: (): readonly Order[] => [...orders.values()],
    find: (merchantId: string, paymentId: string) => orders.get(keyOf(merchantId, paymentId)),
    /** The order that a refund or cancellation of this id belongs to. */
    undoing: (merchantId: string, id: string, kind: Undoing['kind']) =>
      [...orders.values()]
        .filter((order) => order.merchantId === merchantId)
        .flatMap((order) => order.undoings.map((undoing) => ({ order, undoing })))
        .find(({ undoing }) => undoing.id === id && undoing.kind === kind),
    /** From here on no order of this id is taken any more. */
    kill: (merchantId: string, paymentId: string): void => {
      dead.add(keyOf(merchantId, paymentId));
    },
    isDead: (merchantId: string, paymentId: string) => dead.has(keyOf(merchantId, paymentId)),
    open(merchantId: string, terms: Terms): Order {
      const order: Order = { merchantId, terms, acmeId: acmeId('A'), undoings: [], state: 'OPEN' };
      orders.set(keyOf(merchantId, terms.paymentId), order);
      if (terms.expiresAtMs !== undefined) {
        clock.schedule(terms.expiresAtMs - clock.now(), () => {
          if (order.state === 'OPEN') order.state = 'EXPIRED';
        });
      }
      return order;
    },
    pay(order: Order): void {
      if (order.state !== 'OPEN')
        throw new RangeError(`an order that is ${order.state} is not paid`);
      const { terms } = order;
      move(order, {
        kind: 'payment',
        id: terms.paymentId,
        acmeId: order.acmeId,
        amount: terms.amount,
      });
      order.state = 'PAID';
      order.paidAtMs = clock.now();
    },
    undo(order: Order, what: Pick<Undoing, 'kind' | 'id' | 'amount'>): Undoing {
      if (undoneOf(order) + what.amount > order.terms.amount) {
        throw new RangeError('more would be given back than was paid');
      }
      const undoing = { ...what, acmeId: acmeId('R'), atMs: clock.now() };
      move(order, { ...what, acmeId: undoing.acmeId });
      order.undoings.push(undoing);
      return undoing;
    },
    /** Counted in the ledger itself, not in the orders' own words. */
    truth(order: Order) {
      ledger.check();
      const { merchantId, terms, undoings, state } = order;
      const paid = ledger.movements({ memo: `payment ${merchantId} ${terms.paymentId}` });
      return {
        state,
        debits: paid.length,
        paid: paid.length * terms.amount,
        refunds: undoings.length,
        refunded: undoneOf(order),
      };
    },
    clear(): void {
      ledger = createLedger({ overdraft: ['payer'] });
      orders.clear();
      dead.clear();
      movements.length = 0;
    },
  };
}

export type Book = ReturnType<typeof createBook>;
