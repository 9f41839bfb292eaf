/** The reference channel on the reference site: the two ends of the wire understand each other. */
import assert from 'node:assert/strict';
import {
  type Context,
  type Incoming,
  isPolyrailError,
  type Outgoing,
  type StatementLine,
} from '@polyrail/core';
import { afterEach, beforeEach, describe, it } from 'vitest';
import { createReference } from './reference/channel/channel.ts';
import type { ReferenceChannel } from './reference/channel/shape.ts';
import { type ReferenceSite, startReference } from './reference/site/site.ts';
import { configOf } from './reference/subject.ts';

let site: ReferenceSite;
let channel: ReferenceChannel;

const channelOf = (credentials = site.credentials): ReferenceChannel => {
  const { transport, clock } = site;
  let drawn = 0;
  const random = { bytes: (length: number) => new Uint8Array(length).fill(drawn++) };
  const context: Context = { transport, clock, random };
  return createReference(configOf(credentials), context);
};

beforeEach(async () => {
  site = await startReference();
  site.clock.freeze();
  // Nobody listens at the merchant's address: without this each delivery would look for it.
  site.listen(async () => ({ status: 503, headers: {}, body: new Uint8Array() }));
  channel = channelOf();
});
afterEach(() => site.stop());

const yuan = (amount: number) => ({ amount, currency: 'CNY' });
const order = (merchantPaymentId: string, amount = yuan(1234)) => ({
  merchantPaymentId,
  amount,
  description: 'a cup',
  notifyUrl: 'http://merchant.invalid/notify',
});
const authCode = '286512345678901234';
const barcode = (id: string, amount = yuan(1234)) =>
  channel.pay({ ...order(id, amount), scene: 'barcode', authCode });

const codeOf = async (run: Promise<unknown>): Promise<string> =>
  run.then(
    () => 'none',
    (error: unknown) => (isPolyrailError(error) ? error.code : String(error)),
  );

async function linesOf(statement: Promise<AsyncIterable<StatementLine>>): Promise<StatementLine[]> {
  const lines: StatementLine[] = [];
  for await (const line of await statement) lines.push(line);
  return lines;
}

describe('scenes', () => {
  it('shows a QR, and the payer pays it', async () => {
    const payment = await channel.pay({ ...order('q1'), scene: 'qr' });
    assert.equal(payment.status, 'pending');
    assert.equal('nextAction' in payment && payment.nextAction?.kind, 'qr');
    await site.payer.approve('q1');
    const found = await channel.query(payment.ref);
    assert.equal(found.status, 'succeeded');
    assert.deepEqual(site.book('q1'), {
      state: 'PAID',
      debits: 1,
      paid: 1234,
      refunds: 0,
      refunded: 0,
    });
  });

  it.each([yuan(1), { amount: 1234, currency: 'JPY' }, { amount: 1234, currency: 'KWD' }])(
    'takes a barcode at once, exactly: $amount $currency',
    async (amount) => {
      const payment = await barcode('b1', amount);
      assert.equal(payment.status, 'succeeded');
      assert.deepEqual('amount' in payment && payment.amount, amount);
      assert.equal(site.book('b1')?.paid, amount.amount);
    },
  );

  it('asks a barcode payer to confirm', async () => {
    site.faults.arm({ fault: 'user-paying' });
    const payment = await barcode('b2');
    assert.equal(payment.status, 'pending');
    await site.payer.decline('b2');
    const found = await channel.query(payment.ref);
    assert.deepEqual(
      [found.status, 'reason' in found && found.reason],
      ['failed', 'payer-declined'],
    );
  });

  it('hands a page over without an exchange; its link makes the order', async () => {
    const payment = await channel.pay({ ...order('p1'), scene: 'page' });
    assert.ok(payment.status === 'pending' && payment.nextAction?.kind === 'redirect');
    assert.equal(site.book('p1'), undefined);
    const { url } = payment.nextAction;
    const open = (address: string) =>
      site.transport.exchange({ method: 'GET', url: address, headers: {} });
    assert.equal((await open(url.replace('order=ey', 'order=fy'))).status, 400);
    assert.equal((await open(url)).status, 200);
    await site.payer.approve('p1');
    assert.equal((await channel.query(payment.ref)).status, 'succeeded');
  });

  it('expires on the virtual clock', async () => {
    const expiresAt = '2026-03-02T02:10:00.000Z';
    const payment = await channel.pay({ ...order('x1'), scene: 'qr', expiresAt });
    await site.clock.advance(10 * 60_000);
    const found = await channel.query(payment.ref);
    assert.deepEqual(
      [found.status, 'reason' in found && found.reason],
      ['failed', 'order-expired'],
    );
  });
});

