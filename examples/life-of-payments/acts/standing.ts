/** examples · standing: consent that stands - a membership charged as agreed, and a deposit held. */
import { money } from '@polyrail/core';
import type { Stage } from '../stage.ts';
import { nextActionOf, walletCode } from './paying.ts';

const member = { merchantAgreementId: 'club1', extra: { signScene: 'INDUSTRY|DIGITAL_MEDIA' } };

/** Signed once on a page of the channel's, then charged without the payer. */
export async function membership(stage: Stage): Promise<void> {
  const { shop, payer, narrator, doorbell, site, order } = stage;
  narrator.act('A membership: signed once, charged as agreed');
  const notifyUrl = doorbell.url;
  const returnUrl = 'http://127.0.0.1/club';
  const asked = await shop.signUp({ scene: 'page', ...member, notifyUrl, returnUrl });
  await stage.world({ verb: 'payer', id: 'club1', note: 'reads the terms and signs' }, () =>
    payer.follow(nextActionOf(asked), 'approve'),
  );
  narrator.check('The pushed truth is booked', shop.books.agreements.get('club1'), 'active');
  const signed = await shop.querySignUp(asked.ref);
  const standing = signed.status === 'succeeded' ? signed.standing : signed.status;
  narrator.check('The consent stands', standing, 'active');
  const month = (id: string) => ({
    scene: 'agreement' as const,
    agreement: signed.ref,
    ...order(id, '15.00', 'Membership'),
  });
  await shop.pay(month('club_jan'));
  await shop.pay(month('club_feb'));
  const again = await shop.pay(month('club_feb'));
  narrator.check(
    'February twice under one id is February once',
    [again.status, site.agreement('club1')?.charges],
    ['succeeded', 2],
  );
  await stage.world({ verb: 'payer', id: 'club1', note: 'ends it in the wallet' }, () =>
    site.payer.decline('club1'),
  );
  narrator.check('We were told', shop.books.agreements.get('club1'), 'ended');
  const after = await shop.pay(month('club_mar'));
  const why = after.status === 'failed' ? after.reason : after.status;
  narrator.check('March cannot be charged any more', why, 'agreement-inactive');
  narrator.check('The ledger agrees', site.agreement('club1')?.charges, 2);
}

/** Money held at check-in; what was used is taken, the rest is given free. */
export async function deposit(stage: Stage): Promise<void> {
  const { shop, narrator, site, order } = stage;
  narrator.act('A deposit: held, taken in parts, given free');
  const request = { ...order('room_7', '300.00', 'Deposit for room 7'), authCode: walletCode };
  const held = await shop.authorize({ scene: 'barcode', ...request });
  narrator.check('Held, and still the payer’s', site.authorization('room_7')?.captured, 0);
  const description = 'Room 7';
  const taken = { authorization: held.ref, description };
  const amount = money('120.00', 'CNY');
  await shop.capture({ ...taken, merchantPaymentId: 'night_7', amount, final: false });
  const tooMuch = await shop.capture({
    ...taken,
    merchantPaymentId: 'bar_7',
    amount: money('250.00', 'CNY'),
    final: false,
  });
  const why = tooMuch.status === 'failed' ? tooMuch.reason : tooMuch.status;
  narrator.check('No more is taken than is held', why, 'limit-exceeded');
  await shop.cancelAuthorization({ authorization: held.ref, merchantCancelId: 'free_7' });
  const left = await shop.queryAuthorization(held.ref);
  const remaining = left.status === 'succeeded' ? left.remaining?.amount : left.status;
  narrator.check('Nothing is held any more', remaining, 0);
  const truth = site.authorization('room_7');
  narrator.check(
    'The ledger agrees: ¥120.00 taken, ¥180.00 given free',
    [truth?.captured, truth?.released],
    [12_000, 18_000],
  );
}
