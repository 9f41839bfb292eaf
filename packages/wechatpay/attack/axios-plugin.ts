/**
 * attack · axios-plugin: `wechatpay-axios-plugin` as its README, its issue 45 (notifications), its
 * command line (certificates) and its README up to 0.8 (bills, with the digest) tell users to use it.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { against, type Contestant, type Found } from '@polyrail/contest';
import plugin from 'wechatpay-axios-plugin';
import { account, billDate, downloadsIn, orderId, type Presented } from './corpus.ts';
import type { Message } from './forging.ts';

/** Its own types are of a chain of any words, and of older functions. */
// biome-ignore lint/suspicious/noExplicitAny: the client types nothing that is used here
type Untyped = any;
const { Wechatpay, Aes, Formatter, Rsa, Hash } = plugin as unknown as Record<string, Untyped>;

type Certificates = Readonly<Record<string, string>>;

const home = dirname(createRequire(import.meta.url).resolve('wechatpay-axios-plugin/package.json'));

/** Runs the downloader of its command line, and reads the files that it wrote. */
async function downloaded(origin: string): Promise<Certificates> {
  const folder = mkdtempSync(join(tmpdir(), 'polyrail-attack-'));
  try {
    const key = join(folder, 'apiclient_key.pem');
    writeFileSync(key, account.merchant.privateKey);
    const words = ['-m', account.mchId, '-s', account.merchant.serial, '-f', key];
    const more = ['-k', account.apiV3Key, '-o', folder, '-u', `${origin}/`];
    const command = [join(home, 'bin/cli.js'), 'crt', ...words, ...more];
    await promisify(execFile)(process.execPath, command, { timeout: 20_000 });
    const files = readdirSync(folder).filter((name) => name.startsWith('wechatpay_'));
    return Object.fromEntries(
      files.map((name) => [name.slice(10, -4), readFileSync(join(folder, name), 'utf8')]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function open({ headers, body }: Message, certificates: Certificates): Found {
  const header = (name: string): string => headers[`wechatpay-${name}`] ?? '';
  const [timestamp, nonce, serial, signature] = ['timestamp', 'nonce', 'serial', 'signature'].map(
    header,
  ) as [string, string, string, string];
  if ([timestamp, nonce, serial, signature].includes('')) throw new Error('headers are missing');
  const certificate = certificates[serial];
  if (certificate === undefined) throw new Error('the serial is unknown');
  if (Math.abs(Number(timestamp) - Formatter.timestamp()) > 300)
    throw new Error('not of this time');
  const raw = Buffer.from(body).toString('utf8');
  const signed = Formatter.joinedByLineFeed(timestamp, nonce, raw);
  const key = Rsa.from(certificate, Rsa.KEY_TYPE_PUBLIC);
  if (!Rsa.verify(signed, signature, key)) throw new Error('the signature does not fit');
  const { ciphertext, nonce: iv, associated_data: aad } = JSON.parse(raw).resource;
  const told = JSON.parse(Aes.AesGcm.decrypt(ciphertext, account.apiV3Key, iv, aad));
  return { order: told.out_trade_no, amount: told.amount.total };
}

function receive({ messages = [] }: Presented, certificates: Certificates): Found {
  let found: Found = {};
  for (const message of messages) {
    try {
      found = open(message, certificates);
    } catch {
      // Refused: the next one.
    }
  }
  return found;
}

async function statement(client: Untyped): Promise<Found> {
  const params = { bill_date: billDate, bill_type: 'ALL' };
  const { data } = await client.v3.bill.tradebill.get({ params });
  const file = await client.v3.billdownload.file.get({
    params: new URL(data.download_url).searchParams,
    responseType: 'arraybuffer',
    transformResponse: [
      (bytes: Buffer) => {
        if (Hash.sha1(bytes) !== data.hash_value) throw new Error('the digest does not fit');
        return bytes;
      },
      (bytes: Buffer) => Formatter.castCsvBill(bytes),
    ],
  });
  return { lines: file.data.rows.length };
}

async function ask(client: Untyped, does: Presented['does']): Promise<Found> {
  const order = client.v3.pay.transactions.outTradeNo['{out_trade_no}'];
  const { mchId: mchid } = account;
  if (does === 'statement') return statement(client);
  if (does === 'close') {
    const { status } = await order.close.post({ mchid }, { out_trade_no: orderId });
    return status === 204 ? { order: orderId } : {};
  }
  const { data } = await order.get({ params: { mchid }, out_trade_no: orderId });
  return data.trade_state === 'SUCCESS'
    ? { order: data.out_trade_no, amount: data.amount.total }
    : {};
}

export const axiosPlugin: Contestant<Presented> = {
  name: 'wechatpay-axios-plugin',
  present: (presented) =>
    against(presented.site, async ({ origin, asked }) => {
      const { platform, mchId: mchid, merchant } = account;
      const known = presented.certificates === 'known';
      const certs = known ? { [platform.serial]: platform.certificate } : await downloaded(origin);
      if (presented.does === 'receive') {
        return { ...receive(presented, certs), asked: downloadsIn(asked) };
      }
      const { serial, privateKey } = merchant;
      const client = new Wechatpay({ mchid, serial, privateKey, certs, baseURL: `${origin}/` });
      return ask(client, presented.does);
    }),
};
