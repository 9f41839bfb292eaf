/** gateway storm · shop: the merchant's own program, and the payer beside it, as a script has them act. */
import { isPolyrailError, type NextAction, secret, type TransportRequest } from '@polyrail/core';
import type { Gateway } from '../src/index.ts';
import type { Sites } from './books.ts';
import type { Chronicle, Happening } from './chronicle.ts';
import type { ChannelName, Deed } from './deeds.ts';
import { onErrand } from './errand.ts';
import type { Judge } from './judge.ts';
import type { Script } from './script.ts';
import type { Process } from './stage.ts';

export interface ShopOptions {
  readonly sites: Sites;
  readonly judge: Judge;
  readonly chronicle: Chronicle;
  /** Whoever answers what is asked next; `undefined` while nobody lives. */
  readonly process: () => Process | undefined;
  /** Runs a task later, in virtual ms. */
  readonly later: (delayMs: number, task: () => void) => void;
  /** A message nobody of the channel sent, about a payment. */
  readonly forge: (script: Script) => Promise<void>;
  /** The keys of the payment's channel are changed. */
  readonly rotate: (script: Script) => void;
  /** A process of the gateway is replaced. */
  readonly deploy: () => Promise<void>;
}

const minute = 60_000;
/** How often a refund of what is not paid yet is tried again, and how much later. */
const refundTries = 4;

/** What is thrown for as long as there is nothing to give back, take, charge or end. */
const followers: ReadonlySet<Deed['kind']> = new Set([
  'refund',
  'cancel',
  'capture',
  'release',
  'charge',
  'confirm',
  'answer',
  'sign-off',
]);

/** How often a payer who can do nothing looks again, and how much later. */
const payerTries = 4;
const payerPauseMs = 45_000;

/** The page behind what a payer is given; a code of a channel's own wallet has none. */
function pageOf(action: NextAction | undefined, site: string): TransportRequest | undefined {
  switch (action?.kind) {
    case 'redirect':
      return { method: 'GET', url: action.url, headers: {} };
    case 'form': {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const body = new URLSearchParams(action.fields).toString();
      return { method: 'POST', url: action.url, headers, body };
    }
    case 'qr':
      return action.text.startsWith(site)
        ? { method: 'GET', url: action.text, headers: {} }
        : undefined;
    default:
      return undefined;
  }
}

type PayerDeed = 'approve' | 'decline' | 'abandon';
type MerchantDeed = Exclude<Deed, { readonly kind: PayerDeed | 'forge' | 'rotate' | 'deploy' }>;

const money = (fen: number) => ({ amount: fen, currency: 'CNY' });

/** Begins what a script is about. */
function begin(gateway: Gateway, { id, noun, request, amount }: Script): Promise<unknown> {
  const terms = { ...request, amount: money(amount) };
  switch (noun) {
    case 'payout':
      return gateway.payout({ ...terms, merchantPayoutId: id } as Parameters<Gateway['payout']>[0]);
    case 'agreement':
      return gateway.signUp({
        ...request,
        merchantAgreementId: id,
      } as Parameters<Gateway['signUp']>[0]);
    case 'authorization':
      return gateway.authorize({
        ...terms,
        merchantPaymentId: id,
      } as Parameters<Gateway['authorize']>[0]);
    default:
      return gateway.pay({ ...terms, merchantPaymentId: id } as Parameters<Gateway['pay']>[0]);
  }
}

/** With the code that the payer reads on his phone, or one that nobody was sent. */
async function confirm({ gateway, sites }: Counter, script: Script, isRight: boolean) {
  const { id, request } = script;
  const code = isRight ? sites.unionpay.smsCode(id) : '000000';
  if (code === undefined) throw new Error('No code was sent');
  const terms = { agreement: id, otp: secret(code), card: request['card'] };
  return gateway.confirmSignUp(terms as Parameters<Gateway['confirmSignUp']>[0]);
}

interface Counter {
  readonly gateway: Gateway;
  readonly sites: Sites;
  readonly judge: Judge;
}

/** Calls the verb a deed means. */
async function call(counter: Counter, script: Script, deed: MerchantDeed): Promise<unknown> {
  const { gateway } = counter;
  const { id, noun } = script;
  switch (deed.kind) {
    case 'pay':
      return begin(gateway, script);
    case 'answer':
      if (deed.verdict === 'pass') counter.judge.passes(script.number);
      return gateway.confirm(noun, id, { verdict: deed.verdict });
    case 'confirm':
      return confirm(counter, script, deed.isRight);
    case 'charge': {
      const terms = { amount: money(deed.amount), description: 'A month' };
      const order = { ...terms, agreement: id, merchantPaymentId: deed.id };
      return gateway.pay({ scene: 'agreement', ...order });
    }
    case 'sign-off':
      return gateway.signOff(id);
    case 'capture': {
      const { id: captureId, amount, final } = deed;
      const terms = { amount: money(amount), final, description: 'A night' };
      return gateway.capture({ ...terms, authorization: id, merchantPaymentId: captureId });
    }
    case 'release': {
      const part = deed.amount === undefined ? {} : { amount: money(deed.amount) };
      return gateway.cancelAuthorization({
        ...part,
        authorization: id,
        merchantCancelId: deed.id,
      });
    }
    case 'recall':
      return gateway.cancelPayout(id);
    case 'close':
      return gateway.closePayment(id);
    case 'resolve':
      return gateway.resolve(noun, id);
    case 'reverse':
      return gateway.reverse(id, noun === 'authorization' ? { noun } : {});
    case 'cancel': {
      const names = { payment: deed.of ?? id, merchantCancelId: deed.id };
      return deed.of === undefined ? gateway.cancel(names) : gateway.cancelCapture(names);
    }
    default: {
      const names = { payment: deed.of ?? id, merchantRefundId: deed.id };
      return gateway.refund({ ...names, amount: money(deed.amount) });
    }
  }
}