describe('doubt', () => {
  it('loses a reply, asks, and knows; the same call again moves nothing', async () => {
    site.faults.arm({ fault: 'drop-reply', operation: 'payments.create' });
    const lost = await barcode('l1');
    assert.deepEqual([lost.status, 'doubt' in lost && lost.doubt], ['unknown', 'no-reply']);
    assert.equal((await channel.query(lost.ref)).status, 'succeeded');
    assert.equal((await barcode('l1')).status, 'succeeded');
    assert.equal(site.book('l1')?.debits, 1);
    assert.equal(await codeOf(barcode('l1', yuan(1))), 'REFUSED');
  });

  it.each(['bad-signature', 'foreign-signature', 'wrong-amount', 'wrong-order', 'system-error'])(
    'believes no answer with %s',
    async (fault) => {
      site.faults.arm({ fault, operation: 'payments.create' });
      assert.equal((await barcode('d1')).status, 'unknown');
      assert.equal(site.book('d1')?.debits, 1);
    },
  );

  it('closes an id that was never seen for good, and tells a paid one', async () => {
    const { ref } = await channel.pay({ ...order('c1'), scene: 'page' });
    assert.equal((await channel.close(ref)).status, 'succeeded');
    const late = await channel.pay({ ...order('c1'), scene: 'qr' });
    assert.deepEqual([late.status, 'reason' in late && late.reason], ['failed', 'order-closed']);
    const paid = await barcode('c2');
    const closure = await channel.close(paid.ref);
    assert.deepEqual(
      [closure.status, 'reason' in closure && closure.reason],
      ['failed', 'already-paid'],
    );
  });

  it.each(['wrong-amount', 'wrong-order'])('believes no undoing with %s', async (fault) => {
    const payment = (await barcode('u1')).ref;
    site.faults.arm({ fault, operation: 'payments.cancel' });
    const cancelled = await channel.cancel({ payment, merchantCancelId: 'u2' });
    site.faults.arm({ fault, operation: 'payments.reverse' });
    const reversed = await channel.reverse(payment);
    assert.deepEqual([cancelled.status, reversed.status], ['unknown', 'unknown']);
  });

  it('reverses what happened, and what never did, once and again', async () => {
    const { ref } = await barcode('r1');
    for (const _ of [1, 2]) {
      const reversal = await channel.reverse(ref);
      assert.equal('effect' in reversal && reversal.effect, 'refunded');
    }
    assert.deepEqual([site.book('r1')?.refunds, site.book('r1')?.refunded], [1, 1234]);
    const unseen = await channel.reverse({ ...ref, merchantId: 'r2' });
    assert.equal('effect' in unseen && unseen.effect, 'nothing-there');
    assert.equal((await barcode('r2')).status, 'failed');
    assert.equal(site.book('r2'), undefined);
  });
});

