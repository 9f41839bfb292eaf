/** attack · tenpay: the client `tenpay` as its README tells users to use it. */
import { against, type Contestant, type Found } from '@polyrail/contest';
import tenpay from 'tenpay';
import { account, billDate, orderId, type Presented } from './corpus.ts';

type Fields = Readonly<Record<string, string>>;

interface Request {
  readonly body: string;
  weixin?: Fields & { readonly req_info?: Fields };
}

/** What is used of it. */
interface Client {
  readonly urls: Record<string, string>;
  middlewareForExpress(
    kind: 'pay' | 'refund',
  ): (request: Request, response: object, next: () => void) => Promise<void>;
  orderQuery(parameters: Fields): Promise<Fields>;
  downloadBill(parameters: Fields, format: true): Promise<{ readonly list_data: unknown[] }>;
}

function clientAt(origin: string): Client {
  const { appId: appid, mchId: mchid, apiKey: partnerKey } = account;
  const Payment = tenpay as unknown as new (config: object) => Client;
  const client = new Payment({ appid, mchid, partnerKey });
  for (const [name, url] of Object.entries(client.urls)) {
    client.urls[name] = url.replace('https://api.mch.weixin.qq.com', origin);
  }
  return client;
}

/** Its middleware answers by itself to what it refuses, and goes on with what it believes. */
async function heard(client: Client, kind: 'pay' | 'refund', body: string): Promise<Fields> {
  const request: Request = { body };
  let believed = false;
  const response = { header: () => undefined, send: () => undefined };
  await client.middlewareForExpress(kind)(request, response, () => {
    believed = true;
  });
  if (!believed || request.weixin === undefined) throw new Error('refused');
  return kind === 'refund' ? (request.weixin.req_info ?? {}) : request.weixin;
}

const paymentIn = ({ out_trade_no: order, total_fee: fee }: Fields): Found => ({
  order,
  amount: Number(fee),
});

async function ask(client: Client, { does, message }: Presented): Promise<Found> {
  if (does === 'receive-payment') return paymentIn(await heard(client, 'pay', message));
  if (does === 'receive-refund') {
    const { out_refund_no: refund, refund_fee: fee } = await heard(client, 'refund', message);
    return { refund, amount: Number(fee) };
  }
  if (does === 'statement') {
    const bill = await client.downloadBill({ bill_date: billDate.replaceAll('-', '') }, true);
    return { lines: bill.list_data.length };
  }
  const told = await client.orderQuery({ out_trade_no: orderId, sign_type: 'HMAC-SHA256' });
  return told['trade_state'] === 'SUCCESS' ? paymentIn(told) : {};
}

export const tenpayClient: Contestant<Presented> = {
  name: 'tenpay',
  present: (presented) => against(presented.site, ({ origin }) => ask(clientAt(origin), presented)),
};
