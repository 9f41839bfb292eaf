/** Payers' simulators that settle through one clearing house. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openTown, type Town } from './town.ts';

const hourMs = 3_600_000;
const goTo = ({ clock }: Town, time: string) => clock.advanceTo(Date.parse(`${time}+08:00`));
const payers = ['alipay', 'wechatpay'] as const;
type Payer = (typeof payers)[number];

interface Account {
  readonly account: string;
  readonly balance: number;
}
const accountsOf = (town: Town, payer: Payer): readonly Account[] =>
  (town[payer].book() as { accounts: readonly Account[] }).accounts;
const sumOf = (accounts: readonly Account[]): number =>
  accounts.reduce((sum, { balance }) => sum + balance, 0);

/** Everything adds up, in every book by itself and in all of them together. */
function checkTown(town: Town): void {
  const { house } = town;
  house.check();
  const members = house.participants();
  const given = members.reduce((sum, { openingReserves }) => sum + openingReserves, 0);
  expect(members.reduce((sum, { name }) => sum + house.reserves(name), 0)).toBe(given);
  expect(members.reduce((sum, { name }) => sum + house.position(name), 0)).toBe(0);
  for (const payer of payers) {
    const accounts = accountsOf(town, payer);
    expect(sumOf(accounts), payer).toBe(0);
    const atBank = /^payer:|^payee:BANKCARD/;
    const elsewhere = accounts.filter(({ account }) => atBank.test(account));
    const { openingReserves = 0 } = members.find(({ name }) => name === payer) ?? {};
    // What it gained, in reserves or still to come, is what its payers brought in.
    const gained = house.reserves(payer) + house.position(payer) - openingReserves;
    expect(gained + sumOf(elsewhere), payer).toBe(0);
  }
}

/** Fen in and out of a trade bill of WeChat Pay. */
async function tradeBill(town: Town, bill_date: string): Promise<number> {
  const { v3 } = town.wechatClient;
  const { data } = await v3.bill.tradebill.get({ params: { bill_date, bill_type: 'ALL' } });
  const bill = await v3.billdownload.file.get({
    params: { token: new URL(data.download_url).searchParams.get('token') },
    responseType: 'arraybuffer',
    transformResponse: [(bytes: Buffer) => bytes],
  });
  const lines = Buffer.from(bill.data).toString('utf8').trim().split('\r\n');
  const [, paid = '', returned = ''] = (lines.at(-1) ?? '').replaceAll('`', '').split(',');
  return Math.round((Number(paid) - Number(returned)) * 100);
}

describe('a day of trade and a day of funds', () => {
  it('differ by what came after the cut-off, and together tell the same', async () => {
    await using town = await openTown();
    const { house, shops } = town;
    await shops.wechatpay.pay('before', 10_000);
    await goTo(town, '2026-11-24T22:30:00');
    await shops.wechatpay.refund('refund-1', 'before', 1_000);
    await goTo(town, '2026-11-24T23:30:00');
    await shops.wechatpay.pay('late-one', 20_000);
    await goTo(town, '2026-11-25T09:30:00');
    await shops.wechatpay.pay('morning', 40_000);
    await goTo(town, '2026-11-26T10:30:00');

    expect(await tradeBill(town, '2026-11-24')).toBe(29_000);
    expect(await tradeBill(town, '2026-11-25')).toBe(40_000);
    const funds = ['2026-11-24', '2026-11-25'].map((day) => house.fundsStatement('wechatpay', day));
    const moved = funds.map(({ opening, closing }) => closing - opening);
    expect(moved).toEqual([9_000, 60_000]);
    const late = house
      .settlement('wechatpay', '2026-11-25')
      .entries.flatMap(({ items }) => items)
      .filter(({ occurredAt }) => occurredAt < '2026-11-24T16:00:00.000Z');
    expect(late).toMatchObject([{ amount: 20_000, occurredAt: '2026-11-24T15:30:00.000Z' }]);
    checkTown(town);
  });

  it('nets what banks owe payers and payers owe banks', async () => {
    await using town = await openTown({ banks: ['the-bank'] });
    const { house, shops } = town;
    await shops.alipay.pay('a1', 5_000);
    await shops.alipay.pay('a2', 700);
    await shops.alipay.refund('r1', 'a1', 2_000);
    await shops.wechatpay.pay('order-w', 300);
    expect(house.reserves('alipay')).toBe(1_000_000_000_000);
    house.close('2026-11-24');
    expect(house.netting('2026-11-24').rows).toMatchObject([
      { debtor: 'the-bank', creditor: 'alipay', owed: 5_700, due: 2_000, net: 3_700 },
      { debtor: 'the-bank', creditor: 'wechatpay', owed: 300, due: 0, net: 300 },
    ]);
    const memos = house.settlement('alipay', '2026-11-24').entries[0]?.items;
    expect(memos?.map(({ memo }) => memo.replace(/ \d{16} /, ' APP '))).toEqual([
      'pay APP a1',
      'pay APP a2',
      'refund APP a1',
    ]);
    checkTown(town);
  });

  it('sees a payout to a bank card leave and return, and none between two of one house', async () => {
    await using town = await openTown({ banks: ['the-bank'] });
    const { alipay, house, shops, clock } = town;
    await shops.alipay.transfer('wages1', 'ALIPAY_USER_ID', 300);
    await clock.advance(hourMs);
    expect(alipay.payout('wages1')).toMatchObject({ paid: 300 });
    expect(house.position('alipay')).toBe(0);
    alipay.faults.arm({ fault: 'payout-returned' });
    await shops.alipay.transfer('wages2', 'BANKCARD_ACCOUNT', 500);
    expect(house.position('alipay')).toBe(0);
    await clock.advance(hourMs);
    expect(house.position('alipay')).toBe(-500);
    checkTown(town);
    await clock.advance(25 * hourMs);
    expect(alipay.payout('wages2')).toMatchObject({ returned: 500 });
    expect(house.reserves('alipay') + house.position('alipay')).toBe(1_000_000_000_000);
    checkTown(town);
  });

  it('leaves a payer that cannot pay its refunds short, and its merchants untouched', async () => {
    await using town = await openTown({ banks: ['the-bank'], reserves: { alipay: 0 } });
    const { house, shops, alipay } = town;
    await shops.alipay.pay('a1', 5_000);
    house.close('2026-11-24');
    await shops.alipay.refund('r1', 'a1', 5_000);
    await shops.alipay.pay('a2', 100);
    house.close('2026-11-25');
    expect(house.reserves('alipay')).toBe(100);
    expect(alipay.book('a1')).toMatchObject({ refunded: 5_000 });
    checkTown(town);
  });
});

