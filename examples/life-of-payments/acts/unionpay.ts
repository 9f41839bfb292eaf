/** examples · unionpay: a card bound and charged, undone by day, given back tomorrow, netted at night. */
import { type ClearingSite, nettingText, startClearing } from '@polyrail/clearing-simulator';
import {
  addMoney,
  dayOf,
  isRefOf,
  money,
  type Noun,
  type Payment,
  type Ref,
  secret,
} from '@polyrail/core';
import { createVirtualClock } from '@polyrail/simulator';
import { createUnionPay, type UnionPayConfig } from '@polyrail/unionpay';
import { startUnionPay, type UnionPaySite } from '@polyrail/unionpay-simulator';
import { yuan } from '../books.ts';
import { type Booth, openBooth } from '../booth.ts';
import { hourMs, minuteMs, type Stage } from '../stage.ts';

interface Desk extends Booth {
  readonly site: UnionPaySite;
  readonly house: ClearingSite;
  readonly channel: ReturnType<typeof channelOf>;
}

function channelOf({ url, credentials, clock }: UnionPaySite) {
  const { merId, merchantPfxBase64, merchantPfxPassword, rootCert, middleCert, trId } = credentials;
  const config = {
    merId,
    signing: {
      method: 'rsa',
      pfx: secret(Buffer.from(merchantPfxBase64, 'base64')),
      passphrase: secret(merchantPfxPassword),
    },
    certificates: { root: rootCert, middle: middleCert },
    tokenRequestor: trId,
    gatewayUrl: `${url}/gateway/api`,
    fileUrl: `${url}/`,
    notifyUrl: 'http://127.0.0.1/unionpay',
  } as const satisfies UnionPayConfig;
  return createUnionPay(config, { clock });
}

async function openDesk({ narrator }: Stage): Promise<Desk> {
  const today = dayOf(Date.now(), 'Asia/Shanghai');
  const clock = createVirtualClock({ startAt: Date.parse(`${today}T20:00:00.000+08:00`) });
  const house = await startClearing({ clock, mount: 'in-process' });
  const site = await startUnionPay({ seed: 1, clock, clearing: house });
  const channel = channelOf(site);
  const booth = await openBooth(narrator, { site, channel });
  return {
    ...booth,
    ...{ site, house, channel },
    async close() {
      await channel[Symbol.asyncDispose]();
      await booth.close();
      await house.stop();
      clock.stop();
    },
  };
}

/** Somebody who does not exist, as UnionPay's test environment knows him. */
const cardOf = (number: string) => ({
  number: secret(number),
  holder: secret('全渠道'),
  identity: secret('341126197709218366'),
  phone: secret('13552535506'),
});

/** A card is bound by the code on its owner's phone; the card itself is kept by nobody. */
async function bindCard({ site, channel, narrator, watch }: Desk) {
  const card = cardOf(site.credentials.cards[0]?.number ?? '');
  const id = 'agree001';
  const asked = await watch({ verb: 'signUp', scene: 'otp', id }, () =>
    channel.signUp({ scene: 'otp', merchantAgreementId: id, card }),
  );
  narrator.check('A code was sent: that proves nothing yet', asked.status, 'pending');
  const otp = secret(site.smsCode(id) ?? '');
  const bound = await watch({ verb: 'confirmSignUp', id }, () =>
    channel.confirmSignUp({ agreement: asked.ref, otp, card }),
  );
  const standing = bound.status === 'succeeded' && bound.standing;
  narrator.check('Confirmed by the code, the card is bound', standing, 'active');
  return bound.ref;
}

async function charge(desk: Desk, agreement: Ref<'agreement'>, id: string): Promise<Payment> {
  const { channel, books, watch, doorbell } = desk;
  const onPrepared = async (ref: Ref<Noun>) => {
    if (isRefOf(ref, 'payment')) books.openPayment(ref, 'agreement');
  };
  const goods = { merchantPaymentId: id, amount: money('30.00', 'CNY'), description: 'Tea' };
  const request = { scene: 'agreement', ...goods, agreement, notifyUrl: doorbell.url } as const;
  return watch({ verb: 'pay', scene: 'agreement', id }, () => channel.pay(request, { onPrepared }));
}