const wordOf = (error: unknown): string => {
  if (!isPolyrailError(error)) return error instanceof Error ? error.name : 'Error';
  return `${error.code}${error.reason === undefined ? '' : `/${error.reason}`}`;
};

/** What a process is asked for. */
interface Asked {
  readonly process: Process;
  readonly script: Script;
  readonly deed: MerchantDeed;
}

/** A gateway that keeps calls off a channel says why. */
const keptOff: Readonly<Record<string, Happening>> = {
  'NOT_SENT/maintenance': 'channel spared',
  'NOT_SENT/rate-limited': 'call limited',
};

/** Whoever pays: at whichever channel his payment is by now. */
function createPayer(options: ShopOptions) {
  const { sites, judge, chronicle, later } = options;
  const visited = new Set<number>();

  /** Opens what the payer's browser was given, once. */
  const visit = async ({ number, noun, id, channel }: Script): Promise<void> => {
    const site = sites[channel];
    const entry = visited.has(number) ? undefined : await options.process()?.gateway.find(noun, id);
    const page = pageOf(entry?.nextAction, site.url);
    if (page === undefined) return;
    visited.add(number);
    const { body } = await site.transport.exchange(page);
    for await (const _chunk of body);
  };

  /** Whether a payer could do something with a code. */
  const use = async (
    script: Script,
    kind: PayerDeed,
    { channel, id }: { readonly channel: ChannelName; readonly id: string },
  ): Promise<boolean> => {
    try {
      await visit(script);
      await sites[channel].payer[kind](id);
      chronicle.note('payer', kind, id);
      return true;
    } catch {
      // There is no such order yet, or it is decided already: a payer looks again a few times.
      chronicle.note('payer', kind, id, 'in vain');
      return false;
    }
  };

  const payer = async (script: Script, kind: PayerDeed, tries = 0): Promise<void> => {
    const attempts = judge.record.find(script.noun, script.id)?.attempts ?? [];
    const places = attempts.map(
      ({ channel, attemptId }) => [channel as ChannelName, attemptId] as const,
    );
    const last = places.at(-1) ?? ([script.channel, script.id] as const);
    // Of what was refused and taken all the same he holds both codes.
    const codes = script.refused.includes(script.id) && places.length > 1 ? places : [last];
    const done: boolean[] = [];
    for (const [channel, id] of codes) done.push(await use(script, kind, { channel, id }));
    if (done.some(Boolean) || tries >= payerTries) return;
    later(payerPauseMs, () => void payer(script, kind, tries + 1));
  };
  return payer;
}

export type Shop = ReturnType<typeof createShop>;

export function createShop(options: ShopOptions) {
  const { sites, judge, chronicle, later } = options;
  const payer = createPayer(options);
  /** What no answer has come to yet. */
  const asking = new Set<Asked>();

  const merchant = async (script: Script, deed: MerchantDeed, tries = 0): Promise<void> => {
    const process = options.process();
    const again = () => later(minute, () => void merchant(script, deed, tries + 1));
    if (process === undefined) {
      if (tries < refundTries) again();
      return;
    }
    chronicle.note('shop', deed.kind, script.id);
    const about = { process, script, deed };
    asking.add(about);
    try {
      await onErrand({ payment: script.number }, () =>
        call({ gateway: process.gateway, sites, judge }, script, deed),
      );
      asking.delete(about);
      chronicle.note('done', deed.kind, script.id);
    } catch (error) {
      // The answer of a dead process reaches nobody.
      if (process.session.isDead()) return;
      asking.delete(about);
      const word = wordOf(error);
      chronicle.note('thrown', deed.kind, script.id, word);
      const why = keptOff[word];
      if (why !== undefined) chronicle.count(why);
      const early = followers.has(deed.kind) && tries < refundTries;
      if (early) later(10 * minute, () => void merchant(script, deed, tries + 1));
    }
  };

  const act = async (script: Script, deed: Deed): Promise<void> => {
    switch (deed.kind) {
      case 'approve':
      case 'decline':
      case 'abandon':
        return payer(script, deed.kind);
      case 'forge':
        return options.forge(script);
      case 'rotate':
        return options.rotate(script);
      case 'deploy':
        return options.deploy();
      default:
        return merchant(script, deed);
    }
  };

  return {
    act,
    /** After a crash some merchants ask again for what they have heard nothing of. */
    askAgain(): void {
      const unanswered = [...asking].filter(({ process }) => process.session.isDead());
      for (const about of unanswered) {
        asking.delete(about);
        if (about.script.asksAgain) void merchant(about.script, about.deed);
      }
    },
  };
}
