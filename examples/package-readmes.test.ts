/** examples · package READMEs: the programs they begin with run as they stand there. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const here = new URL('.', import.meta.url).pathname;

/** The first TypeScript block of a README; or the first one that mentions something. */
function firstProgram(readme: string, mention = ''): string {
  const text = readFileSync(join(here, '..', readme), 'utf8');
  const programs = Array.from(text.matchAll(/```ts\n(.*?)```/gs), ([, code = '']) => code);
  const code = programs.find((one) => one.includes(mention));
  if (code === undefined) throw new Error(`${readme} shows no program with ${mention}`);
  return code;
}

/** Runs a program among the examples, where every package is at hand; gives what it printed. */
function printed(code: string): string {
  const folder = mkdtempSync(join(here, 'readme-'));
  try {
    const path = join(folder, 'main.ts');
    writeFileSync(path, code);
    const words = ['--conditions=@polyrail/source', path];
    return execFileSync(process.execPath, words, { encoding: 'utf8', timeout: 30_000 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

it.each([
  ['packages/kit/README.md', 'from here on it may have been received\ntrue\n'],
  ['packages/wechatpay-bills/README.md', 'out 1 2021-02-01T05:54:01.000Z\n'],
  [
    'simulators/clearing/README.md',
    [
      'Netting of 2026-11-24, CNY, closed at 2026-11-24T15:00:00.000Z',
      'debtor      creditor    owes  is owed   pays  fate',
      'north-bank  shell     100.00    30.00  70.00  settled',
      '2 obligations of 130.00 in all, 70.00 moved',
      'moved: 7000 fen; to come tomorrow: 500 fen',
      '',
    ].join('\n'),
  ],
  ['simulators/chassis/README.md', "{ paid: [ 'o1' ], merchant: 100 }\n"],
  ['packages/gateway/README.md', 'pending qr\n1\nship tea_1\nsucceeded\n'],
])('%s prints what it says', (readme, expected) => {
  expect(printed(firstProgram(readme))).toBe(expected);
});

it('the simulator’s README pays by the vendor’s own SDK', () => {
  const code = firstProgram('simulators/alipay/README.md');
  expect(printed(code)).toMatch(/state: 'TRADE_SUCCESS',\n\s+debits: 1,\n\s+paid: 990,/);
});

it('the WeChat Pay simulator’s README pays by a client of npm', () => {
  const code = firstProgram('simulators/wechatpay/README.md');
  expect(printed(code)).toMatch(/state: 'SUCCESS',\n\s+debits: 1,\n\s+paid: 990,/);
});

it.each([
  ['simulators/alipay/README.md', '-simulator/undici', 'UNSCANNED\n'],
  ['simulators/alipay/README.md', '-simulator/msw', 'succeeded\n'],
  ['simulators/alipay/README.md', '-simulator/nock', 'UNSCANNED\n'],
  ['simulators/wechatpay/README.md', '-simulator/undici', '401 SIGN_ERROR\n'],
  ['simulators/wechatpay/README.md', '-simulator/msw', 'succeeded\n'],
  ['simulators/wechatpay/README.md', '-simulator/nock', 'ORDER_NOT_EXIST\n'],
])('%s stands in for real hosts by %s', (readme, mention, expected) => {
  expect(printed(firstProgram(readme, mention))).toBe(expected);
});

it.each([
  ['/undici', "PAID { paid: [ 'o2' ], merchant: 100 }\n"],
  ['/msw', "{ paid: [ 'o3' ], merchant: 100 }\n"],
  ['/nock', "socket hang up { paid: [ 'o4' ], merchant: 100 }\n"],
])('the chassis’s README stands in for a host by %s', (mention, expected) => {
  const readme = 'simulators/chassis/README.md';
  const [shell = ''] = /^import .*?\n}\n/s.exec(firstProgram(readme)) ?? [];
  const program = firstProgram(readme, `@polyrail/simulator${mention}`);
  // The simulator is defined above, with imports of its own.
  const definition = shell.replace('mountHttp, ', '');
  expect(printed(`${definition}\n${program}`)).toBe(expected);
});

/** What the adapter's README takes for granted: the merchant's keys, shop and inbox. */
const surroundings = `
import { startAlipay } from '@polyrail/alipay-simulator';
const site = await startAlipay();
const { merchantPrivateKey: privateKeyPem, platformPublicKey: alipayPublicKeyPem } = site.credentials;
const told = [];
const store = async (ref) => told.push('stored ' + ref.merchantId);
const show = ({ kind }) => told.push('shown ' + kind);
const storeDurably = async ([fact]) => told.push('heard ' + fact.status);
async function payerPays(id) {
  const heard = new Promise((resolve) => site.listen(async ({ headers, body }) => {
    resolve({ headers, body });
    return { status: 200, headers: {}, body: new TextEncoder().encode('success') };
  }));
  await site.payer.approve(id);
  return heard;
}
`;

it('the adapter’s README pays and is notified', () => {
  const code = firstProgram('packages/alipay/README.md');
  const [imports = '', ...program] = code.split('\n\n');
  const merchant = program
    .join('\n\n')
    .replace("appId: '2021000000000001'", 'appId: site.credentials.appId')
    .replace("sellerId: '2088000000000001'", 'gatewayUrl: site.credentials.gatewayUrl')
    .replace(
      '// In the handler',
      "const { headers, body: rawBody } = await payerPays('order_1');\nconst request = { headers };\n// In the handler",
    )
    .replace('return alipay.acknowledge', 'const answer = alipay.acknowledge');
  const end =
    "console.log(told.join(', '), new TextDecoder().decode(answer.body));\nawait site.stop();\n";
  const run = `${imports}\n${surroundings}\n${merchant}\n${end}`;
  expect(printed(run)).toBe('stored order_1, shown qr, heard succeeded success\n');
});
