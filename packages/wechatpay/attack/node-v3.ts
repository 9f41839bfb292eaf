/**
 * attack · node-v3: `wechatpay-node-v3` as its README and the pages `verifySign`, `query`, `close` and
 * `downloadbill` of its documents tell users to use it. Its author holds that a notification needs no
 * check of its signature (issue 53); here it is checked all the same.
 */
import { against, type Contestant, type Found } from '@polyrail/contest';
import WxPay from 'wechatpay-node-v3';
import { PayRequest } from 'wechatpay-node-v3/dist/lib/pay-request.js';
import { account, billDate, downloadsIn, orderId, type Presented } from './corpus.ts';
import type { Message } from './forging.ts';

const host = 'https://api.mch.weixin.qq.com';

/** Its own way to send, to another host: what it signs does not name one. */
class Redirected extends PayRequest {
  readonly #origin: string;

  constructor(origin: string) {
    super();
    this.#origin = origin;
  }

  override post(url: string, params: object, headers: object) {
    return super.post(url.replace(host, this.#origin), params as never, headers as never);
  }

  override get(url: string, headers: object) {
    return super.get(url.replace(host, this.#origin), headers as never);
  }
}

function clientOf(origin: string): WxPay {
  const client = new WxPay({
    appid: account.appId,
    mchid: account.mchId,
    publicKey: Buffer.from(account.merchant.certificate),
    privateKey: Buffer.from(account.merchant.privateKey),
    key: account.apiV3Key,
  });
  client.createHttp(new Redirected(origin));
  return client;
}

interface Transaction {
  readonly out_trade_no?: string;
  readonly trade_state?: string;
  readonly amount?: { readonly total?: number };
}

const foundIn = ({ out_trade_no: order, amount }: Transaction): Found =>
  order === undefined ? {} : { order, amount: amount?.total };

async function open(client: WxPay, { headers, body }: Message): Promise<Found> {
  const header = (name: string): string => headers[`wechatpay-${name}`] ?? '';
  const text = Buffer.from(body).toString('utf8');
  const isGenuine = await client.verifySign({
    body: text,
    signature: header('signature'),
    serial: header('serial'),
    nonce: header('nonce'),
    timestamp: header('timestamp'),
  });
  if (!isGenuine) return {};
  const { ciphertext, associated_data: aad, nonce } = JSON.parse(text).resource;
  const told = client.decipher_gcm<Transaction | string>(ciphertext, aad, nonce);
  // A text is what it could not read: nothing of it is believed.
  return typeof told === 'object' ? foundIn(told) : {};
}

async function receive(client: WxPay, { messages = [] }: Presented): Promise<Found> {
  let found: Found = {};
  for (const message of messages) {
    const opened = await open(client, message).catch((): Found => ({}));
    if (opened.order !== undefined) found = opened;
  }
  return found;
}

interface Output {
  readonly status?: number;
  readonly data?: unknown;
}

async function query(client: WxPay): Promise<Found> {
  const { status, data } = (await client.query({ out_trade_no: orderId })) as Output;
  const told = (data ?? {}) as Transaction;
  return status === 200 && told.trade_state === 'SUCCESS' ? foundIn(told) : {};
}

async function close(client: WxPay): Promise<Found> {
  const { status } = (await client.close(orderId)) as Output;
  return status === 204 ? { order: orderId } : {};
}

async function statement(client: WxPay, origin: string): Promise<Found> {
  const asked = (await client.tradebill({ bill_date: billDate, bill_type: 'ALL' })) as Output;
  const { download_url: url } = asked.data as { download_url: string };
  const { status, data } = (await client.downloadBill(url.replace(origin, host))) as Output;
  if (status !== 200) return {};
  const lines = Buffer.from(data as string)
    .toString('utf8')
    .split('\n');
  return { lines: lines.filter((line) => line.startsWith('`')).length };
}

export const nodeV3: Contestant<Presented> = {
  name: 'wechatpay-node-v3',
  present: (presented) =>
    against(presented.site, async ({ origin, asked }) => {
      // It keeps certificates for all merchants of a process; each case is a process of its own.
      (WxPay as unknown as { certificates: object }).certificates = {};
      const client = clientOf(origin);
      const doings = {
        receive: () => receive(client, presented),
        query: () => query(client),
        close: () => close(client),
        statement: () => statement(client, origin),
      } as const;
      return { ...(await doings[presented.does]()), asked: downloadsIn(asked) };
    }),
};
