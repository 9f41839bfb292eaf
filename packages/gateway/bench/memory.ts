/**
 * bench · memory: payments begun, paid by notification and delivered for ten minutes, at a rate a process
 * bears easily. Memory that grows with every payment would show. See README.md.
 */
import { circumstances, printTable } from '@polyrail/contest';
import { type Channel, contractVersion, type Incoming, instantOf } from '@polyrail/core';
import { createGateway, sqliteStore } from '../src/index.ts';
import { isQuick } from './race.ts';
import { amount, withFile } from './work.ts';

const perSecond = 100;
const minuteMs = isQuick ? 3000 : 60_000;
const minutes = 10;
/** Lazily made code and caches are no growth. */
const warmMinutes = 2;

/** A channel in this process that takes every order and notifies of it at once. */
const channel = {
  name: 'bench',
  contract: contractVersion,
  capabilities: {
    timeZone: 'Asia/Shanghai',
    currencies: ['CNY'],
    scenes: { pay: ['qr'] },
    merchantPaymentId: { pattern: '.+', maxLength: 64 },
    closeProvesAbsence: true,
    visibilityMs: 60_000,
    // biome-ignore lint/suspicious/noThenProperty: a member of the contract, no promise
    resolve: { queryAfterMs: [5000, 10_000], then: 'escalate' },
  },
  async pay(
    request: { merchantPaymentId: string; startedAt: string },
    options: { onPrepared(ref: object): Promise<void> },
  ) {
    const { merchantPaymentId: merchantId, startedAt } = request;
    const ref = { noun: 'payment', merchantId, amount, startedAt };
    await options.onPrepared(ref);
    const observedAt = startedAt;
    const evidence = 'signed';
    return { noun: 'payment', status: 'pending', waitingFor: 'payer', ref, observedAt, evidence };
  },
  async receive({ body }: Incoming) {
    return JSON.parse(Buffer.from(body).toString());
  },
  acknowledge: () => ({ status: 200, headers: {}, body: Buffer.from('success') }),
  [Symbol.asyncDispose]: async () => undefined,
} as unknown as Channel;

function notificationOf(id: string): Incoming {
  const at = instantOf(Date.now());
  const ref = { noun: 'payment', merchantId: id, startedAt: at };
  const fact = { noun: 'payment', status: 'succeeded', amount, ref, observedAt: at };
  const told = { eventId: `event of ${id}`, receivedAt: at, facts: [fact] };
  return { headers: {}, body: Buffer.from(JSON.stringify(told)) };
}

const megabytes = (bytes: number): number => bytes / 1024 / 1024;

const rows = await withFile(async (file) => {
  let delivered = 0;
  const gateway = await createGateway({
    channels: { bench: channel },
    store: sqliteStore({ file }),
    on: {
      payment: {
        succeeded() {
          delivered += 1;
        },
      },
    },
  });
  const measured: string[][] = [];
  let paid = 0;
  const payOne = async (): Promise<void> => {
    paid += 1;
    const id = `order_${paid}`;
    const order = { merchantPaymentId: id, amount, description: 'Tea' };
    await gateway.pay({ scene: 'qr', ...order });
    await gateway.receive({ channel: 'bench' }, notificationOf(id));
  };
  const gapMs = 1000 / perSecond;
  for (let minute = 1; minute <= minutes; minute += 1) {
    const begun = performance.now();
    const under: Promise<void>[] = [];
    for (let at = 0; performance.now() - begun < minuteMs; at += 1) {
      under.push(payOne());
      const due = begun + (at + 1) * gapMs;
      await new Promise((go) => setTimeout(go, Math.max(0, due - performance.now())));
    }
    await Promise.all(under);
    globalThis.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    measured.push([
      String(minute),
      String(paid),
      String(delivered),
      megabytes(rss).toFixed(0),
      megabytes(heapUsed).toFixed(1),
    ]);
    process.stderr.write(`minute ${minute} of ${minutes}: ${megabytes(rss).toFixed(0)} MiB\n`);
  }
  await gateway.close();
  return measured;
});
const growth =
  Number(rows.at(-1)?.[3]) / Number(rows[warmMinutes - 1]?.[3] ?? Number.POSITIVE_INFINITY);
process.stdout.write(
  `${circumstances(1)}; ${perSecond} payments a second\n\n` +
    `${printTable(['minute', 'paid', 'delivered', 'memory MiB', 'heap MiB'], rows)}\n\n` +
    `memory at the end beside minute ${warmMinutes}: ${growth.toFixed(2)} × (goal: flat)\n`,
);
