/** examples · paying: the six scenes, and a payer who takes his time. */
import type { Agreement, Authorization, NextAction, Payment } from '@polyrail/core';
import type { Stage } from '../stage.ts';

export const nextActionOf = (asked: Payment | Agreement | Authorization): NextAction | undefined =>
  asked.status === 'pending' ? asked.nextAction : undefined;

/** The code a payer's wallet shows; a counter scans it. */
export const walletCode = '280123456789012345';

/** One payment from the order to the money, slowly. */
export async function codeOnTheCounter(stage: Stage): Promise<void> {
  const { shop, payer, narrator, doorbell, site, order } = stage;
  narrator.act('A QR code on the counter');
  const notifyUrl = doorbell.url;
  const asked = await shop.pay({ scene: 'qr', ...order('tea_1', '36.00', 'Tea'), notifyUrl });
  const action = nextActionOf(asked);
  narrator.check('A code is there to be shown', action?.kind, 'qr');
  await stage.world({ verb: 'payer', id: 'tea_1', note: 'scans it and presses Pay' }, () =>
    payer.follow(action, 'approve'),
  );
  narrator.check(
    'The pushed truth is booked',
    shop.books.payments.get('tea_1')?.status,
    'succeeded',
  );
  const paid = await shop.query('tea_1');
  narrator.check(
    'The queried truth is the same',
    [paid.status, paid.evidence],
    ['succeeded', 'signed'],
  );
  narrator.check(
    'The payer was charged once, in the channel’s ledger',
    site.book('tea_1')?.debits,
    1,
  );
}

/** The other ways to pay; where the payer needs a browser, it is a browser's requests. */
export async function everyScene(stage: Stage): Promise<void> {
  const { shop, payer, narrator, doorbell, site, order } = stage;
  narrator.act('Five other ways to pay');
  const notifyUrl = doorbell.url;
  const goods = (id: string, yuan: string) => ({ ...order(id, yuan, 'Tea'), notifyUrl });
  const back = { returnUrl: 'http://127.0.0.1/thanks' };
  const handedOver = [
    { scene: 'page', ...goods('tea_2', '88.00'), ...back },
    { scene: 'h5', ...goods('tea_3', '25.00'), ...back },
    { scene: 'app', ...goods('tea_4', '19.90') },
  ] as const;
  for (const request of handedOver) {
    const action = nextActionOf(await shop.pay(request));
    const told = { verb: 'payer', id: request.merchantPaymentId, note: 'opens it, presses Pay' };
    await stage.world(told, () => payer.follow(action, 'approve'));
  }
  const payerId = '2088722003899169';
  await shop.pay({ scene: 'in-wallet', payerId, ...goods('tea_5', '12.50') });
  await stage.world({ verb: 'payer', id: 'tea_5', note: 'confirms in the wallet' }, () =>
    site.payer.approve('tea_5'),
  );
  const authCode = walletCode;
  await shop.pay({ scene: 'barcode', authCode, ...goods('tea_6', '8.00') });
  const ids = ['tea_2', 'tea_3', 'tea_4', 'tea_5', 'tea_6'];
  const states = ids.map((id) => shop.books.payments.get(id)?.status);
  narrator.check('All five are paid', new Set(states), new Set(['succeeded']));
}

/** A barcode payment that waits for a password: asked about, then given up. */
export async function payerHesitates(stage: Stage): Promise<void> {
  const { shop, narrator, site, order } = stage;
  narrator.act('The payer’s phone asks for a password');
  const operation = 'alipay.trade.pay';
  site.faults.arm({ fault: 'user-paying', operation, id: 'tea_7', queries: 2 });
  const authCode = walletCode;
  await shop.pay({ scene: 'barcode', authCode, ...order('tea_7', '42.00', 'Tea') });
  const [firstMs, secondMs] = [5_000, 5_000];
  await stage.passTime(firstMs, 'five seconds pass');
  const still = await shop.query('tea_7');
  narrator.check('Not final is neither paid nor failed', still.status, 'pending');
  await stage.passTime(secondMs, 'five more');
  narrator.check('Now it is paid', (await shop.query('tea_7')).status, 'succeeded');

  narrator.aside(
    'The next payer walks away. The counter cannot wait, and does not guess: it reverses.',
  );
  site.faults.arm({ fault: 'user-paying', operation, id: 'tea_8' });
  await shop.pay({ scene: 'barcode', authCode, ...order('tea_8', '42.00', 'Tea') });
  const undone = await shop.reverse('tea_8');
  narrator.check(
    'Closed: no money can come',
    undone.status === 'succeeded' && undone.effect,
    'closed',
  );
  narrator.check('Nobody was charged', site.book('tea_8')?.debits, 0);
}
