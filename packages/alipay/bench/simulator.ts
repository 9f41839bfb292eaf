/** bench · simulator: signed answers per second, beside servers that do nothing but sign. */
import { spawn } from 'node:child_process';
import { createSign } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { inFlight, printTable, takeTurns } from '@polyrail/contest';
import { Pool } from 'undici';

const quick = process.argv.includes('--quick');
const rounds = quick ? 1 : 7;
const perRound = quick ? 400 : 3000;

/** What a server prints once it listens: of the simulator, its discovery document. */
interface Discovery {
  readonly baseUrl: string;
  readonly appId: string;
  readonly merchantPrivateKey: string;
}

/** As one starts them: the simulator by its command; a bare server with a usual key, and with one of four primes. */
const programs = {
  simulator: ['../../cli/src/main.ts', 'sim', 'alipay', '--json', '--seed', '1'],
  bare: ['bare.ts'],
  quick: ['bare.ts', '--quick-key'],
} as const;
type Name = keyof typeof programs;

async function start(name: Name) {
  const [file, ...words] = programs[name];
  const path = fileURLToPath(new URL(file, import.meta.url));
  const all = ['--no-warnings', '--conditions=@polyrail/source', path, ...words];
  const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, discovery: JSON.parse(line) as Discovery };
}

/** A request that is signed once and sent again and again. */
function request(
  method: string,
  content: object,
  { appId, merchantPrivateKey }: Discovery,
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

const servers = {
  simulator: await start('simulator'),
  bare: await start('bare'),
  quick: await start('quick'),
};
const { discovery } = servers.simulator;
const query = request('alipay.trade.query', { out_trade_no: 'order_1' }, discovery);
const poolOf = (name: Name): Pool =>
  new Pool(servers[name].discovery.baseUrl, { connections: inFlight });
const pools = { simulator: poolOf('simulator'), bare: poolOf('bare'), quick: poolOf('quick') };

async function ask(name: Name, body: string): Promise<void> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const reply = await pools[name].request({ method: 'POST', path: '/gateway.do', headers, body });
  const text = await reply.body.text();
  if (!text.includes('"code":"10000"')) throw new Error(`${name} answers ${text}`);
}

/** Answers per second with always the same number of requests under way. */
async function burst(name: Name): Promise<number> {
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
await ask('simulator', request('alipay.trade.pay', { ...order, auth_code: authCode }, discovery));
const names = Object.keys(programs) as Name[];
for (const name of names) await burst(name);
const measure = async (name: Name) => ({ perSecond: await burst(name) });
const standing = await takeTurns({ names, rounds, measure });
for (const name of names) {
  await pools[name].close();
  servers[name].child.kill();
}
const of = (name: Name): number => standing(name, 'perSecond');
const rows = [
  ["Alipay's simulator", of('simulator').toFixed(0)],
  ['node:http that signs', of('bare').toFixed(0)],
  ['node:http that signs with four primes', of('quick').toFixed(0)],
];
const beside = (name: Name): string => (of('simulator') / of(name)).toFixed(2);
process.stdout.write(
  `trade.query, ${inFlight} in flight, RSA-2048; medians of ${rounds} rounds of ${perRound}\n\n` +
    `${printTable(['', 'answers/s'], rows)}\n\n` +
    `the simulator beside the bare server: ${beside('bare')} × (goal 0.85), ` +
    `beside the one that signs as it does: ${beside('quick')} ×\n`,
);
