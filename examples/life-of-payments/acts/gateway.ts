/** examples · gateway: a program that forgets nothing - a doubt outlived, late money given back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instantOf } from '@polyrail/core';
import { type Backend, openBackend } from '../backend.ts';
import { hourMs, minuteMs, type Stage } from '../stage.ts';
import { walletCode } from './paying.ts';

type PayOrder = Parameters<Backend['gateway']['pay']>[0];

/** A payment through the gateway, timed and told. */
async function pay({ narrator }: Stage, { gateway }: Backend, request: PayOrder) {
  const begun = performance.now();
  const entry = await gateway.pay(request);
  const ms = performance.now() - begun;
  const { scene, merchantPaymentId: id } = request;
  const note = entry.doubt === undefined ? '' : `doubt: ${entry.doubt}, stored`;
  narrator.line({ actor: 'call', verb: 'gateway.pay', scene, id, status: entry.state, ms, note });
  return entry;
}

/** Done but unheard, and the program stops: the next one finds the payment on disk, and asks. */
async function outlived(stage: Stage, file: string): Promise<void> {
  const { narrator, site, order } = stage;
  const request = {
    scene: 'barcode',
    authCode: walletCode,
    ...order('tea_18', '66.00', 'Tea'),
  } as const;
  site.faults.arm({ fault: 'drop-reply', operation: 'alipay.trade.pay', id: 'tea_18' });
  site.faults.arm({ fault: 'lost-notification', id: 'tea_18' });
  const first = await openBackend(stage, file);
  const unheard = await pay(stage, first, request);
  await first.close();
  narrator.line({
    actor: 'world',
    verb: 'the program',
    note: 'stops, and starts again on its file',
  });
  const second = await openBackend(stage, file);
  try {
    const stored = await second.gateway.find('payment', 'tea_18');
    narrator.check(
      'Unknown before, unknown after',
      [unheard.state, stored?.state],
      ['unknown', 'unknown'],
    );
    await stage.passTime(6_000, 'six seconds: it asks by itself');
    const paid = await second.until('tea_18', () => second.shipped.length > 0);
    narrator.check('Resolved: it is paid', paid?.state, 'succeeded');
    const again = await pay(stage, second, request);
    narrator.check('Ordered again, it is the same payment', again.state, 'succeeded');
    narrator.check(
      'Charged once, shipped once',
      [site.book('tea_18')?.debits, second.shipped],
      [1, ['tea_18']],
    );
  } finally {
    await second.close();
  }
}

/** For minutes Alipay's own queries find no trade: longer than it promises. */
function fallBehind({ site }: Stage, id: string): void {
  const [query, close] = ['alipay.trade.query', 'alipay.trade.close'];
  const subCode = 'ACQ.TRADE_NOT_EXIST';
  site.faults.arm({ fault: 'lost-notification', id });
  site.faults.arm({ fault: 'trade-not-exist-lag', operation: query, id, times: 100 });
  site.faults.arm({ fault: 'business-error', operation: close, id, times: 100, subCode });
}

/** Money that arrives after its payment was proven absent: told apart, and given back. */
async function givenBack(stage: Stage, backend: Backend): Promise<void> {
  const { narrator, site, order, payer } = stage;
  const { gateway } = backend;
  const expiresAt = instantOf(site.clock.now() + 2 * minuteMs);
  const asked = await pay(stage, backend, {
    scene: 'qr',
    ...order('tea_19', '50.00', 'Tea'),
    expiresAt,
  });
  await stage.passTime(minuteMs, 'a minute passes');
  fallBehind(stage, 'tea_19');
  const told = { verb: 'payer', id: 'tea_19', note: 'pays in time, and nobody can tell' };
  await stage.world(told, () => payer.follow(asked.nextAction, 'approve'));
  await stage.passTime(3 * minuteMs, 'the order expires, not found to the end');
  const absent = await backend.until('tea_19', ({ state }) => state === 'failed');
  narrator.check(
    'Not found when it had to be: it failed',
    [absent?.state, absent?.proof],
    ['failed', 'not-found'],
  );
  await stage.passTime(2 * minuteMs, 'the notification comes again');
  const late = await backend.until('tea_19', ({ late }) => late !== undefined);
  narrator.check(
    'Late money is neither dropped nor applied',
    [late?.state, late?.late?.decision],
    ['late-success', 'undecided'],
  );
  await stage.passTime(hourMs + minuteMs, 'an hour, and nobody decides');
  const end = await backend.until('tea_19', ({ undone }) => undone !== undefined);
  narrator.check('So it was given back', end?.undone, { by: 'refund', amount: asked.amount });
  narrator.check('The ledger agrees', site.book('tea_19')?.refunded, 5000);
  narrator.check('and nothing was shipped for it', backend.shipped, []);
  const kinds = (await gateway.history('payment', 'tea_19')).map(({ kind }) => kind);
  narrator.aside(`Its history: ${[...new Set(kinds)].join(', ')}.`);
}

export async function gatewayRemembers(stage: Stage): Promise<void> {
  const { narrator } = stage;
  narrator.act('A gateway remembers: the doubt again, and late money');
  narrator.aside('@polyrail/gateway stores a payment before its first byte leaves, and ends it.');
  const folder = mkdtempSync(join(tmpdir(), 'polyrail-life-'));
  const file = join(folder, 'gateway.db');
  try {
    await outlived(stage, file);
    const backend = await openBackend(stage, file);
    try {
      await givenBack(stage, backend);
    } finally {
      await backend.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
