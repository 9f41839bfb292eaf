/** reference channel · wire: the one road to acme - prepared, sent once, read whole, verified. */
import {
  type Call,
  type Card,
  type Clock,
  PolyrailError,
  type Random,
  revealText,
  type Transport,
} from '@polyrail/core';
import type { Operation } from './codes.ts';
import type { Settings } from './config.ts';
import { decodeText, parseMessage, unreadable } from './messages.ts';
import type { Message, Parts } from './parts.ts';
import { sign } from './seal.ts';

export interface WireContext {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
}

export interface Wire {
  /** Sends one request and gives the verified reply. */
  call(operation: Operation, fields: object, call: Call): Promise<Message>;
  /** The same for a reply that is text. */
  fetchText(operation: Operation, fields: object, call: Call): Promise<string>;
  /** A card, hidden. */
  hide(card: Card): string;
  /** An address that carries a signed order, or a sign-up, in the payer's browser. */
  linkOf(fields: object, path?: '/pay' | '/sign'): string;
}

/** Reads a body to its end, up to a cap. A body that ends early rejects by itself. */
async function collect(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw unreadable(`The reply is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return decodeText(Buffer.concat(chunks));
}

export function createWire(settings: Settings, context: WireContext, parts: Parts): Wire {
  const { merchantId, merchantSecret, platformSecret, baseUrl } = settings;
  const { transport, clock, random } = context;

  const sealed = (operation: string, fields: object) => {
    const body = parts.encode(fields);
    const [timestamp, nonce] = [parts.timestamp(clock.now()), parts.nonce(random)];
    const signed = [operation, timestamp, nonce, body];
    return { body, timestamp, nonce, signature: sign(revealText(merchantSecret), signed) };
  };

  const send = async (operation: Operation, fields: object, at: { call: Call; cap: number }) => {
    const { call, cap } = at;
    const { body, timestamp, nonce, signature } = sealed(operation, fields);
    await parts.prepare(call);
    const headers = {
      'content-type': 'application/json',
      'x-acme-merchant': merchantId,
      'x-acme-timestamp': timestamp,
      'x-acme-nonce': nonce,
      'x-acme-signature': signature,
    };
    const onFirstByte = () => parts.depart(call);
    const { signal } = call;
    const reply = await transport.exchange(
      { method: 'POST', url: `${baseUrl}/v1/${operation}`, headers, body },
      { signal, maxBodyBytes: cap, onFirstByte },
    );
    const text = await collect(reply.body, cap);
    if (!parts.isAnswer(reply.status)) {
      const message = `acme answered with HTTP status ${reply.status}`;
      throw new PolyrailError('UNAVAILABLE', message, { doubt: 'server-error' });
    }
    // The nonce ties the reply to this request: one signed for another call is not taken for it.
    const claim = { secret: revealText(platformSecret), parts: [nonce, text] };
    const given = reply.headers['x-acme-signature'] ?? '';
    if (parts.verifiesReply({ ...claim, signature: given })) return text;
    const message = "The signature is not acme's over this reply: check config.platformSecret";
    throw new PolyrailError('REPLY_UNVERIFIED', message, { doubt: 'unverified-reply' });
  };

  return {
    async call(operation, fields, call) {
      const cap = parts.maxReplyBytes;
      return parseMessage(await parts.perform(() => send(operation, fields, { call, cap })));
    },
    fetchText(operation, fields, call) {
      const cap = parts.maxStatementBytes;
      return parts.perform(() => send(operation, fields, { call, cap }));
    },
    hide: (card) => parts.hideCard(card, revealText(merchantSecret)),
    linkOf(fields, path = '/pay') {
      const operation = path === '/pay' ? 'payments.page' : 'agreements.page';
      const { body, ...rest } = sealed(operation, fields);
      const order = Buffer.from(body).toString('base64url');
      return `${baseUrl}${path}?${new URLSearchParams({ merchant: merchantId, order, ...rest })}`;
    },
  };
}