const settled = ({ books }: Desk, id: string): Ref<'payment'> => {
  const record = books.payments.get(id);
  if (record === undefined) throw new Error(`The books know no payment ${id}`);
  return record.ref;
};

/** Before the day is cleared a payment is undone as a whole; afterwards money is given back. */
async function undoAndGiveBack(desk: Desk): Promise<void> {
  const { site, channel, narrator, watch } = desk;
  const cancelling = (id: string, merchantCancelId: string) =>
    watch({ verb: 'cancel', id, paymentId: id }, () =>
      channel.cancel({ payment: settled(desk, id), merchantCancelId }),
    );
  await cancelling('order001', 'cancel01');
  await desk.passTime(minuteMs, 'a minute passes');
  narrator.check('Undone the same day', site.book('order001')?.refunded, 3000);
  await desk.passTime(4 * hourMs, 'the day is cleared at eleven; midnight passes');
  const late = await cancelling('order002', 'cancel02');
  const why = late.status === 'failed' ? late.reason : late.status;
  narrator.check('Too late to undo', why, 'window-passed');
  const refund = {
    payment: settled(desk, 'order002'),
    merchantRefundId: 'refund02',
    amount: money('12.00', 'CNY'),
  };
  const begun = await watch({ verb: 'refund', id: 'refund02' }, () => channel.refund(refund));
  await desk.passTime(minuteMs, 'a minute passes');
  const back = await watch({ verb: 'queryRefund', id: 'refund02' }, () =>
    channel.queryRefund(begun.ref),
  );
  narrator.check('Given back in part, the day after', back.status, 'succeeded');
}

async function dayOnPaper(desk: Desk, date: string): Promise<void> {
  const { channel, house, narrator } = desk;
  await desk.passTime(10 * hourMs, 'the morning comes');
  const sums = { in: money('0', 'CNY'), out: money('0', 'CNY') };
  let lines = 0;
  for await (const { direction, amount } of await channel.statement({ kind: 'trade', date })) {
    sums[direction] = addMoney(sums[direction], amount);
    lines += 1;
  }
  const note = `${lines} lines: ${yuan(sums.in)} in, ${yuan(sums.out)} back`;
  narrator.line({ actor: 'bill', verb: 'statement', id: date, note });
  narrator.check('The file of the day is the day’s', sums, {
    in: money('60.00', 'CNY'),
    out: money('30.00', 'CNY'),
  });
  narrator.aside('At night the clearing house netted what banks and payers owed each other:');
  for (const row of nettingText(house.netting(date)).trimEnd().split('\n')) {
    narrator.print(`      ${row}`);
  }
  house.check();
  const { opening, closing } = house.fundsStatement('unionpay', date);
  narrator.check('and UnionPay’s reserves grew by just that', closing - opening, 3000);
}

/** One more payer: certificates in the messages, and a yes that only means "taken on". */
export async function cardAtUnionPay(stage: Stage): Promise<void> {
  const { narrator } = stage;
  narrator.act('A card at UnionPay: bound, charged, undone, given back, cleared');
  const desk = await openDesk(stage);
  try {
    const date = dayOf(desk.site.clock.now(), 'Asia/Shanghai');
    const agreement = await bindCard(desk);
    const taken = await charge(desk, agreement, 'order001');
    narrator.check('Accepted is not succeeded', taken.status, 'pending');
    await charge(desk, agreement, 'order002');
    await desk.passTime(10_000, 'ten seconds pass');
    const told = ['order001', 'order002'].map((id) => desk.books.payments.get(id)?.status);
    narrator.check('Both were pushed as paid', new Set(told), new Set(['succeeded']));
    await undoAndGiveBack(desk);
    await dayOnPaper(desk, date);
  } finally {
    await desk.close();
  }
}
