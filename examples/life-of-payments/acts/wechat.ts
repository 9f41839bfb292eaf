/** examples · wechat: the same verbs at another payer, over both of its protocols. */
import {
  addMoney,
  dayOf,
  instantOf,
  isRefOf,
  type Money,
  money,
  type Noun,
  type Payment,
  type Ref,
  type StatementLine,
} from '@polyrail/core';
import { yuan } from '../books.ts';
import { type Counter, openCounter } from '../counter.ts';
import { hourMs, minuteMs, type Stage } from '../stage.ts';
import { nextActionOf } from './paying.ts';

const authCode = '130012345678901234';

/** What every order here has, and where its reference is stored before the first byte leaves. */
function orderOf({ books }: Counter, id: string, price: string) {
  const scene = id.startsWith('soup') ? 'qr' : 'barcode';
  const onPrepared = async (ref: Ref<Noun>) => {
    if (isRefOf(ref, 'payment')) books.openPayment(ref, scene);
  };
  const goods = { merchantPaymentId: id, amount: money(price, 'CNY'), description: 'Lunch' };
  return { goods, options: { onPrepared } };
}

/** Over API v3: a code is shown, and the news is pushed. */
function payByCode(counter: Counter, id: string, price: string): Promise<Payment> {
  const { site, v3, watch, doorbell } = counter;
  const { goods, options } = orderOf(counter, id, price);
  const expiresAt = instantOf(site.clock.now() + 30 * minuteMs);
  const request = { scene: 'qr', ...goods, expiresAt, notifyUrl: doorbell.url } as const;
  return watch({ verb: 'pay over v3', scene: 'qr', id }, () => v3.pay(request, options));
}

/** Over API v2: the payer's own code is scanned. */
function scanWallet(counter: Counter, id: string, price: string): Promise<Payment> {
  const { v2, watch } = counter;
  const { goods, options } = orderOf(counter, id, price);
  const request = { scene: 'barcode', authCode, ...goods } as const;
  return watch({ verb: 'pay over v2', scene: 'barcode', id }, () => v2.pay(request, options));
}

const ask = (counter: Counter, version: 'v3' | 'v2', { ref }: Payment): Promise<Payment> =>
  counter.watch({ verb: `query over ${version}`, id: ref.merchantId }, () =>
    counter[version].query(ref),
  );

async function shownAndPushed(counter: Counter): Promise<void> {
  const { site, books, narrator } = counter;
  const asked = await payByCode(counter, 'soup_1', '18.00');
  narrator.check('A code is there to be shown', nextActionOf(asked)?.kind, 'qr');
  site.faults.arm({ fault: 'sign-probe', id: 'soup_1' });
  narrator.aside('WeChat Pay signs some notifications wrongly, on purpose, to see who checks.');
  narrator.line({ actor: 'world', verb: 'payer', id: 'soup_1', note: 'scans it and pays' });
  await site.payer.approve('soup_1');
  await counter.passTime(5_000, 'five seconds pass');
  const statusOf = () => books.payments.get('soup_1')?.status;
  narrator.check('The probe is refused, and nothing booked', statusOf(), 'pending');
  await counter.passTime(15_000, 'fifteen more, the ladder’s first step');
  narrator.check('Signed well it comes again, and is booked', statusOf(), 'succeeded');
  const seen = await ask(counter, 'v2', asked);
  narrator.check('The other protocol sees the same order', seen.status, 'succeeded');
}

async function passwordAndSilence(counter: Counter): Promise<void> {
  const { site, v2, watch, narrator } = counter;
  const operation = 'micropay';
  site.faults.arm({ fault: 'user-paying', operation, id: 'rice_1', queries: 2 });
  const typing = await scanWallet(counter, 'rice_1', '22.00');
  const still = await ask(counter, 'v2', typing);
  narrator.check('The payer types a password', still.status, 'pending');
  const typed = await ask(counter, 'v2', typing);
  narrator.check('Now it is paid', typed.status, 'succeeded');

  site.faults.arm({ fault: 'system-error-then-paid', operation, id: 'rice_2' });
  const unheard = await scanWallet(counter, 'rice_2', '22.00');
  narrator.check('SYSTEMERROR is a doubt, not a failure', unheard.status, 'unknown');
  narrator.check('For the payer was charged', site.book('rice_2')?.debits, 1);
  const undone = await watch({ verb: 'reverse over v2', id: 'rice_2', paymentId: 'rice_2' }, () =>
    v2.reverse(unheard.ref),
  );
  const effect = undone.status === 'succeeded' && undone.effect;
  narrator.check('Reversed: the money went back', effect, 'refunded');
}

async function moneyBack(counter: Counter): Promise<void> {
  const { site, v3, books, watch, doorbell, narrator } = counter;
  const [payment, id] = [books.payments.get('soup_1')?.ref, 'soup_back'];
  if (payment === undefined) throw new Error('The books know no soup_1');
  const amount = money('8.00', 'CNY');
  const request = { payment, merchantRefundId: id, amount, extra: { notifyUrl: doorbell.url } };
  const onPrepared = async () => books.openReturn(id, { paymentId: 'soup_1', amount });
  const begun = await watch({ verb: 'refund over v3', id }, () =>
    v3.refund(request, { onPrepared }),
  );
  narrator.check('A refund takes its time', begun.status, 'pending');
  await counter.passTime(minuteMs, 'a minute passes');
  narrator.check('Its arrival was pushed', books.returns.get(id)?.status, 'succeeded');
  narrator.check('The ledger agrees', site.book('soup_1')?.refunded, 800);
}

/** A line without what its protocol alone tells. */
const wordsOf = ({ direction, amount, merchantId, merchantPaymentId }: StatementLine): string =>
  `${direction} ${merchantPaymentId ?? ''} ${merchantId ?? ''} ${yuan(amount)}`;

async function billOf(counter: Counter, version: 'v3' | 'v2', date: string) {
  const lines: string[] = [];
  const sums: Record<'in' | 'out', Money> = { in: money('0', 'CNY'), out: money('0', 'CNY') };
  for await (const line of await counter[version].statement({ kind: 'trade', date })) {
    lines.push(wordsOf(line));
    sums[line.direction] = addMoney(sums[line.direction], line.amount);
  }
  return { lines: lines.sort(), sums };
}

async function oneBill(counter: Counter): Promise<void> {
  const { narrator } = counter;
  const date = dayOf(counter.site.clock.now(), 'Asia/Shanghai');
  await counter.passTime(24 * hourMs, 'the night passes');
  const [v3, v2] = [await billOf(counter, 'v3', date), await billOf(counter, 'v2', date)];
  const note = `${v3.lines.length} lines: ${yuan(v3.sums.in)} in, ${yuan(v3.sums.out)} back`;
  narrator.line({ actor: 'bill', verb: 'statement', id: date, note });
  narrator.check('Both protocols hand out the same bill', v2, v3);
  narrator.check('Its sums are those of the day', v3.sums, {
    in: money('62.00', 'CNY'),
    out: money('30.00', 'CNY'),
  });
}

/** The merchant's program is the same; the keys, the wire and the surprises are WeChat Pay's. */
export async function wechatBesideAlipay(stage: Stage): Promise<void> {
  const { narrator } = stage;
  narrator.act('The same verbs at WeChat Pay');
  const counter = await openCounter(narrator);
  try {
    narrator.aside(`A simulator of WeChat Pay: ${counter.site.url} and, for certificates, TLS.`);
    await shownAndPushed(counter);
    await passwordAndSilence(counter);
    await moneyBack(counter);
    await oneBill(counter);
  } finally {
    await counter.close();
  }
}
