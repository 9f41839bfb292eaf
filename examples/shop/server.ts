/** examples · server: the shop's pages and addresses in Fastify. */
import { readFileSync } from 'node:fs';
import { type Clock, isPolyrailError } from '@polyrail/core';
import type { Gateway } from '@polyrail/gateway';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { renderSVG } from 'uqr';
import { currentOf, mayPay, type Payment, pay, paymentsOf, ways } from './cashier.ts';
import { mountLive } from './live.ts';
import { mountNotifications } from './notify.ts';
import type { Order, Orders } from './orders.ts';
import { checkoutPage, orderCard, orderPage, paymentsPage, problemPage } from './pages.ts';

export interface ServerParts {
  readonly gateway: Gateway;
  readonly orders: Orders;
  readonly clock: Clock;
  readonly channels: readonly string[];
  /** The shop's own origin, as browsers and channels know it. */
  readonly shopUrl: string;
  /** Where whoever scans a payment's code gets to; only simulators have such a page. */
  readonly phoneOf: (payment: Payment) => string | undefined;
}

/** One room of visitors: everything comes from here, and nothing is framed. */
const policy = ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]
  .concat(['script', 'style', 'img', 'connect'].map((kind) => `${kind}-src 'self'`))
  .join('; ');

type ById = { readonly Params: { readonly id: string } };
type Posted = { readonly Body: Readonly<Record<string, string>> | undefined };

const listed = 50;
const files = {
  'icon.svg': 'image/svg+xml',
  'live.js': 'text/javascript',
  'shop.css': 'text/css',
} as const;

const write = (reply: FastifyReply, text: string, status = 200) =>
  reply
    .code(status)
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(text);

const unknownOrder = (reply: FastifyReply) =>
  write(reply, problemPage('Not here', 'There is no such order.'), 404);

function mountForms(app: FastifyInstance): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    async (_: unknown, body: string) => Object.fromEntries(new URLSearchParams(body)),
  );
}

function mountFiles(app: FastifyInstance): void {
  for (const [name, type] of Object.entries(files)) {
    const content = readFileSync(new URL(`public/${name}`, import.meta.url));
    app.get(`/public/${name}`, async (_, reply) =>
      reply.type(`${type}; charset=utf-8`).send(content),
    );
  }
}

/** Begins a payment and leads the browser to the order's page. */
async function beginPayment(
  reply: FastifyReply,
  parts: ServerParts,
  asked: { order: Order; way?: string },
) {
  const { gateway, shopUrl } = parts;
  const { order, way = '' } = asked;
  const address = `/orders/${order.id}`;
  const chosen = Object.hasOwn(ways, way) ? ways[way] : undefined;
  if (chosen === undefined) {
    return write(reply, problemPage('How?', 'This shop does not take that.', address), 400);
  }
  try {
    await pay(gateway, order, { way: chosen, shopUrl });
  } catch (error) {
    // The first law: what throws has changed nothing. The payer may choose again.
    if (!isPolyrailError(error)) throw error;
    const words = 'The payment could not be begun. Nothing was charged: choose another way.';
    return write(reply, problemPage('That did not work', words, address), 502);
  }
  return reply.redirect(address, 303);
}

function mountCheckout(app: FastifyInstance, parts: ServerParts): void {
  const { gateway, orders } = parts;
  app.get('/', async (_, reply) => write(reply, checkoutPage(orders.shelf())));
  app.post<Posted>('/orders', async ({ body }, reply) => {
    const order = await orders.make(body?.['goods'] ?? '');
    if (order === undefined) {
      return write(reply, problemPage('What?', 'This shop does not have that.'), 400);
    }
    return beginPayment(reply, parts, { order, way: body?.['way'] ?? '' });
  });
  app.post<ById & Posted>('/orders/:id/payments', async ({ params, body }, reply) => {
    const order = orders.find(params.id);
    if (order === undefined) return unknownOrder(reply);
    if (!mayPay(await paymentsOf(gateway, order)))
      return reply.redirect(`/orders/${order.id}`, 303);
    return beginPayment(reply, parts, { order, way: body?.['way'] ?? '' });
  });
}

function mountOrder(app: FastifyInstance, { gateway, orders, phoneOf }: ServerParts): void {
  const viewOf = async (id: string) => {
    const order = orders.find(id);
    if (order === undefined) return undefined;
    const payments = await paymentsOf(gateway, order);
    const current = currentOf(payments);
    return { order, payments, phone: current && phoneOf(current) };
  };
  app.get<ById>('/orders/:id', async ({ params }, reply) => {
    const view = await viewOf(params.id);
    return view === undefined ? unknownOrder(reply) : write(reply, orderPage(view));
  });
  app.get<ById>('/orders/:id/card', async ({ params }, reply) => {
    const view = await viewOf(params.id);
    return view === undefined ? unknownOrder(reply) : write(reply, orderCard(view).markup);
  });
  app.get<ById>('/orders/:id/qr.svg', async ({ params }, reply) => {
    const view = await viewOf(params.id);
    const action = view && currentOf(view.payments)?.nextAction;
    if (action?.kind !== 'qr') return reply.code(404).send();
    return reply
      .type('image/svg+xml')
      .header('cache-control', 'no-store')
      .send(renderSVG(action.text, { border: 4 }));
  });
  // What a browser brings back proves nothing: it is only a good moment to ask the channel.
  app.route<ById>({
    method: ['GET', 'POST'],
    url: '/orders/:id/back',
    async handler({ params }, reply) {
      const view = await viewOf(params.id);
      if (view === undefined) return unknownOrder(reply);
      const payment = currentOf(view.payments);
      if (payment !== undefined) await gateway.resolve('payment', payment.id);
      return reply.redirect(`/orders/${view.order.id}`, 303);
    },
  });
}

function mountPayments(app: FastifyInstance, { gateway }: ServerParts): void {
  app.get('/payments', async (_, reply) => {
    const entries = await gateway.list({ limit: listed });
    const told = entries.map(async (entry) => ({
      entry,
      history: await gateway.history(entry.noun, entry.id),
    }));
    return write(reply, paymentsPage(await Promise.all(told)));
  });
}

/** The shop's server, not listening yet. */
export function createServer(parts: ServerParts): FastifyInstance {
  const app = fastify({ bodyLimit: 256 * 1024 });
  app.addHook('onRequest', async (_, reply) => {
    reply.headers({
      'content-security-policy': policy,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
  });
  mountForms(app);
  mountFiles(app);
  mountCheckout(app, parts);
  mountOrder(app, parts);
  mountPayments(app, parts);
  mountLive(app, parts);
  mountNotifications(app, parts);
  return app;
}
