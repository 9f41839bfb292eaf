/** examples · late: what closing an order proves, and money that comes after it. */
import type { Closure } from '@polyrail/core';
import type { Stage } from '../stage.ts';
import { nextActionOf } from './paying.ts';

const endOf = (closure: Closure): string => {
  if (closure.status === 'unknown') return closure.doubt;
  return closure.status === 'failed' ? closure.reason : closure.status;
};

/** Opened by the payer, so that Alipay knows it: closing it is proof. */
async function closedForGood(stage: Stage): Promise<void> {
  const { shop, payer, narrator, site, order } = stage;
  const asked = await shop.pay({ scene: 'page', ...order('tea_14', '50.00', 'Tea') });
  let press: Awaited<ReturnType<typeof payer.open>> | undefined;
  await stage.world(
    { verb: 'payer', id: 'tea_14', note: 'opens the page, and thinks' },
    async () => {
      press = await payer.open(nextActionOf(asked));
    },
  );
  narrator.check('Closed', endOf(await shop.close('tea_14')), 'succeeded');
  await stage.world({ verb: 'payer', id: 'tea_14', note: 'presses Pay, too late' }, async () =>
    press?.('approve'),
  );
  narrator.check('No money came', site.book('tea_14')?.paid, 0);
}

/** A code nobody scanned is no trade yet: closing it proves nothing, and here the money comes. */
async function closedTooEarly(stage: Stage): Promise<void> {
  const { shop, payer, narrator, doorbell, site, order } = stage;
  const notifyUrl = doorbell.url;
  const asked = await shop.pay({ scene: 'qr', ...order('tea_15', '50.00', 'Tea'), notifyUrl });
  const closure = await shop.close('tea_15');
  narrator.check('Nothing there to close is no proof', endOf(closure), 'not-found');
  const told = { verb: 'payer', id: 'tea_15', note: 'scans a photo of the code, pays' };
  await stage.world(told, () => payer.follow(nextActionOf(asked), 'approve'));
  const late = await shop.query('tea_15');
  narrator.check('Late money is told', late.status, 'succeeded');
  narrator.aside('Accept it or give it back, but decide. This shop gives it back.');
  const payment = shop.refOf('tea_15');
  const { amount } = asked.ref;
  if (amount !== undefined) await shop.refund({ payment, merchantRefundId: 'late_15', amount });
  const back = await shop.query('tea_15');
  const undone = back.status === 'succeeded' ? back.undone?.amount : undefined;
  narrator.check('Paid stays paid; what went back stands beside it', undone, amount);
  narrator.check('The payer has it all back', site.book('tea_15')?.refunded, 5000);
}

/** Paid in the second before: the answer says what to do next. */
async function closedTooLate(stage: Stage): Promise<void> {
  const { shop, narrator, site, order } = stage;
  const payerId = '2088722003899169';
  await shop.pay({ scene: 'in-wallet', payerId, ...order('tea_16', '50.00', 'Tea') });
  await stage.world(
    { verb: 'payer', id: 'tea_16', note: 'pays; nobody has told the shop yet' },
    () => site.payer.approve('tea_16'),
  );
  narrator.check('It was paid already', endOf(await shop.close('tea_16')), 'already-paid');
  narrator.check('So it is asked for, and kept', (await shop.query('tea_16')).status, 'succeeded');
}

export async function lateMoney(stage: Stage): Promise<void> {
  stage.narrator.act('Closing an order, and late money');
  await closedForGood(stage);
  await closedTooEarly(stage);
  await closedTooLate(stage);
}
