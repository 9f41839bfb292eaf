/** Settling through a clearing house: what was traded, what moved, and when. */
import { type ClearingSite, startClearing } from '@polyrail/clearing-simulator';
import { createVirtualClock } from '@polyrail/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UnionPaySite } from '../src/index.ts';
import { backUrl, call, frontUrl, paid, query, sequel, start, startsAt } from './client.ts';

let house: ClearingSite;
let site: UnionPaySite;
beforeEach(async () => {
  const clock = createVirtualClock({ startAt: startsAt, frozen: true });
  house = await startClearing({ clock, mount: 'in-process', banks: [] });
  site = await start({ clock, clearing: house });
});
afterEach(async () => {
  await site.stop();
  await house.stop();
  site.clock.stop();
});

const today = '2026-11-24';
const tomorrow = '2026-11-25';
const goTo = (time: string) => site.clock.advanceTo(Date.parse(`${time}+08:00`));
const reserves = 1_000_000_000_000;

/** What the banks owe UnionPay is what its own ledger says was brought in from cards. */
function checkBooks(): void {
  house.check();
  const { accounts } = site.book() as { accounts: { account: string; balance: number }[] };
  const cards = accounts.filter(({ account }) => /^(payer|payee):/.test(account));
  const brought = cards.reduce((sum, { balance }) => sum + balance, 0);
  expect(house.reserves('unionpay') + house.position('unionpay') - reserves + brought).toBe(0);
  expect(accounts.reduce((sum, { balance }) => sum + balance, 0)).toBe(0);
}

describe('a clearing house', () => {
  it('is joined by UnionPay and by the banks of its cards, once each', async () => {
    expect(house.banks()).toEqual([
      'ordinary-bank',
      'three-factors-bank',
      'silent-bank',
      'once-only-bank',
      'slow-bank',
    ]);
    expect(house.participants().at(-1)).toMatchObject({ name: 'unionpay', kind: 'payer' });
  });

  it('may have some of these banks already', async () => {
    const banks = ['silent-bank', 'far-bank'];
    const { clock } = site;
    await using other = await startClearing({ clock, mount: 'in-process', banks });
    await using _ = await start({ clock, clearing: other });
    expect(other.banks().filter((name) => name === 'silent-bank')).toHaveLength(1);
    expect(other.banks()).toHaveLength(6);
  });

  it('nets payments, undos and refunds of a day, and moves reserves at 23:00', async () => {
    await paid(site, 'order0001');
    const undone = await paid(site, 'order0002');
    await sequel(site, '31', {
      orderId: 'undo00001',
      origQryId: undone['queryId'] ?? '',
      txnAmt: '1000',
    });
    await site.clock.advance(60_000);
    expect(site.book('order0002')).toMatchObject({ state: 'UNDONE' });
    expect(house.reserves('unionpay')).toBe(reserves);
    checkBooks();
    await goTo('2026-11-24T23:00:00');
    expect(house.netting(today).rows).toMatchObject([
      { debtor: 'ordinary-bank', creditor: 'unionpay', owed: 2_000, due: 1_000, net: 1_000 },
    ]);
    expect(house.fundsStatement('unionpay', today)).toMatchObject({
      opening: reserves,
      closing: reserves + 1_000,
      lines: [{ counterpart: 'ordinary-bank', amount: 1_000 }],
    });
    checkBooks();
  });

  it('hears of holds, of what is captured of them, of what is undone, and of payouts', async () => {
    const minute = () => site.clock.advance(60_000);
    const money = { txnAmt: '1000', currencyCode: '156', backUrl };
    const hold = { txnType: '02', txnSubType: '01', bizType: '000201', orderId: 'hold00001' };
    await call(site, 'front', { ...hold, frontUrl, ...money });
    await site.payer.approve('hold00001');
    await minute();
    expect(house.position('unionpay')).toBe(1_000);
    const held = (await query(site, 'hold00001')).fields['queryId'] ?? '';
    await sequel(site, '03', { orderId: 'take00001', origQryId: held, txnAmt: '800' });
    await minute();
    expect(house.position('unionpay')).toBe(800);
    checkBooks();
    const taken = (await query(site, 'take00001')).fields['queryId'] ?? '';
    await sequel(site, '33', { orderId: 'undo00001', origQryId: taken, txnAmt: '800' });
    await minute();
    expect(house.position('unionpay')).toBe(1_000);
    checkBooks();
    await call(site, 'back', {
      ...{ txnType: '12', txnSubType: '00', bizType: '000401', orderId: 'payout001' },
      ...{ ...money, txnAmt: '300', accType: '04', accNo: '0200001009000000001' },
      reserved: '{comDebitCardAccName=茶叶公司&businessLicenseRegNo=1}',
    });
    await minute();
    expect(site.payout('payout001')).toMatchObject({ paid: 300 });
    expect(house.position('unionpay')).toBe(700);
    checkBooks();
  });

  it('settles a day later what it heard of after the cut-off: trade and funds differ', async () => {
    await paid(site, 'order0001');
    await goTo('2026-11-24T22:58:00');
    house.faults.arm({ fault: 'drop-request', operation: 'record', times: 3 });
    await paid(site, 'order0002');
    await goTo('2026-11-24T23:30:00');
    // UnionPay's own day has both of them.
    expect(await site.settle(today)).toEqual({ lines: 2 });
    expect(house.settlement('unionpay', today).settled).toBe(1_000);
    checkBooks();
    await goTo('2026-11-25T23:00:00');
    const { entries } = house.settlement('unionpay', tomorrow);
    expect(entries).toMatchObject([{ net: 1_000, fate: 'settled', items: [{ amount: 1_000 }] }]);
    expect(entries[0]?.items[0]?.occurredAt.slice(0, 16)).toBe('2026-11-24T14:58');
    expect(entries[0]?.items[0]?.recordedAt.slice(0, 16)).toBe('2026-11-24T15:01');
    checkBooks();
  });
});
