/**
 * gateway storm kill · load: orders that merchants begin and payers pay while processes die. What is not
 * answered is asked again of another process, and some of it of two at once.
 */
import type { SeededRandom } from '@polyrail/simulator';
import type { Sites } from '../books.ts';
import { channelNames } from '../deeds.ts';
import { idOf } from '../script.ts';
import type { Asked, Order, Reply } from './victim.ts';
import type { Victims } from './victims.ts';

const faults = ['drop-reply', 'drop-request', 'server-error', 'duplicate-notification'] as const;

/** All in wall ms. */
const betweenOrdersMs = 350;
const nobodyThereMs = 300;
/** No further order is begun while so many wait for an answer: a busy machine is asked for less. */
const mostUnanswered = 20;
const askAgainMs = 3000;
/** A refund of what is not paid is refused each time: nobody asks for ever. */
const mostRefundTries = 12;
const lookAgainMs = 1500;
const mostLooks = 12;

interface Open {
  readonly asked: Exclude<Asked, { kind: 'list' }>;
  /** The processes it is at. */
  readonly at: Set<number>;
  tries: number;
}

const later = (wallMs: number, task: () => void): void => void setTimeout(task, wallMs).unref();

/** Asks the processes, until one has answered. */
function createQuestions(victims: Victims, who: SeededRandom) {
  const open = new Map<number, Open>();
  const thrown = new Map<string, number>();
  const counts = { asked: 0, twice: 0, again: 0 };
  const pass = (one: Open): void => {
    if (!open.has(one.asked.number)) return;
    const live = victims.live();
    const [first] = live.length === 0 ? [] : [who.pick(live)];
    if (first === undefined) {
      later(nobodyThereMs, () => pass(one));
      return;
    }
    const others = live.filter((index) => index !== first);
    const second = others.length > 0 && who.chance(0.3) ? [who.pick(others)] : [];
    counts.asked += 1;
    counts.twice += second.length;
    counts.again += one.tries > 0 ? 1 : 0;
    one.tries += 1;
    for (const index of [first, ...second]) {
      one.at.add(index);
      victims.send(index, one.asked);
    }
  };
  const askAgain = (one: Open): void => {
    one.at.clear();
    if (one.asked.kind === 'refund' && one.tries >= mostRefundTries) {
      open.delete(one.asked.number);
    } else later(askAgainMs, () => one.at.size === 0 && pass(one));
  };
  return {
    ask(asked: Open['asked']): void {
      const one: Open = { asked, at: new Set(), tries: 0 };
      open.set(asked.number, one);
      pass(one);
    },
    /** What nobody has answered yet. */
    unanswered: () => [...open.values()].map(({ asked }) => `${asked.kind} ${asked.order.id}`),
    payments: () => [...open.values()].filter(({ asked }) => asked.kind === 'pay').length,
    told(reply: Extract<Reply, { kind: 'answered' | 'thrown' }>): void {
      const one = open.get(reply.number);
      if (reply.kind === 'thrown') {
        const error = reply.error.replace(/ st[0-9a-z]+/g, ' …');
        thrown.set(error, (thrown.get(error) ?? 0) + 1);
      }
      if (one === undefined) return;
      // Whoever carries it may be dead: an order that is only claimed was not answered.
      if (reply.kind === 'thrown' || reply.state === 'created') askAgain(one);
      else open.delete(reply.number);
    },
    gone(index: number): void {
      for (const one of open.values()) {
        if (one.at.delete(index) && one.at.size === 0) pass(one);
      }
    },
    counts: () => ({ ...counts, thrown }),
  };
}

export interface LoadOptions {
  readonly random: SeededRandom;
  readonly sites: Sites;
  readonly victims: Victims;
  /** Virtual ms per wall ms. */
  readonly speed: number;
  /** How long a payer may pay, in virtual ms. */
  readonly expireAfterMs: number;
}

export type Load = ReturnType<typeof createLoad>;

export function createLoad({ random, sites, victims, speed, expireAfterMs }: LoadOptions) {
  const orders: Order[] = [];
  // Who is asked depends on who lives, and must not shift what is ordered.
  const questions = createQuestions(victims, random.fork('who'));
  const what = random.fork('what');
  let numbers = 0;
  const number = (): number => {
    numbers += 1;
    return numbers;
  };
  const refund = (order: Order): void => {
    const { amount } = order;
    const part = amount > 1 && what.chance(0.5) ? 1 + what.integer(amount - 1) : amount;
    const parts = part === amount ? [amount] : [part, amount - part];
    later(3000, () => {
      for (const [index, one] of parts.entries()) {
        const refundId = `${order.id}r${index + 1}`;
        questions.ask({ kind: 'refund', number: number(), order, refundId, amount: one });
      }
    });
  };
  const approve = (order: Order, tries: number): void => {
    // The order may not be there yet: a payer looks again.
    const again = () => tries > 0 && later(lookAgainMs, () => approve(order, tries - 1));
    sites[order.channel].payer.approve(order.id).catch(again);
  };
  const begin = (): void => {
    if (questions.payments() >= mostUnanswered) return;
    const channel = what.pick(channelNames);
    const order = { id: idOf(orders.length), channel, amount: 1 + what.integer(100_000) };
    orders.push(order);
    if (what.chance(0.3)) {
      sites[channel].faults.arm({ fault: what.pick(faults), id: order.id });
    }
    questions.ask({ kind: 'pay', number: number(), order });
    if (!what.chance(0.85)) return;
    // Some come at the very last moment, when their order is being closed.
    const expiryWallMs = expireAfterMs / speed;
    const isLate = what.chance(0.15);
    const patienceMs = isLate ? expiryWallMs * 0.95 + what.integer(3000) : 400;
    later(patienceMs, () => approve(order, mostLooks));
    if (what.chance(0.3)) refund(order);
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    orders,
    start(): void {
      begin();
      timer = setInterval(begin, betweenOrdersMs);
    },
    stop: () => clearInterval(timer),
    unanswered: questions.unanswered,
    told: questions.told,
    gone: questions.gone,
    counts: questions.counts,
  };
}
