/** bench · simulator: signed answers per second, beside a server that does nothing but sign. */
import { fork } from 'node:child_process';
import { createSign } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { AlipayCredentials } from '@polyrail/alipay-simulator';
import { inFlight, printTable, takeTurns } from '@polyrail/contest';
import { Pool } from 'undici';

const quick = process.argv.includes('--quick');
const rounds = quick ? 1 : 7;
const perRound = quick ? 400 : 3000;

interface Served {
  readonly url: string;
  readonly credentials?: AlipayCredentials;
}

async function start(kind: string) {
  const child = fork(fileURLToPath(new URL('served.ts', import.meta.url)), [kind], {
    execArgv: ['--conditions=@polyrail/source'],
  });
  const [served] = (await once(child, 'message')) as [Served];
  return { child, served };
}

/** A request that is signed once and sent again and again. */
function request(
  method: string,
  content: object,
  { appId, merchantPrivateKey }: AlipayCredentials,
): string {
  const parameters: Readonly<Record<string, string>> = {
    app_id: appId,
    biz_content: JSON.stringify(content),
    charset: 'utf-8',
    method,
    sign_type: 'RSA2',
    timestamp: '2026-11-22 10:49:24',
    version: '1.0',
  };
  const text = Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const sign = createSign('sha256').update(text).sign(merchantPrivateKey, 'base64');
  return new URLSearchParams({ ...parameters, sign }).toString();
}

const servers = { simulator: await start('simulator'), bare: await start('bare') };
const { credentials } = servers.simulator.served;
if (credentials === undefined) throw new Error('the simulator told no credentials');
const query = request('alipay.trade.query', { out_trade_no: 'order_1' }, credentials);

const pools = new Map(
  Object.entries(servers).map(([name, { served }]) => {
    const { origin, pathname } = new URL(served.url);
    return [name, { pool: new Pool(origin, { connections: inFlight }), pathname }] as const;
  }),
);

async function ask(name: string, body: string): Promise<void> {
  const at = pools.get(name);
  if (at === undefined) throw new Error(`no server is called ${name}`);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const reply = await at.pool.request({ method: 'POST', path: at.pathname, headers, body });
  const text = await reply.body.text();
  if (!text.includes('"code":"10000"')) throw new Error(`${name} answers ${text}`);
}

/** Answers per second with always the same number of requests under way. */
async function burst(name: string): Promise<number> {
  let left = perRound;
  const begun = performance.now();
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await ask(name, query);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return (perRound / (performance.now() - begun)) * 1000;
}

const authCode = '286512345678901234';
const order = { out_trade_no: 'order_1', total_amount: '9.00', subject: 'Tea', scene: 'bar_code' };
await ask('simulator', request('alipay.trade.pay', { ...order, auth_code: authCode }, credentials));
const names = [...pools.keys()];
for (const name of names) await burst(name);
const measure = async (name: string) => ({ perSecond: await burst(name) });
const standing = await takeTurns({ names, rounds, measure });
for (const { pool } of pools.values()) await pool.close();
for (const { child } of Object.values(servers)) child.disconnect();
const of = (name: string): number => standing(name, 'perSecond');
const rows = [
  ["Alipay's simulator", of('simulator').toFixed(0)],
  ['node:http that signs', of('bare').toFixed(0)],
];
process.stdout.write(
  `trade.query, ${inFlight} in flight, RSA-2048; medians of ${rounds} rounds of ${perRound}\n\n` +
    `${printTable(['', 'answers/s'], rows)}\n\n` +
    `the simulator beside the bare server: ${(of('simulator') / of('bare')).toFixed(2)} × (goal 0.85)\n`,
);
