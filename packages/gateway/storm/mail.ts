/** gateway storm · mail: takes in what the channels tell, and what forgers do in their names. */
import type { Incoming, Outgoing } from '@polyrail/core';
import { type ChannelName, channelNames } from './deeds.ts';
import { type Errand, onErrand } from './errand.ts';
import { numberOf, type Script } from './script.ts';
import { nextProcess, type World } from './stage.ts';

const isAccepted: Readonly<Record<ChannelName, (answer: Outgoing) => boolean>> = {
  alipay: ({ status, body }) => status === 200 && Buffer.from(body).toString() === 'success',
  wechatpay: ({ status }) => status === 200 || status === 204,
  'wechatpay-v2': ({ status, body }) =>
    status === 200 && /<return_code>.*\bSUCCESS\b/.test(Buffer.from(body).toString()),
  unionpay: ({ status }) => status === 200 || status === 302,
};

type Member = (name: string) => string | undefined;

const ofForm = (text: string): Member => {
  const fields = new URLSearchParams(text);
  return (name) => fields.get(name) ?? undefined;
};

const ofXml =
  (text: string): Member =>
  (name) =>
    new RegExp(`<${name}>(?:<!\\[CDATA\\[)?([^<\\]]*)`).exec(text)?.[1];

/** What a message that can be read by anybody says of the amount of an order, in fen. */
const amountsTold: Readonly<
  Partial<
    Record<
      ChannelName,
      readonly [read: (text: string) => Member, id: string, amount: string, scale: number]
    >
  >
> = {
  alipay: [ofForm, 'out_trade_no', 'total_amount', 100],
  'wechatpay-v2': [ofXml, 'out_trade_no', 'total_fee', 1],
  unionpay: [ofForm, 'orderId', 'txnAmt', 1],
};

/** The order of whose amount a message lies. */
function liedOf(channel: ChannelName, message: Incoming, world: World): string | undefined {
  const told = amountsTold[channel];
  if (told === undefined) return undefined;
  const [read, idName, amountName, scale] = told;
  const member = read(Buffer.from(message.body ?? '').toString('utf8'));
  const id = member(idName) ?? '';
  const amount = member(amountName);
  const asked = world.scripts.get(numberOf(id) ?? -1);
  if (asked?.id !== id || amount === undefined) return undefined;
  return Math.round(Number(amount) * scale) === asked.amount ? undefined : id;
}

/** Takes in what the channels tell, and keeps the latest message of each for forgers. */
export function createMail(world: World) {
  const { judge, chronicle, town } = world;
  const latest = new Map<ChannelName, { message: Incoming; payment: number | undefined }>();
  const take = async (channel: ChannelName, message: Incoming): Promise<Outgoing> => {
    const live = nextProcess(world);
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
  /** What is in front of two processes sends a message to both now and then. */
  const receive = async (channel: ChannelName, message: Incoming): Promise<Outgoing> => {
    const isDoubled = world.processes.size > 1 && world.turns % 7 === 0;
    const answers = [take(channel, message), ...(isDoubled ? [take(channel, message)] : [])];
    return Promise.any(answers);
  };
  for (const channel of channelNames) {
    town[channel].listen((message) => receive(channel, message));
  }
  return {
    /** The latest message of a channel, made to speak of another payment. */
    async forge({ channel, id, number }: Script): Promise<void> {
      const genuine = latest.get(channel);
      if (genuine === undefined || genuine.payment === number) return;
      const live = nextProcess(world);
      if (live === undefined) return;
      const text = Buffer.from(genuine.message.body ?? '').toString('latin1');
      const isReadable = channel !== 'wechatpay';
      const other = isReadable ? text.replaceAll(/st0\d{7}/g, id) : `${text} `;
      // It names nobody of this storm, or the one it is to speak of: it would be the genuine one.
      if (other === text) return;
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
