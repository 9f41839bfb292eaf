/** examples · doubt: replies that never come, and how a payment gets an end all the same. */
import type { Payment } from '@polyrail/core';
import { minuteMs, type Stage } from '../stage.ts';
import { walletCode } from './paying.ts';

const operation = 'alipay.trade.pay';
const doubtOf = (payment: Payment) =>
  payment.status === 'unknown' ? payment.doubt : payment.status;

/** Done, but unheard: the fault that charges people twice. */
export async function lostReply(stage: Stage): Promise<void> {
  const { shop, narrator, site, order } = stage;
  narrator.act('Done, but nobody heard');
  narrator.aside('The next reply is lost after the work was done.');
  site.faults.arm({ fault: 'drop-reply', operation, id: 'tea_9' });
  const request = {
    scene: 'barcode',
    authCode: walletCode,
    ...order('tea_9', '66.00', 'Tea'),
  } as const;
  const unheard = await shop.pay(request);
  narrator.check('It says so: unknown, not failed', doubtOf(unheard), 'no-reply');
  narrator.check('For the payer was charged', site.book('tea_9')?.paid, 6600);
  narrator.check('A query resolves it', (await shop.query('tea_9')).status, 'succeeded');
  narrator.check(
    'The same id again is the same payment',
    (await shop.pay(request)).status,
    'succeeded',
  );
  narrator.check('Charged once, whatever was repeated', site.book('tea_9')?.debits, 1);
}

/** Never received: the same silence, the opposite truth. */
export async function lostRequest(stage: Stage): Promise<void> {
  const { shop, narrator, site, order } = stage;
  narrator.act('The same silence, the opposite truth');
  narrator.aside(
    'This time the request is lost on its way. The merchant cannot tell the difference.',
  );
  site.faults.arm({ fault: 'drop-request', operation, id: 'tea_10' });
  const authCode = walletCode;
  const unheard = await shop.pay({
    scene: 'barcode',
    authCode,
    ...order('tea_10', '66.00', 'Tea'),
  });
  narrator.check('Unknown as well', doubtOf(unheard), 'no-reply');
  const absent = await shop.query('tea_10');
  narrator.check(
    'Not found is a reading, no proof: it may still be on its way',
    doubtOf(absent),
    'not-found',
  );
  await stage.passTime(minuteMs, 'a minute, in which it could appear');
  const undone = await shop.reverse('tea_10');
  const effect = undone.status === 'succeeded' && undone.effect;
  narrator.check('Reversed: proof that nothing is there', effect, 'nothing-there');
  narrator.check('Nobody was charged', site.book('tea_10')?.debits ?? 0, 0);
}