describe('the whole town', () => {
  const act = fc.record({
    do: fc.constantFrom('pay', 'pay', 'refund', 'wait', 'wrong', 'unheard', 'close'),
    payer: fc.constantFrom(...payers),
    amount: fc.integer({ min: 1, max: 90_000 }),
    fault: fc.constantFrom('drop-request', 'drop-reply', 'server-error', 'truncate-body', 'delay'),
    hours: fc.integer({ min: 1, max: 20 }),
  });

  it('keeps its money over any days, with any faults on either side', async () => {
    const business = { alipay: 0, wechatpay: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 14 }), async (acts) => {
        await using town = await openTown({ reserves: { alipay: 0 } });
        const { clock, house, shops } = town;
        const paid: [Payer, string][] = [];
        let count = 0;
        for (const { do: what, payer, amount, fault, hours } of acts) {
          count += 1;
          const id = `order_${count}`;
          const [whose, of] = paid[amount % Math.max(1, paid.length)] ?? [];
          // What a merchant hears is not the point: the books are.
          const silently = (deed: Promise<unknown>) => deed.catch(() => undefined);
          if (what === 'pay') {
            await silently(shops[payer].pay(id, amount));
            paid.push([payer, id]);
          }
          if (what === 'refund' && whose !== undefined && of !== undefined) {
            await silently(shops[whose].refund(id, of, Math.ceil(amount / 3)));
          }
          if (what === 'wait') await clock.advance(hours * hourMs);
          if (what === 'wrong')
            town[payer].faults.arm(fault === 'delay' ? { fault, delayMs: 1 } : { fault, times: 2 });
          if (what === 'unheard') house.faults.arm({ fault, operation: 'record', times: 3 });
          if (what === 'close') house.close(house.businessDay());
        }
        house.faults.clear();
        for (const payer of payers) town[payer].faults.clear();
        await clock.advance(3 * hourMs);
        checkTown(town);
        await clock.advance(48 * hourMs);
        checkTown(town);
        for (const payer of payers) {
          business[payer] += accountsOf(town, payer).some(({ account }) => /^payer/.test(account))
            ? 1
            : 0;
        }
        // Each night, all participants together received what they paid.
        for (const day of ['2026-11-24', '2026-11-25']) {
          const all = house.participants().map(({ name }) => house.settlement(name, day).settled);
          expect(all.reduce((sum, amount) => sum + amount, 0)).toBe(0);
        }
      }),
      { numRuns: 12 },
    );
    // It was not all refused.
    expect(business.alipay).toBeGreaterThan(2);
    expect(business.wechatpay).toBeGreaterThan(2);
  });
});