describe('money back', () => {
  const refund = (
    payment: Parameters<typeof channel.refund>[0]['payment'],
    id: string,
    amount: number,
  ) => channel.refund({ payment, merchantRefundId: id, amount: yuan(amount) });

  it('refunds in parts, each once, never more than was paid', async () => {
    const { ref } = await barcode('m1');
    for (const _ of [1, 2]) assert.equal((await refund(ref, 'f1', 1000)).status, 'succeeded');
    const tooMuch = await refund(ref, 'f2', 235);
    assert.deepEqual(
      [tooMuch.status, 'reason' in tooMuch && tooMuch.reason],
      ['failed', 'refund-exceeds'],
    );
    assert.equal((await refund(ref, 'f3', 234)).status, 'succeeded');
    assert.deepEqual([site.book('m1')?.refunds, site.book('m1')?.refunded], [2, 1234]);
    const found = await channel.query(ref);
    assert.deepEqual('undone' in found && found.undone, { by: 'refund', amount: yuan(1234) });
  });

  it('cancels on the day of the payment only', async () => {
    const [{ ref: today }, { ref: old }] = [await barcode('k1'), await barcode('k2')];
    const cancelled = await channel.cancel({ payment: today, merchantCancelId: 'k1c' });
    assert.equal('effect' in cancelled && cancelled.effect, 'refunded');
    await site.clock.advance(24 * 3_600_000);
    const late = await channel.cancel({ payment: old, merchantCancelId: 'k2c' });
    assert.deepEqual([late.status, 'reason' in late && late.reason], ['failed', 'window-passed']);
  });

  it('tells a statement that adds up, and no other', async () => {
    const { ref } = await barcode('s1');
    await barcode('s2', { amount: 500, currency: 'JPY' });
    await refund(ref, 's3', 34);
    const request = { kind: 'trade', date: '2026-03-02' } as const;
    assert.equal(await codeOf(channel.statement(request)), 'NOT_READY');
    await site.clock.advance(23 * 3_600_000);
    const lines = await linesOf(channel.statement(request));
    const told = lines.map(({ kind, merchantId, amount, direction }) => [
      kind,
      merchantId,
      amount.amount,
      direction,
    ]);
    assert.deepEqual(told, [
      ['payment', 's1', 1234, 'in'],
      ['payment', 's2', 500, 'in'],
      ['refund', 's3', 34, 'out'],
    ]);
    for (const fault of ['statement-truncated', 'statement-wrong-totals', 'bad-signature']) {
      site.faults.arm({ fault });
      assert.match(
        await codeOf(linesOf(channel.statement(request))),
        /^REPLY_UN(READABLE|VERIFIED)$/,
        fault,
      );
    }
  });
});

describe('notifications', () => {
  /** Opens what comes, and answers as a merchant would. */
  function inbox(opener: () => ReferenceChannel) {
    const heard: { result: string; eventId?: string | undefined; message: Incoming }[] = [];
    site.listen(async (message): Promise<Outgoing> => {
      try {
        const notification = await opener().receive(message);
        const { eventId, facts } = notification;
        heard.push({ result: `${facts[0].noun} ${facts[0].status}`, eventId, message });
        return opener().acknowledge({ stored: notification });
      } catch (error) {
        heard.push({ result: isPolyrailError(error) ? error.code : String(error), message });
        return opener().acknowledge({ refused: error });
      }
    });
    return heard;
  }

  it('hears of a payment and its refund once each, and no forgery', async () => {
    const heard = inbox(() => channel);
    site.faults.arm({ fault: 'forged-notification', operation: 'notify.payment' });
    const { ref } = await barcode('n1');
    await channel.refund({ payment: ref, merchantRefundId: 'n2', amount: yuan(1) });
    await site.clock.advance(24 * 3_600_000);
    assert.deepEqual(heard.map(({ result }) => result).sort(), [
      'NOTIFICATION_UNVERIFIED',
      'payment succeeded',
      'refund succeeded',
    ]);
  });

  it('is told again until it has stored: the same event', async () => {
    const heard = inbox(() => channel);
    site.faults.arm({ fault: 'stale-timestamp' });
    await barcode('n3');
    await site.clock.advance(3_600_000);
    assert.deepEqual(
      heard.map(({ result }) => result),
      ['NOTIFICATION_STALE', 'payment succeeded'],
    );
    assert.equal(heard[1]?.eventId, heard[0]?.message.headers['x-acme-event']);
    assert.deepEqual(site.notifier.pending(), []);
  });

  it('is not another merchant’s', async () => {
    const other = channelOf(await site.enroll());
    const heard = inbox(() => other);
    await barcode('n4');
    await site.clock.advance(0);
    assert.deepEqual(
      heard.map(({ result }) => result),
      ['NOTIFICATION_FOREIGN'],
    );
  });
});
