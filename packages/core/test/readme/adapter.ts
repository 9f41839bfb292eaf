/** Test aid: the adapter of the README, whole. */
import {
  type Call,
  type ChannelOf,
  type Clock,
  defineChannel,
  type Finding,
  formatMoney,
  money,
  PolyrailError,
  type Shape,
  type Transport,
} from '@polyrail/core';

interface TillShape extends Shape {
  pay: 'qr'; // the scenes
  extra: object; // no `extra` of its own
  verbs: 'pay' | 'query'; // the verbs, and no others
}
export interface Till extends ChannelOf<TillShape> {}

const capabilities = {
  timeZone: 'Asia/Shanghai',
  currencies: ['CNY'],
  scenes: { pay: ['qr'] },
  merchantPaymentId: { pattern: '[A-Za-z0-9]{1,32}', maxLength: 32 },
  sealing: 'transport', // this protocol signs nothing: TLS to the till is all the proof there is
  closeProvesAbsence: false,
  visibilityMs: 5_000,
  // biome-ignore lint/suspicious/noThenProperty: a member of the contract, no promise
  resolve: { queryAfterMs: [1_000, 5_000, 30_000], then: 'escalate' },
} as const;

const nowhere = { status: 'unknown', doubt: 'not-found', evidence: 'transport' } as const;

function fromOrder(text: string): Finding<'payment'> {
  if (text === 'NONE') return nowhere;
  const [, state, order, yuan, number] = /^(\w+) (\w+) (\d+\.\d\d) (\d+)$/.exec(text) ?? [];
  const words = { merchantId: order, channelId: number, raw: { text } };
  if (yuan === undefined) throw new PolyrailError('REPLY_UNREADABLE', 'The till answered nonsense');
  const told = { evidence: 'transport', ...words, amount: money(yuan, 'CNY') } as const;
  switch (state) {
    case 'PAID':
      return { status: 'succeeded', ...told };
    case 'OPEN':
      return { status: 'pending', waitingFor: 'payer', pollAfterMs: 2_000, ...told };
    case 'GONE':
      return { status: 'failed', reason: 'order-expired', retry: 'new-id', ...told };
    default: // what is not documented is not guessed at
      throw new PolyrailError('REPLY_UNREADABLE', 'The till answered with an unknown state');
  }
}

export function createTill(url: string, context: { transport: Transport; clock: Clock }): Till {
  async function send(path: string, call: Call): Promise<string> {
    await call.prepared(); // the merchant stores the reference
    const reply = await context.transport.exchange(
      { method: 'POST', url: `${url}${path}`, headers: {} },
      { signal: call.signal, maxBodyBytes: 1024, onFirstByte: () => call.sent() }, // no return
    );
    const bytes: number[] = [];
    for await (const piece of reply.body) bytes.push(...piece);
    if (reply.status !== 200) {
      throw new PolyrailError('UNAVAILABLE', `HTTP ${reply.status}`, { doubt: 'server-error' });
    }
    return new TextDecoder().decode(Uint8Array.from(bytes));
  }
  return defineChannel<TillShape>(
    {
      name: 'till',
      capabilities,
      async pay({ merchantPaymentId, amount }, call) {
        return fromOrder(await send(`/pay/${merchantPaymentId}/${formatMoney(amount)}`, call));
      },
      async query({ merchantId }, call) {
        return fromOrder(await send(`/query/${merchantId}`, call));
      },
    },
    { clock: context.clock },
  );
}
