/** examples · borders: what never leaves the machine, and merchants that never mix. */
import { createAlipay } from '@polyrail/alipay';
import { isPolyrailError, secret } from '@polyrail/core';
import { createBooks } from '../books.ts';
import { createShop } from '../shop.ts';
import type { Stage } from '../stage.ts';
import { createWatch } from '../watch.ts';
import { payOut } from './outgoing.ts';
import { walletCode } from './paying.ts';

type Thrown = readonly [code: string, field: string | undefined] | 'nothing';

async function thrown(work: () => Promise<unknown>): Promise<Thrown> {
  try {
    await work();
    return 'nothing';
  } catch (error) {
    if (isPolyrailError(error)) return [error.code, error.field];
    throw error;
  }
}

export async function badInput(stage: Stage): Promise<void> {
  const { shop, narrator, site, order } = stage;
  narrator.act('Bad input goes nowhere');
  const exchanges = () => site.journal.entries({ direction: 'request' }).length;
  const before = exchanges();
  const good = order('tea_17', '9.00', 'Tea');
  const nothing = { ...good, amount: { amount: 0, currency: 'CNY' } };
  const hyphen = { ...good, merchantPaymentId: 'tea-17' };
  const dollars = { ...good, amount: { amount: 900, currency: 'USD' } };
  const asked = async (request: typeof good) => thrown(() => shop.pay({ scene: 'qr', ...request }));
  narrator.check('Refused, naming the field', await asked(nothing), [
    'REQUEST_INVALID',
    'amount.amount',
  ]);
  narrator.check('An id that Alipay does not take', await asked(hyphen), [
    'REQUEST_INVALID',
    'merchantPaymentId',
  ]);
  narrator.check('A currency that Alipay does not take', await asked(dollars), [
    'REQUEST_INVALID',
    'amount.currency',
  ]);
  narrator.check('Not a byte was sent', exchanges() - before, 0);
}

/** Another merchant on the same gateway, in certificate mode. */
export async function certificateMode(stage: Stage): Promise<void> {
  const { narrator, site, order } = stage;
  narrator.act('A second merchant, with certificates instead of keys');
  const { appId, sellerId, merchantPrivateKey, gatewayUrl, ...papers } = await site.enroll();
  narrator.aside(`App ${appId}. Replies name the certificate they are signed with.`);
  const certificates = {
    merchant: papers.merchantCert,
    platform: papers.platformCert,
    root: papers.rootCert,
  };
  const merchantKey = secret(merchantPrivateKey);
  const config = { appId, sellerId, merchantKey, certificates, gatewayUrl };
  const channel = createAlipay(config, { clock: site.clock });
  const afterVerb = async () => undefined;
  const books = createBooks();
  const watch = createWatch({ books, narrator, afterVerb });
  const second = createShop({ channel, books, watch });
  const request = { ...order('tea_1', '120.00', 'Cake'), authCode: walletCode };
  const paid = await second.pay({ scene: 'barcode', ...request });
  narrator.check(
    'Paid; the reply’s certificate led to the root',
    [paid.status, paid.evidence],
    ['succeeded', 'signed'],
  );
  await second.query('tea_1');
  const [theirs, ours] = [site.book('tea_1', appId), site.book('tea_1', site.credentials.appId)];
  narrator.check('Both have a tea_1, and they are two', [theirs?.paid, ours?.paid], [12000, 3600]);
  await payOut(stage, { channel, appId, watch });
  await channel[Symbol.asyncDispose]();
}
