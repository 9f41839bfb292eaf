/** Byte-exact requests under UnionPay's public test key: RSA's signatures are the same each time. */
import { PolyrailError, secret, type Transport } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import { createUnionPay, type UnionPayConfig } from '../src/index.ts';
import { card, clockAt, cny, now, order, payment, queryId } from './gateway.ts';
import { pemOf, recorded } from './vectors.ts';

const config = {
  ...recorded('pfx.test.sign.2021', '777290058167151'),
  encryptionCertificate: pemOf('cert.test.enc.2017'),
  tokenRequestor: '62000000001',
  returnUrl: 'https://shop.example/back',
};

/** Hears requests, and answers none. */
function silent() {
  const bodies: string[] = [];
  const transport: Transport = {
    exchange: async ({ url, body }, options) => {
      const text = String(body);
      if (!text.includes('txnType=95')) bodies.push(`${new URL(url).pathname} ${text}`);
      options?.onFirstByte?.();
      throw new PolyrailError('UNAVAILABLE', 'silence', { doubt: 'no-reply' });
    },
  };
  const random = { bytes: (length: number) => new Uint8Array(length).fill(7) };
  const context = { transport, random, clock: clockAt(now) };
  return { bodies, context };
}

function listener(changes: Partial<UnionPayConfig> = {}) {
  const { bodies, context } = silent();
  return { bodies, channel: createUnionPay({ ...config, ...changes }, context) };
}

describe('requests, byte for byte', () => {
  it('with a card, in UTF-8', async () => {
    const { bodies, channel } = listener();
    await channel.pay({ scene: 'card', ...order, card });
    expect(bodies).toMatchSnapshot();
  });

  it('of an order, in GBK', async () => {
    const { bodies, channel } = listener({ encoding: 'GBK' });
    await channel.pay({ scene: 'qr', ...order, expiresAt: '2026-11-22T04:00:00.000Z' });
    expect(bodies).toMatchSnapshot();
  });

  it('that undo and ask', async () => {
    const { bodies, channel } = listener();
    const paid = { ...payment, channelId: queryId };
    await channel.refund({ payment: paid, merchantRefundId: 'refund01', amount: cny(400) });
    await channel.cancel({ payment: paid, merchantCancelId: 'cancel01' });
    await channel.query(payment).catch(() => undefined);
    expect(bodies).toMatchSnapshot();
  });

  it('of a mandate: set up, asked about, collected by, removed', async () => {
    const { tokenRequestor: _none, ...granted } = config;
    const collecting = { ...granted, agreements: 'collection' } as const;
    const { bodies, context } = silent();
    const channel = createUnionPay(collecting, context);
    const agreement = { noun: 'agreement', merchantId: 'agree001', startedAt: now } as const;
    const stood = { ...agreement, channelId: 'agree001' };
    await channel.signUp({ scene: 'card', merchantAgreementId: 'agree001', card });
    await channel.querySignUp(agreement).catch(() => undefined);
    await channel.pay({ scene: 'agreement', ...order, agreement: stood });
    await channel.signOff(stood);
    expect(bodies).toMatchSnapshot();
  });

  it('of a payout, sealed with a key', async () => {
    const signing = { method: 'sm3', key: secret('simulatorSecureKey') } as const;
    const { bodies, channel } = listener({ signing });
    const payee = { kind: 'bank', account: card.number, name: card.holder } as const;
    const request = { merchantPayoutId: 'payout01', amount: cny(900), purpose: 'A prize', payee };
    await channel.payout(request);
    expect(bodies).toMatchSnapshot();
  });
});
