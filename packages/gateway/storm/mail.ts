/** gateway storm · mail: takes in what the channels tell, and what forgers do in their names. */
import type { Incoming, Outgoing } from '@polyrail/core';
import type { ChannelName } from './deeds.ts';
import { type Errand, onErrand } from './errand.ts';
import { numberOf, type Script } from './script.ts';
import { channelNames, type World } from './stage.ts';

const isAccepted: Readonly<Record<ChannelName, (answer: Outgoing) => boolean>> = {
  alipay: ({ status, body }) => status === 200 && Buffer.from(body).toString() === 'success',
  wechatpay: ({ status }) => status === 200 || status === 204,
  unionpay: ({ status }) => status === 200 || status === 302,
};

/** What a message that can be read by anybody says of the amount of an order, in fen. */
const amountsTold: Readonly<
  Partial<Record<ChannelName, readonly [id: string, amount: string, scale: number]>>
> = {
  alipay: ['out_trade_no', 'total_amount', 100],
  unionpay: ['orderId', 'txnAmt', 1],
};

/** The order of whose amount a message lies. */
function liedOf(channel: ChannelName, message: Incoming, world: World): string | undefined {
  const names = amountsTold[channel];
  if (names === undefined) return undefined;
  const [idName, amountName, scale] = names;
  const fields = new URLSearchParams(Buffer.from(message.body ?? '').toString('utf8'));
  const id = fields.get(idName) ?? '';
  const asked = world.scripts.get(numberOf(id) ?? -1);
  if (asked?.id !== id || fields.get(amountName) === null) return undefined;
  return Math.round(Number(fields.get(amountName)) * scale) === asked.amount ? undefined : id;
}

/** Takes in what the channels tell, and keeps the latest message of each for forgers. */
export function createMail(world: World) {
  const { judge, chronicle, town } = world;
  const latest = new Map<ChannelName, { message: Incoming; payment: number | undefined }>();
  const receive = async (channel: ChannelName, message: Incoming): Promise<Outgoing> => {
    const { live } = world;
    if (live === undefined) throw new Error('Nobody listens');
    const errand: Errand = {};
    const answer = await onErrand(errand, () => live.gateway.receive({ channel }, message));
    if (live.session.isDead()) throw new Error('The process died');
    const { payment, stored = false } = errand;
    const accepted = isAccepted[channel](answer);
    judge.answered({ payment, accepted, stored });
    chronicle.note('message', channel, payment ?? '-', accepted ? 'taken' : 'refused');
    if (!accepted) return answer;
    latest.set(channel, { message, payment });
    const lied = liedOf(channel, message, world);
    if (lied !== undefined) world.lies.push([channel, lied]);
    return answer;
  };
  for (const channel of channelNames) {
    town[channel].listen((message) => receive(channel, message));
  }
  return {
    /** The latest message of a channel, made to speak of another payment. */
    async forge({ channel, id, number }: Script): Promise<void> {
      const genuine = latest.get(channel);
      const { live } = world;
      if (genuine === undefined || genuine.payment === number || live === undefined) return;
      const text = Buffer.from(genuine.message.body ?? '').toString('latin1');
      // A form that names nobody of this storm would be the genuine one.
      const isForm = channel !== 'wechatpay';
      if (isForm && !/st0\d{7}/.test(text)) return;
      const other = isForm ? text.replaceAll(/st0\d{7}/g, id) : `${text} `;
      const errand: Errand = {};
      const body = Buffer.from(other, 'latin1');
      const answer = await onErrand(errand, () =>
        live.gateway.receive({ channel }, { ...genuine.message, body }),
      ).catch(() => undefined);
      const believed = errand.stored || (answer !== undefined && isAccepted[channel](answer));
      if (believed) judge.blame(number, 'a forged message was believed');
      else chronicle.count('forged message refused');
      chronicle.note('forged', channel, id, believed ? 'believed' : 'refused');
    },
  };
}
