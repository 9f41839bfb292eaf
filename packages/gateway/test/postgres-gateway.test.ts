/** gateway · test: two gateways side by side on one PostgreSQL, each payment told exactly once. */
import { createAlipay } from '@polyrail/alipay';
import { startAlipay } from '@polyrail/alipay-simulator';
import { secret } from '@polyrail/core';
import pg from 'pg';
import { expect, test } from 'vitest';
import { createGateway, type GatewayEvent, transactional } from '../src/index.ts';
import { postgresStore } from '../src/postgres/index.ts';
import { machineClock, until } from './machine-time.ts';
import { dropSchemas, longestStartMs, startPostgres } from './postgres-server.ts';
import { tea } from './script.ts';

const schema = `polyrail_gateway_${process.pid}`;
const payments = 12;

test(
  'two gateways share payments, notifications and handlers, and do nothing twice',
  async () => {
    const server = await startPostgres();
    const { connectionString } = server;
    const simulator = await startAlipay({ mount: 'in-process', shareKeys: true });
    const books = new pg.Pool({ connectionString, max: 2 });
    const { credentials, transport } = simulator;
    const open = () =>
      createGateway({
        channels: {
          alipay: createAlipay(
            {
              appId: credentials.appId,
              sellerId: credentials.sellerId,
              gatewayUrl: credentials.gatewayUrl,
              merchantKey: secret(credentials.merchantPrivateKey),
              platformKey: credentials.platformPublicKey,
            },
            { transport, clock: machineClock },
          ),
        },
        store: postgresStore({ connectionString, schema }),
        clock: machineClock,
        notifyUrl: ({ channel }) => `http://shop.invalid/${channel}`,
        on: {
          payment: {
            succeeded: transactional(async ({ entry }: GatewayEvent, client) => {
              const text = `INSERT INTO ${schema}.shipped (id) VALUES ($1)`;
              await (client as pg.ClientBase).query(text, [entry.id]);
            }),
          },
        },
      });
    const [first, second] = [await open(), await open()];
    try {
      // No key: what is shipped twice would stand there twice.
      await books.query(`CREATE TABLE ${schema}.shipped (id TEXT)`);
      let turn = 0;
      simulator.listen(async (message) => {
        turn += 1;
        const [one, other] = turn % 2 === 0 ? [first, second] : [second, first];
        const [answer] = await Promise.all([
          one.receive({ channel: 'alipay' }, message),
          other.receive({ channel: 'alipay' }, message),
        ]);
        return answer;
      });
      const ids = Array.from({ length: payments }, (_, index) => `order${1000 + index}`);
      // Both are asked for each: one begins it, the other finds it.
      for (const id of ids) await Promise.all([first.pay(tea(id)), second.pay(tea(id))]);
      for (const id of ids) await simulator.payer.approve(id);
      const shipped = async () =>
        (
          await books.query<{ id: string }>(`SELECT id FROM ${schema}.shipped ORDER BY id`)
        ).rows.map(({ id }) => id);
      await until(async () => (await shipped()).length >= payments);
      for (const id of ids) {
        expect(await second.find('payment', id)).toMatchObject({ state: 'succeeded' });
      }
      expect(await shipped()).toEqual(ids);
    } finally {
      await first.close();
      await second.close();
      await books.end();
      await dropSchemas(connectionString, [schema, `${schema}_jobs`]);
      await simulator.stop();
      await server.stop();
    }
  },
  longestStartMs,
);
