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
import type { Keyring } from './keys.ts';
import { collect, parseMessage, unreadable } from './messages.ts';
import type { Message, Parts } from './parts.ts';
import { sign } from './seal.ts';

export interface WireContext {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly keyring: Keyring;
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

interface Shipment {
  readonly call: Call;
  /** Most bytes of the reply. */
  readonly cap: number;
  /** Of a file its digest is sealed. */
  readonly isFile: boolean;
}

export function createWire(settings: Settings, context: WireContext, parts: Parts): Wire {
  const { merchantId, merchantSecret, baseUrl } = settings;
  const { transport, clock, random, keyring } = context;

  const sealed = (operation: string, fields: object) => {
    const body = parts.encode(fields);
    const [timestamp, nonce] = [parts.timestamp(clock.now()), parts.nonce(random)];
    const signed = [operation, timestamp, nonce, body];
    return { body, timestamp, nonce, signature: sign(revealText(merchantSecret), signed) };
  };

  const send = async (operation: Operation, fields: object, at: Shipment) => {
    const { call, cap, isFile } = at;
    if (parts.needsCertificate(operation, baseUrl) && settings.clientCertificate === undefined) {
      const message = 'config.clientCertificate is required: payouts are not taken without it';
      throw new PolyrailError('CONFIG_INVALID', message, { field: 'config.clientCertificate' });
    }
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
    const digest = isFile ? reply.headers['x-acme-digest'] : undefined;
    // The nonce ties the reply to this request: one signed for another call is not taken for it.
    const secret = await keyring.named(reply.headers['x-acme-key'] ?? '', signal);
    const given = reply.headers['x-acme-signature'] ?? '';
    if (parts.verifiesReply({ secret, parts: [nonce, digest ?? text], signature: given })) {
      if (digest === undefined || parts.isWhole(text, digest)) return text;
      throw unreadable('The file is not the one whose digest acme sealed');
    }
    const message = "The signature is not acme's over this reply: check config.platformSecret";
    throw new PolyrailError('REPLY_UNVERIFIED', message, { doubt: 'unverified-reply' });
  };

  return {
    async call(operation, fields, call) {
      const cap = parts.maxReplyBytes;
      return parseMessage(
        await parts.perform(() => send(operation, fields, { call, cap, isFile: false })),
      );
    },
    fetchText(operation, fields, call) {
      const cap = parts.maxStatementBytes;
      return parts.perform(() => send(operation, fields, { call, cap, isFile: true }));
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
