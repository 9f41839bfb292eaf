/** examples · outgoing: money to payees - at once to a wallet, later to a bank card, and back again. */
import type { AlipayPayoutChannel } from '@polyrail/alipay';
import { addMoney, money, secret } from '@polyrail/core';
import type { Stage } from '../stage.ts';
import type { Watch } from '../watch.ts';

/** Only with certificates does Alipay take transfers. */
export async function payOut(
  stage: Stage,
  { channel, appId, watch }: { channel: AlipayPayoutChannel; appId: string; watch: Watch },
): Promise<void> {
  const { narrator, site } = stage;
  const available = async () => (await channel.balance())[0]?.available;
  narrator.act('Money to payees: a wallet at once, a bank card later');
  const before = await available();
  const wage = { amount: money('50.00', 'CNY'), purpose: 'Wages' };
  const wallet = { kind: 'wallet', id: '2088622912345678' } as const;
  const card = {
    kind: 'bank',
    account: secret('6222021234567890128'),
    name: secret('Zhang Xiaoming'),
    bank: '招商银行',
  } as const;
  const first = { ...wage, merchantPayoutId: 'wage_1', payee: wallet };
  await watch({ verb: 'payout', id: 'wage_1' }, () => channel.payout(first));
  await watch({ verb: 'payout', id: 'wage_1' }, () => channel.payout(first));
  narrator.check('Twice under one id is once', site.payout('wage_1', appId)?.transfers, 1);
  const second = { ...wage, merchantPayoutId: 'wage_2', payee: card };
  const sent = await watch({ verb: 'payout', id: 'wage_2' }, () => channel.payout(second));
  narrator.check('A bank card takes its time: pending, not failed', sent.status, 'pending');
  await stage.world({ verb: 'the bank', id: 'wage_2', note: 'credits the card' }, () =>
    site.payer.approve('wage_2', { appId }),
  );
  await watch({ verb: 'queryPayout', id: 'wage_2' }, () => channel.queryPayout(sent.ref));
  await stage.world(
    { verb: 'the bank', id: 'wage_2', note: 'the card is closed: sends it back' },
    () => site.payer.decline('wage_2', { appId }),
  );
  const back = await watch({ verb: 'queryPayout', id: 'wage_2' }, () =>
    channel.queryPayout(sent.ref),
  );
  narrator.check(
    'It had arrived, and came back: both are told',
    [back.status, back.status === 'succeeded' && back.returned !== undefined],
    ['succeeded', true],
  );
  const after = await available();
  narrator.check('The account is one wage lighter', after && addMoney(after, wage.amount), before);
}
