/**
 * simulator · toy: the smallest channel that moves money, pushes notifications and can be wronged.
 */
import { createLedger, type Simulator, type World } from '../src/index.ts';

const ladderMs = [240_000, 600_000, 3_600_000];

/** `POST /pay?id=…&amount=…` moves money once per id; `GET /page` is a long body. */
export function toy(world: World): Simulator<{ merchantId: string }> {
  const ledger = createLedger({ overdraft: ['payer'] });
  const orders = new Map<string, { amount: number; status: string }>();
  const notify = (id: string) => {
    const url = 'http://merchant.invalid/notify';
    const body = `id=${id}`;
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    world.notifier.send({
      url,
      body,
      headers,
      operation: 'paid',
      id,
      ladderMs,
      accepts: ({ status, body: answer }) =>
        status === 200 && new TextDecoder().decode(answer) === 'success',
      forge: () => ({ body: `id=${id}&forged=1`, headers }),
    });
  };
  const pay = (id: string, amount: number) => {
    if (orders.has(id)) return;
    const about = { memo: `pay ${id}`, at: world.clock.now() };
    const lines = [
      { account: 'payer:p', amount: -amount, currency: 'CNY' },
      { account: 'merchant:m', amount, currency: 'CNY' },
    ];
    ledger.post(lines, about);
    orders.set(id, { amount, status: 'paid' });
    notify(id);
  };
  return {
    channel: 'toy',
    credentials: { merchantId: 'm1' },
    stories: ['user-paying', { name: 'maintenance', details: ['until'] }],
    meaningless: ['key-rotation'],
    secretFields: ['walletId'],
    operationOf: ({ path, query }) => {
      const id = new URLSearchParams(query).get('id');
      return { operation: path.slice(1), ...(id === null ? {} : { id }) };
    },
    async handle(request, exchange) {
      const fields = new URLSearchParams(request.query);
      const id = fields.get('id') ?? '';
      if (request.path === '/crash') throw new TypeError('toy broke');
      if (request.path === '/page') return { status: 200, body: 'x'.repeat(100_000) };
      if (request.path === '/echo') {
        const { body: _body, ...seen } = request;
        return { status: 200, body: JSON.stringify({ ...seen, length: request.body.length }) };
      }
      exchange.describe({ operation: 'pay', id, request: Object.fromEntries(fields) });
      if (exchange.fault('maintenance')) return { status: 200, body: '{"code":"MAINTENANCE"}' };
      if (exchange.fault('user-paying')) exchange.note('The payer types a password.');
      pay(id, Number(fields.get('amount') ?? 1));
      const reply = { code: 'OK', id };
      exchange.describe({ reply });
      return {
        status: 200,
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(reply),
      };
    },
    discovery: (query) => ({
      channel: 'toy',
      baseUrl: world.baseUrl(),
      mode: query.get('mode') ?? 'key',
    }),
    payer: {
      approve: async (id, options) => {
        if (!orders.has(id)) throw new Error(`no order ${id}`);
        return { approved: id, ...options };
      },
      decline: async (id) => ({ declined: id }),
      abandon: async () => undefined,
    },
    book: (id) => {
      ledger.check();
      if (id !== undefined) return orders.get(id) ?? null;
      return { orders: Object.fromEntries(orders), merchant: ledger.balance('merchant:m') };
    },
    settle: async (date) => ({ lines: orders.size, date }),
    reset: () => orders.clear(),
  };
}
