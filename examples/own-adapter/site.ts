/** The tea house's side: a simulator of some dozen lines, which the chassis makes misbehave. */
import { createHmac } from 'node:crypto';
import { instantOf } from '@polyrail/core';
import {
  mountInProcess,
  problem,
  type SimulatedReply,
  type Simulator,
  type World,
} from '@polyrail/simulator';

export interface Credentials {
  readonly till: string;
  readonly key: string;
}

interface Order {
  readonly number: string;
  readonly amount: string;
  readonly expiresAt: string | undefined;
  state: 'OPEN' | 'PAID' | 'DECLINED' | 'EXPIRED';
  paidAt?: string;
}

const fen = (amount: string): number => Number(amount.replace('.', ''));

/** What a conformance suite asks about one order: what truly happened. */
const truthOf = ({ state, amount }: Order) => {
  const paid = state === 'PAID' ? fen(amount) : 0;
  return { state, debits: state === 'PAID' ? 1 : 0, paid, refunds: 0, refunded: 0 };
};

/** A reply signed together with the request's signature. */
function sealed(reply: object, key: string, about: string): SimulatedReply {
  const body = JSON.stringify(reply);
  const signature = createHmac('sha256', key).update(`reply ${about}\n`).update(body);
  const headers = { 'content-type': 'application/json', signature: signature.digest('hex') };
  return { status: 200, headers, body };
}

const tell = (id: string, order: Order) => ({ order: id, ...order, code: `tea:${order.number}` });

type Told = Record<string, string>;

function createTill(world: World): Simulator<Credentials> {
  const random = world.random.fork('till');
  const key = Buffer.from(random.bytes(24)).toString('hex');
  const orders = new Map<string, Order>();
  /** An order as it stands now: what nobody paid in time is over. */
  const find = (id: string): Order | undefined => {
    const order = orders.get(id);
    const now = instantOf(world.clock.now());
    if (order?.state === 'OPEN' && (order.expiresAt ?? now) < now) order.state = 'EXPIRED';
    return order;
  };
  const decide = async (id: string, state: Order['state']) => {
    const order = find(id);
    if (order?.state !== 'OPEN') throw problem({ message: `No open order ${id}`, status: 409 });
    order.state = state;
    if (state === 'PAID') order.paidAt = instantOf(world.clock.now());
  };
  const place = (id: string, amount: string, expiresAt: string | undefined): object => {
    const known = find(id);
    if (known !== undefined && known.amount !== amount) return { state: 'TAKEN' };
    const number = `T${orders.size + 1}`;
    const order: Order = known ?? { number, amount, expiresAt, state: 'OPEN' };
    orders.set(id, order);
    return tell(id, order);
  };
  const operations: Readonly<Record<string, (fields: Told) => object>> = {
    '/pay': ({ order = '', amount = '', expiresAt }) => place(order, amount, expiresAt),
    '/query': ({ order = '' }) => {
      const known = find(order);
      return known === undefined ? { state: 'NONE' } : tell(order, known);
    },
  };
  return {
    channel: 'tea-house',
    credentials: { till: 'till-1', key },
    async handle({ path, headers, body }, exchange) {
      const expected = createHmac('sha256', key)
        .update(`request ${path.slice(1)}\n`)
        .update(body);
      const signature = headers['signature'] ?? '';
      const operation = operations[path];
      if (operation === undefined || signature !== expected.digest('hex')) return { status: 403 };
      const fields = JSON.parse(new TextDecoder().decode(body)) as Told;
      exchange.describe({ operation: path.slice(1), id: fields['order'] ?? '', request: fields });
      const reply = operation(fields) as Told;
      if (exchange.fault('wrong-order')) reply['order'] = 'somebody-elses';
      if (exchange.fault('wrong-amount')) reply['amount'] = '0.01';
      const signer = exchange.fault('foreign-signature') ? `${key}!` : key;
      const about = exchange.fault('bad-signature') ? `${signature}!` : signature;
      return sealed(reply, signer, about);
    },
    discovery: () => ({ channel: 'tea-house', baseUrl: world.baseUrl(), till: 'till-1' }),
    payer: {
      approve: (id) => decide(id, 'PAID'),
      decline: (id) => decide(id, 'DECLINED'),
      abandon: async () => undefined,
    },
    book: (id = '') => {
      const order = find(id);
      return order && truthOf(order);
    },
    settle: async () => undefined,
    reset: () => orders.clear(),
  };
}

/** A running tea house, as `conform` wants it. */
export const startTeaHouse = async () => {
  const site = await mountInProcess(createTill, { seed: 1 });
  return { ...site, book: (id: string) => site.book(id) as ReturnType<typeof truthOf> | undefined };
};
