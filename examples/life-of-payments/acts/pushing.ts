/** examples · pushing: notifications that come twice, from a stranger, altered, or late. */
import { minuteMs, type Stage } from '../stage.ts';
import { nextActionOf } from './paying.ts';

async function payByCode(stage: Stage, id: string, note: string): Promise<void> {
  const { shop, payer, doorbell, order } = stage;
  const request = { ...order(id, '15.00', 'Tea'), notifyUrl: doorbell.url };
  const asked = await shop.pay({ scene: 'qr', ...request });
  await stage.world({ verb: 'payer', id, note }, () =>
    payer.follow(nextActionOf(asked), 'approve'),
  );
}

export async function postOffice(stage: Stage): Promise<void> {
  const { shop, narrator, site, doorbell } = stage;
  const statusOf = (id: string) => shop.books.payments.get(id)?.status;
  narrator.act('Notifications: twice, forged, lost');
  site.faults.arm({ fault: 'duplicate-notification', id: 'tea_11' });
  const { news } = doorbell.count;
  await payByCode(stage, 'tea_11', 'pays; the channel tells it twice');
  narrator.check('Heard twice, booked once', doorbell.count.news - news, 1);

  site.faults.arm({ fault: 'forged-notification', id: 'tea_12' });
  const { refused } = doorbell.count;
  await payByCode(stage, 'tea_12', 'pays; a forger is faster than the channel');
  narrator.check('The forged one is refused', doorbell.count.refused - refused, 1);
  narrator.check('The genuine one behind it is booked', statusOf('tea_12'), 'succeeded');

  site.faults.arm({ fault: 'lost-notification', id: 'tea_13' });
  await payByCode(stage, 'tea_13', 'pays; the notification is lost');
  narrator.check('The books have heard nothing yet', statusOf('tea_13'), 'pending');
  await stage.passTime(4 * minuteMs, 'four minutes, the ladder’s first step');
  narrator.check('Delivered again, and booked', statusOf('tea_13'), 'succeeded');
}
