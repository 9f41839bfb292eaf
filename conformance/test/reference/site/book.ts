/** reference site · book: orders, and every movement of money in a ledger. */
import { createLedger, type World } from '@polyrail/simulator';

export interface Terms {
  readonly paymentId: string;
  readonly amount: number;
  readonly currency: string;
  readonly description: string;
  /** `capture`: what was held is taken. */
  readonly scene: 'qr' | 'barcode' | 'page' | 'agreement' | 'capture';
  readonly authCode: string | undefined;
  readonly notifyUrl: string | undefined;
  readonly attachment: string | undefined;
  readonly returnUrl: string | undefined;
  readonly expiresAtMs: number | undefined;
  /** The agreement that is charged, by the merchant's id. */
  readonly agreementId?: string | undefined;
  /** The hold that is captured, by the merchant's id. */
  readonly holdId?: string | undefined;
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

/** A line of a statement; those about payouts stand on the statement of funds only. */
export interface Movement {
  readonly merchantId: string;
  readonly kind: 'payment' | Undoing['kind'] | 'payout' | 'payout-return';
  /** Empty where the line is about no payment. */
  readonly paymentId: string;
  readonly id: string;
  readonly acmeId: string;
  readonly direction: 'in' | 'out';
  readonly amount: number;
  readonly currency: string;
  readonly atMs: number;
}

/** Money from one account to another. */
export interface Transfer {
  readonly from: string;
  readonly to: string;
  readonly amount: number;
  readonly currency: string;
  readonly memo: string;
}

/** What acme's bank lends each merchant to begin with, in minor units of each currency. */
const openingBalance = 1_000_000_000;

/** The accounts beside those of merchants. Payers and banks are the world outside. */
export const payerAccount = (currency: string): string => `payer:${currency}`;
export const payeeAccount = (currency: string): string => `payee:${currency}`;
export const heldAccount = (merchantId: string, holdId: string): string =>
  `held:${merchantId}-${holdId}`;

export const undoneOf = ({ undoings }: Order): number =>
  undoings.reduce((sum, { amount }) => sum + amount, 0);

const keyOf = (merchantId: string, id: string): string => `${merchantId} ${id}`;

export function createBook({ clock, random }: World) {
  const newLedger = () => createLedger({ overdraft: ['payer', 'bank'] });
  let ledger = newLedger();
  const opened = new Set<string>();
  const orders = new Map<string, Order>();
  const dead = new Set<string>();
  const movements: Movement[] = [];
  const acmeId = (prefix: string) => prefix + random.fork('acme ids').digits(16);

  const transfer = ({ from, to, amount, currency, memo }: Transfer): void => {
    const lines = [
      { account: from, amount: -amount, currency },
      { account: to, amount, currency },
    ];
    ledger.post(lines, { memo, at: clock.now() });
  };

  /** A merchant's account, with its opening balance. */
  const accountOf = (merchantId: string, currency: string): string => {
    const to = `merchant:${merchantId}-${currency}`;
    if (opened.has(to)) return to;
    opened.add(to);
    const memo = `opening ${merchantId}`;
    transfer({ from: `bank:${currency}`, to, amount: openingBalance, currency, memo });
    return to;
  };

  const record = (movement: Omit<Movement, 'atMs'>): void => {
    movements.push({ ...movement, atMs: clock.now() });
  };

  /** Money between payer and merchant, in the ledger and on the statement. */
  const move = (order: Order, about: Pick<Movement, 'kind' | 'id' | 'acmeId' | 'amount'>): void => {
    const { merchantId, terms } = order;
    const { currency, paymentId, holdId } = terms;
    const direction = about.kind === 'payment' ? 'in' : 'out';
    const merchant = accountOf(merchantId, currency);
    const source = holdId === undefined ? payerAccount(currency) : heldAccount(merchantId, holdId);
    const ends =
      direction === 'in'
        ? { from: source, to: merchant }
        : { from: merchant, to: payerAccount(currency) };
    const memo = `${about.kind} ${merchantId} ${about.id}`;
    transfer({ ...ends, amount: about.amount, currency, memo });
    record({ merchantId, paymentId, direction, currency, ...about });
  };

  return {
    acmeId,
    transfer,
    accountOf,
    record,
    /** Minor units in a merchant's account. */
    balanceOf: (merchantId: string, currency: string): number =>
      ledger.balance(accountOf(merchantId, currency)),
    /** How often money moved for this reason. */
    countOf: (memo: string): number => ledger.movements({ memo }).length,
    check: () => ledger.check(),
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
      ledger = newLedger();
      opened.clear();
      orders.clear();
      dead.clear();
      movements.length = 0;
    },
  };
}

export type Book = ReturnType<typeof createBook>;
