/** Test aid: a merchant's program with UnionPay's own addresses, stood in for by a mount. */
import { request } from 'node:https';
import { watchNetwork } from '@polyrail/contest';
import { expect } from 'vitest';
import { startUnionPay, type UnionPaySite } from '../src/index.ts';
import { formBody, head, isGenuine, now, readRaw, signed } from './client.ts';

export interface Heard {
  readonly status: number;
  readonly location: string;
  readonly text: string;
}
export type Post = (url: string, body: string) => Promise<Heard>;

const type = { 'content-type': 'application/x-www-form-urlencoded' };

export const byFetch: Post = async (url, body) => {
  const reply = await fetch(url, { method: 'POST', headers: type, body, redirect: 'manual' });
  const location = reply.headers.get('location') ?? '';
  return { status: reply.status, location, text: await reply.text() };
};

export const byHttps: Post = (url, body) =>
  new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', headers: type }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const { statusCode: status = 0, headers } = incoming;
        const text = Buffer.concat(chunks).toString();
        resolve({ status, location: headers.location ?? '', text });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });

/** Orders on a page, pays there, asks, and fetches the day's file: every host is the simulator. */
export async function tryHosts(
  mount: (site: UnionPaySite) => Promise<AsyncDisposable>,
  post: Post,
): Promise<void> {
  await using site = await startUnionPay({ mount: 'in-process', seed: 5, shareKeys: true });
  await using _stood = await mount(site);
  const network = watchNetwork();
  try {
    await tryAll(site, post);
    expect(network.attempts).toEqual([]);
  } finally {
    network.stop();
  }
}

async function tryAll(site: UnionPaySite, post: Post): Promise<void> {
  const { merId } = site.credentials;
  const message = (fields: Record<string, string>) =>
    formBody(signed({ ...head, merId, txnTime: now, ...fields }, site.credentials));
  const gateway = 'https://gateway.test.95516.com/gateway/api';
  const order = { orderId: 'order0001', txnAmt: '1000', currencyCode: '156' };
  const addresses = { frontUrl: 'https://shop.example/', backUrl: 'https://shop.example/back' };
  site.listen(() => ({ status: 200, headers: {}, body: new Uint8Array() }));
  const consume = { txnType: '01', txnSubType: '01', bizType: '000201', ...order, ...addresses };
  const led = await post(`${gateway}/frontTransReq.do`, message(consume));
  expect(led.status).toBe(302);
  expect(led.location).toMatch(/^https:\/\/gateway\.test\.95516\.com\/_sim\/cashier\?ticket=/);
  const ticket = new URL(led.location).searchParams.get('ticket') ?? '';
  const paid = await post(led.location, `ticket=${ticket}&decision=approve`);
  expect(paid.text).toContain('https://shop.example/');
  const query = { txnType: '00', txnSubType: '00', bizType: '000000', orderId: 'order0001' };
  const asked = await post('https://gateway.95516.com/gateway/api/queryTrans.do', message(query));
  const told = readRaw(asked.text);
  expect(told['origRespCode']).toBe('00');
  expect(isGenuine(told, site.credentials)).toBe(true);
  const { billDate } = site.discovery() as { billDate: string };
  await site.settle(billDate);
  const settleDate = billDate.slice(5).replace('-', '');
  const file = { txnType: '76', txnSubType: '01', bizType: '000000', settleDate, fileType: '00' };
  const got = await post('https://filedownload.test.95516.com/', message(file));
  expect(readRaw(got.text)['fileName']).toMatch(/\.zip$/);
}
