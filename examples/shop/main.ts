/**
 * examples · shop: a small shop that takes Alipay, WeChat Pay and UnionPay through a gateway.
 *
 *   node --conditions=@polyrail/source examples/shop/main.ts          opens it, prints its address
 *   … --port 8080 --file shop.db     always there, and with its orders of yesterday
 *   … --once                         one order of each channel by itself; exits 0 if all is well
 *
 * Read `shop.ts` first, then `orders.ts` (shipped exactly once), `notify.ts` (raw bytes), `live.ts`
 * (streaming, polling), `server.ts`. The three payers are simulators of this process: `payers.ts`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { once } from './once.ts';
import { startPayers } from './payers.ts';
import { listen, openShop } from './shop.ts';

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    port: { type: 'string', default: '0' },
    file: { type: 'string' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'polyrail-shop-'));
const { server, shopUrl } = await listen(Number(values.port));
const payers = await startPayers(shopUrl);
const { channels, clock } = payers;
const shop = await openShop({
  ...{ server, shopUrl, channels, clock },
  file: values.file ?? join(folder, 'shop.db'),
  phoneOf: ({ channel, nextAction }) => payers.scannedPage(channel, nextAction),
});

async function close(): Promise<void> {
  await shop.close();
  await payers.stop();
  rmSync(folder, { recursive: true, force: true });
}

if (values.once) {
  try {
    process.exitCode = await once({ shop, payers, shopUrl });
  } finally {
    await close();
  }
} else {
  console.log(`The shop:  ${shopUrl}`);
  for (const name of ['alipay', 'wechatpay', 'unionpay'] as const) {
    console.log(`${name.padEnd(10)} ${payers[name].url}/_sim/`);
  }
  console.log('Ctrl-C closes it.');
  process.once('SIGINT', close).once('SIGTERM', close);
}
