/** bench · resolver: what asking about one payment costs while ever more are pending. See README.md. */

import { circumstances, median, printTable } from '@polyrail/contest';
import { type Channel, contractVersion, instantOf } from '@polyrail/core';
import type { Kept } from '../src/entry.ts';
import { createGateway, sqliteStore } from '../src/index.ts';
import { isQuick } from './race.ts';
import { amount, withFile } from './work.ts';

const rounds = isQuick ? 1 : 7;
const sizes = isQuick ? [1000, 10_000] : [1000, 10_000, 100_000, 1_000_000];
/** No more than there are of the fewest: whoever is asked about must be there. */
const asked = isQuick ? 300 : 1000;
const startedAt = instantOf(Date.now());
const far = Date.now() + 86_400_000;

/** A channel that knows every payment and says that its payer has not paid yet. */
const channel = {
  name: 'pending',
  contract: contractVersion,
  capabilities: {
    timeZone: 'Asia/Shanghai',
    currencies: ['CNY'],
    merchantPaymentId: { pattern: '.+', maxLength: 64 },
    closeProvesAbsence: true,
    visibilityMs: 60_000,
    // biome-ignore lint/suspicious/noThenProperty: a member of the contract, no promise
    resolve: { queryAfterMs: [5000, 10_000], then: 'escalate' },
  },
  async query(ref: { merchantId: string }) {
    const observedAt = startedAt;
    const noun = 'payment';
    return { noun, status: 'pending', waitingFor: 'payer', ref, observedAt, evidence: 'signed' };
  },
  [Symbol.asyncDispose]: async () => undefined,
} as unknown as Channel;

function keptOf(id: string): Kept {
  const ref = { noun: 'payment', merchantId: id, amount, startedAt } as const;
  const call = { channel: 'pending', attemptId: id, fate: 'pending', startedAt, ref } as const;
  return {
    merchant: 'default',
    noun: 'payment',
    id,
    state: 'pending',
    verb: 'pay',
    amount,
    channel: 'pending',
    attempts: [{ ...call, calledUntil: startedAt }],
    waitingFor: 'payer',
    expiresAt: instantOf(far),
    createdAt: startedAt,
    updatedAt: startedAt,
    version: 1,
    fingerprint: 'bench',
    request: { scene: 'qr' },
    secrets: false,
    asked: 0,
    undoing: 0,
  };
}

type SqliteStore = ReturnType<typeof sqliteStore>;

/** Pending payments, of which the first `asked` are due at once. */
async function fill(store: SqliteStore, from: number, to: number): Promise<void> {
  const step = 2000;
  for (let begin = from; begin < to; begin += step) {
    await store.transaction(async (transaction) => {
      for (let at = begin; at < Math.min(to, begin + step); at += 1) {
        const kept = keptOf(`order_${at}`);
        const key = { merchant: kept.merchant, noun: kept.noun, id: kept.id };
        const row = { ...key, state: kept.state, version: 1, createdAt: far, updatedAt: far };
        await transaction.insertEntry({ ...row, body: JSON.stringify(kept) });
        const name = JSON.stringify([key.merchant, key.noun, key.id]);
        await transaction.schedule({ kind: 'resolve', key: name, runAt: far });
      }
    });
  }
}

/** Microseconds for each of `asked` payments that fall due together. */
async function round(file: string): Promise<number> {
  const store = sqliteStore({ file });
  await store.open();
  await store.transaction(async (transaction) => {
    for (let at = 0; at < asked; at += 1) {
      const name = JSON.stringify(['default', 'payment', `order_${at}`]);
      await transaction.schedule({ kind: 'resolve', key: name, runAt: Date.now() });
    }
  });
  const begun = performance.now();
  const gateway = await createGateway({ channels: { pending: channel }, store });
  while ((await gateway.backlog('resolve')).due > 0) await new Promise((go) => setTimeout(go, 5));
  const took = performance.now() - begun;
  await gateway.close();
  return (took * 1000) / asked;
}

const costs = await withFile(async (file) => {
  const found: number[] = [];
  let filled = 0;
  for (const size of sizes) {
    const store = sqliteStore({ file, durability: 'normal' });
    await store.open();
    await fill(store, filled, size);
    await store.close();
    filled = size;
    const measured: number[] = [];
    for (let at = 0; at < rounds; at += 1) measured.push(await round(file));
    found.push(median(measured));
    process.stderr.write(`${size} pending: ${found.at(-1)?.toFixed(0)} µs each\n`);
  }
  return found;
});
const [first = 1] = costs;
const rows = sizes.map((size, at) => [
  size.toLocaleString('en'),
  (costs[at] ?? 0).toFixed(0),
  ((costs[at] ?? 0) / first).toFixed(2),
]);
process.stdout.write(
  `${circumstances(rounds)}; ${asked} payments asked about a round\n\n` +
    `${printTable(['pending', 'µs each', '×'], rows)}\n\n` +
    `the last beside the first: ${((costs.at(-1) ?? 0) / first).toFixed(2)} × (goal 1.2)\n`,
);
