/** examples · returning: money back - in parts, repeated, too much, and all at once. */
import { money } from '@polyrail/core';
import type { Stage } from '../stage.ts';

export async function moneyGoesBack(stage: Stage): Promise<void> {
  const { shop, narrator, site } = stage;
  narrator.act('Money goes back, in parts');
  const payment = shop.refOf('tea_2');
  const part = (merchantRefundId: string, yuan: string) => ({
    payment,
    merchantRefundId,
    amount: money(yuan, 'CNY'),
    note: 'A cup was broken',
  });
  await shop.refund(part('back_1', '20.00'));
  const second = await shop.refund(part('back_2', '30.00'));
  narrator.aside(
    'Did the second one go through? Ask again with the same id: it is the same refund.',
  );
  const again = await shop.refund(part('back_2', '30.00'));
  narrator.check(
    'Repeated, and carried out once',
    [again.status, site.book('tea_2')?.refunds],
    ['succeeded', 2],
  );
  const found = await shop.queryRefund(second.ref);
  narrator.check('The refund is found by its id', found.status, 'succeeded');
  const tooMuch = await shop.refund(part('back_3', '50.00'));
  const why = tooMuch.status === 'failed' ? tooMuch.reason : tooMuch.status;
  narrator.check('No more goes back than was paid', why, 'refund-exceeds');
  const truth = site.book('tea_2');
  narrator.check(
    'The ledger agrees: ¥88.00 in, ¥50.00 back',
    [truth?.paid, truth?.refunded],
    [8800, 5000],
  );
}

export async function soldByMistake(stage: Stage): Promise<void> {
  const { shop, narrator, site } = stage;
  narrator.act('Rung up by mistake: cancelled the same day');
  const payment = shop.refOf('tea_6');
  const undone = await shop.cancel({ payment, merchantCancelId: 'undo_6' });
  narrator.check('All of it went back', undone.status === 'succeeded' && undone.effect, 'refunded');
  narrator.check('The ledger agrees', site.book('tea_6')?.refunded, 800);
}
