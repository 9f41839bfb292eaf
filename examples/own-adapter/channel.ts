/** An adapter of one's own: the till of a tea house, which takes payments by QR code. */
import { createHmac } from 'node:crypto';
import {
  type Call,
  type ChannelOf,
  type Context,
  defineChannel,
  type Finding,
  formatMoney,
  isSecret,
  money,
  PolyrailError,
  revealText,
  type Secret,
  type Shape,
} from '@polyrail/core';
import { systemClock } from '@polyrail/kit/clock';
import { constantTimeEqual } from '@polyrail/kit/compare';
import { collect, exchange, sharedTransport } from '@polyrail/kit/transport';

export interface TeaHouseConfig {
  readonly till: string;
  readonly key: Secret;
  readonly baseUrl: string;
}

/** What the tea house offers: two verbs, one scene. */
interface TeaHouseShape extends Shape {
  pay: 'qr';
  extra: object;
  verbs: 'pay' | 'query';
}
export interface TeaHouse extends ChannelOf<TeaHouseShape> {}

const capabilities = {
  timeZone: 'Asia/Shanghai',
  currencies: ['CNY'],
  scenes: { pay: ['qr'] },
  amount: { min: 1, max: 100_000_00 },
  merchantPaymentId: { pattern: '[A-Za-z0-9]{1,32}', maxLength: 32 },
  sealing: 'signed',
  defaultTimeoutMs: 10_000,
  closeProvesAbsence: false,
  visibilityMs: 0,
  // biome-ignore lint/suspicious/noThenProperty: a member of the contract, no promise
  resolve: { queryAfterMs: [1_000, 5_000, 30_000], then: 'escalate' },
} as const;

const maxReplyBytes = 64 * 1024;

const unverified = (message: string) =>
  new PolyrailError('REPLY_UNVERIFIED', message, { doubt: 'unverified-reply' });

function readReply(body: Uint8Array): Record<string, unknown> {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new PolyrailError('REPLY_UNREADABLE', 'The tea house answered with no JSON');
  }
}

/** Signs a request, sends it, and gives the verified reply. */
function createWire({ till, key, baseUrl }: TeaHouseConfig, context: Context) {
  const hmac = (text: string | Uint8Array, about: string) =>
    createHmac('sha256', revealText(key)).update(about).update(text).digest('hex');
  return async (operation: string, fields: object, call: Call) => {
    const body = JSON.stringify({ till, ...fields });
    const signature = hmac(body, `request ${operation}\n`);
    await call.prepared();
    const reply = await exchange(
      context.transport ?? sharedTransport(),
      {
        method: 'POST',
        url: `${baseUrl}/${operation}`,
        headers: { 'content-type': 'application/json', signature },
        body,
      },
      { signal: call.signal, maxBodyBytes: maxReplyBytes, onFirstByte: () => call.sent() },
    );
    const answered = await collect(reply.body, maxReplyBytes);
    if (reply.status !== 200) {
      const message = `The tea house answered with HTTP status ${reply.status}`;
      throw new PolyrailError('UNAVAILABLE', message, { doubt: 'server-error' });
    }
    // The reply is signed together with our signature: it answers this request and no other.
    const expected = hmac(answered, `reply ${signature}\n`);
    if (!constantTimeEqual(reply.headers['signature'] ?? '', expected)) {
      throw unverified("The reply's signature is not the tea house's");
    }
    return readReply(answered);
  };
}

/** The tea house's word for an order, as a finding; the guard compares it with what was asked. */
function fromOrder(reply: Record<string, unknown>): Finding<'payment'> {
  const { order, amount, state, code, number, paidAt } = reply as Record<string, string>;
  const told = {
    evidence: 'signed',
    raw: reply,
    merchantId: order,
    channelId: number,
    amount: amount === undefined ? undefined : money(amount, 'CNY'),
  } as const;
  if (state === 'PAID' && told.amount) {
    return { status: 'succeeded', ...told, amount: told.amount, paidAt };
  }
  if (state === 'OPEN') {
    const nextAction = code === undefined ? undefined : ({ kind: 'qr', text: code } as const);
    return { status: 'pending', waitingFor: 'payer', nextAction, ...told };
  }
  if (state === 'DECLINED') {
    return { status: 'failed', reason: 'payer-declined', retry: 'new-id', ...told };
  }
  if (state === 'EXPIRED') {
    return { status: 'failed', reason: 'order-expired', retry: 'new-id', ...told };
  }
  if (state === 'NONE') return { status: 'unknown', doubt: 'not-found', evidence: 'signed' };
  // An order of that number with another content: an answer about the id tells nothing of ours.
  if (state === 'TAKEN') return { status: 'unknown', doubt: 'repeated-id', evidence: 'signed' };
  throw new PolyrailError('REPLY_UNREADABLE', `The tea house names a state it never told of`);
}

/** @throws PolyrailError `CONFIG_INVALID`, naming the member */
export function createTeaHouse(config: TeaHouseConfig, context: Context = {}): TeaHouse {
  if (!isSecret(config.key) || revealText(config.key).length < 32) {
    const message = 'config.key must be wrapped, secret(key), and have at least 32 characters';
    throw new PolyrailError('CONFIG_INVALID', message, { field: 'config.key' });
  }
  const send = createWire(config, context);
  return defineChannel<TeaHouseShape>(
    {
      name: 'tea-house',
      capabilities,
      async pay({ merchantPaymentId: order, amount, expiresAt }, call) {
        const fields = { order, amount: formatMoney(amount), expiresAt };
        return fromOrder(await send('pay', fields, call));
      },
      async query({ merchantId: order }, call) {
        return fromOrder(await send('query', { order }, call));
      },
    },
    { clock: context.clock ?? systemClock, logger: context.logger },
  );
}
