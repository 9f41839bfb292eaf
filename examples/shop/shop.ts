/**
 * examples · shop: one database file, the shop's orders and the gateway on it, and a server. What ships
 * the goods is the handler below, which works in the gateway's own transaction.
 */
import { createServer as createHttpServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '@polyrail/core';
import {
  type Channels,
  createGateway,
  type Gateway,
  type GatewayOptions,
  sqliteStore,
  transactional,
} from '@polyrail/gateway';
import { type Orders, openOrders, ship } from './orders.ts';
import { createServer, type ServerParts } from './server.ts';

export interface ShopParts extends Pick<ServerParts, 'shopUrl' | 'phoneOf'> {
  readonly channels: Channels;
  readonly server: Server;
  /** The database's file. */
  readonly file: string;
  readonly clock: Clock;
  /** Anything else of the gateway's. */
  readonly gatewayOptions?: Partial<GatewayOptions>;
}

export interface Shop {
  readonly gateway: Gateway;
  readonly orders: Orders;
  close(): Promise<void>;
}

const expireAfterMs = 15 * 60_000;

/** Listens first and answers later: channels must be told an address before there is a shop. */
export async function listen(port: number): Promise<Pick<ShopParts, 'server' | 'shopUrl'>> {
  const server = createHttpServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { server, shopUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

export async function openShop(parts: ShopParts): Promise<Shop> {
  const { server, channels, file, clock, shopUrl, phoneOf, gatewayOptions } = parts;
  const store = sqliteStore({ file });
  const orders = await openOrders(store, file);
  const gateway = await createGateway({
    ...{ channels, store, clock, expireAfterMs },
    notifyUrl: ({ channel }) => `${shopUrl}/notify/${channel}`,
    // WeChat Pay signs no refusal. Whom it refuses may pay another way; what then is paid twice is given back.
    failOverOnTransportEvidence: true,
    on: { payment: { succeeded: transactional<'payment'>(ship) } },
    ...gatewayOptions,
  });
  const names = Object.keys(channels);
  const app = createServer({ gateway, orders, clock, channels: names, shopUrl, phoneOf });
  await app.ready();
  server.on('request', app.routing);
  return {
    gateway,
    orders,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await app.close();
      await gateway.close();
      orders.close();
    },
  };
}
