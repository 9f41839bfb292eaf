/**
 * examples · orders: the shop's own tables, in the same database as the gateway's. What is shipped is
 * written by a handler inside the transaction that marks its event delivered: exactly once.
 */
import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { instantOf, type Money, money } from '@polyrail/core';
import type { GatewayEvent, Store } from '@polyrail/gateway';

export interface Order {
  readonly id: string;
  readonly goods: string;
  readonly amount: Money;
  readonly madeAt: string;
  readonly shippedAt: string | undefined;
}

export interface Goods {
  readonly name: string;
  readonly price: Money;
  readonly stock: number;
}

const yuan = 'CNY';
/** In fen, and how many are on the shelf when the shop opens for the first time. */
const assortment = [
  ['Longjing, 50 g', 8_800, 20],
  ['Pu’er cake & <gift box>', 26_000, 5],
  ['A cup of oolong', 900, 100],
] as const;

const schema = `
CREATE TABLE IF NOT EXISTS shop_shelf (
  name TEXT PRIMARY KEY, price INTEGER NOT NULL, stock INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS shop_order (
  id TEXT PRIMARY KEY, goods TEXT NOT NULL REFERENCES shop_shelf, amount INTEGER NOT NULL,
  made_at TEXT NOT NULL, shipped_at TEXT
) STRICT;
`;

type Row = Readonly<Record<string, string | number | null>>;

const orderOf = (row: Row): Order => ({
  id: String(row['id']),
  goods: String(row['goods']),
  amount: { amount: Number(row['amount']), currency: yuan },
  madeAt: String(row['made_at']),
  shippedAt: row['shipped_at'] === null ? undefined : String(row['shipped_at']),
});

/** An order may need several payments, one after the other: each has an id of its own. */
export const paymentIdOf = (orderId: string, number: number): string => `${orderId}n${number}`;
const orderIdOf = (paymentId: string): string => paymentId.replace(/n\d+$/, '');

/**
 * Sends the goods. It asks nowhere whether it has done so before: this runs in the transaction of its
 * delivery, and a delivery is committed once or not at all.
 */
export function ship({ entry, at }: GatewayEvent<'payment'>, transaction: unknown): void {
  const database = transaction as DatabaseSync;
  const id = orderIdOf(entry.id);
  const goods = '(SELECT goods FROM shop_order WHERE id = ?)';
  database.prepare('UPDATE shop_order SET shipped_at = ? WHERE id = ?').run(at, id);
  database.prepare(`UPDATE shop_shelf SET stock = stock - 1 WHERE name = ${goods}`).run(id);
}

export interface Orders {
  shelf(): readonly Goods[];
  /** `undefined` for what the shop does not have. The price is the shelf's, not the browser's. */
  make(goods: string): Promise<Order | undefined>;
  find(id: string): Order | undefined;
  close(): void;
}

/**
 * Writes go through the gateway's store, one behind the other: a second connection that writes would
 * block this thread while a transaction of the first one is open. Reads have their own connection.
 */
export async function openOrders(store: Store, file: string): Promise<Orders> {
  const write = (work: (database: DatabaseSync) => void): Promise<void> =>
    store.transaction(async ({ native }) => work(native as DatabaseSync));
  await write((database) => {
    database.exec(schema);
    const add = database.prepare('INSERT INTO shop_shelf VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
    for (const [name, price, stock] of assortment) add.run(name, price, stock);
  });
  const reader = new DatabaseSync(file, { readOnly: true });
  const shelf = (): readonly Goods[] =>
    (reader.prepare('SELECT * FROM shop_shelf').all() as Row[]).map((row) => ({
      name: String(row['name']),
      price: { ...money('0', yuan), amount: Number(row['price']) },
      stock: Number(row['stock']),
    }));
  return {
    shelf,
    async make(goods) {
      const found = shelf().find(({ name }) => name === goods);
      if (found === undefined || found.stock < 1) return undefined;
      // Whoever knows the id may see the order: it cannot be guessed.
      const id = randomBytes(8).toString('hex');
      const madeAt = instantOf(Date.now());
      await write((database) => {
        const sql = 'INSERT INTO shop_order (id, goods, amount, made_at) VALUES (?, ?, ?, ?)';
        database.prepare(sql).run(id, goods, found.price.amount, madeAt);
      });
      return { id, goods, amount: found.price, madeAt, shippedAt: undefined };
    },
    find(id) {
      const row = reader.prepare('SELECT * FROM shop_order WHERE id = ?').get(id);
      return row && orderOf(row as Row);
    },
    close: () => reader.close(),
  };
}
