/** alipay simulator · payout book: money on its way from merchants to payees, and back. */
import type { SeededRandom, VirtualClock } from '@polyrail/simulator';
import { type Business, type Funds, frozenAccount, merchantAccount } from './funds.ts';
import type { Merchant } from './merchants.ts';
import type { Voice } from './seal.ts';
import { compactDay } from './time.ts';

/** `REFUND`: it had arrived and was sent back. */
export type PayoutState = 'DEALING' | 'SUCCESS' | 'FAIL' | 'REFUND';

export interface PayoutTerms {
  readonly outBizNo: string;
  /** Fen. */
  readonly amount: number;
  readonly productCode: string;
  readonly bizScene: string;
  readonly title?: string | undefined;
  readonly remark?: string | undefined;
  readonly passbackParams?: string | undefined;
  readonly identityType: string;
  readonly identity: string;
  readonly name?: string | undefined;
}

export interface Failure {
  readonly code: string;
  readonly reason: string;
}

export interface Payout {
  readonly merchant: Merchant;
  readonly terms: PayoutTerms;
  readonly voice: Voice;
  readonly orderId: string;
  readonly fundOrderId: string;
  readonly createdAt: number;
  state: PayoutState;
  /** When the payee had it. */
  arrivedAt?: number;
  /** Of one that failed or came back. */
  failure?: Failure;
  cancelTimer?: () => void;
}

/** Amounts in fen. */
export interface PayoutTruth {
  readonly merchantId: string;
  readonly channelId: string;
  readonly state: PayoutState;
  /** How often the payee was credited. */
  readonly transfers: number;
  readonly paid: number;
  /** Sent back after that. */
  readonly returned: number;
}

/** What will become of a payout by itself. */
export interface Fate {
  /** It is under way for so long; 0: it arrives at once. */
  readonly underWayMs: number;
  /** At the end of its way it fails. */
  readonly fails?: Failure | undefined;
  /** So long after it arrived it is sent back. */
  readonly returnsAfterMs?: number | undefined;
}

interface PayoutBookOptions {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly funds: Funds;
  /** Told of every change of state, the first final one included. */
  readonly onChange: (payout: Payout) => void;
}

export interface PayoutBook {
  /** By the merchant's number, of any product and scene; the newest first. */
  find(merchant: Merchant, outBizNo: string): readonly Payout[];
  /** By one of the channel's numbers. */
  findNumber(merchant: Merchant, number: string): Payout | undefined;
  all(): readonly Payout[];
  /** @throws RangeError when the merchant's account does not hold enough. */
  open(merchant: Merchant, details: { terms: PayoutTerms; voice: Voice; fate: Fate }): Payout;
  arrive(payout: Payout): void;
  fail(payout: Payout, failure?: Failure): void;
  sendBack(payout: Payout, failure?: Failure): void;
  truth(payout: Payout): PayoutTruth;
  clear(): void;
}

const maximumPayouts = 100_000;

export const toBankCard = ({ identityType }: PayoutTerms): boolean =>
  identityType === 'BANKCARD_ACCOUNT';

const payeeAccount = ({ identityType, identity }: PayoutTerms): string =>
  `payee:${identityType} ${identity}`;

/** Why a payout fails or comes back unless a story says otherwise. */
export const usualFailure = (terms: PayoutTerms): Failure =>
  toBankCard(terms)
    ? { code: 'PAYEE_CARD_INFO_ERROR', reason: '收款方银行卡信息有误' }
    : { code: 'PAYEE_ACCOUNT_STATUS_ERROR', reason: '收款方账号状态异常' };

function truthOf({ terms, state, orderId }: Payout): PayoutTruth {
  const arrived = state === 'SUCCESS' || state === 'REFUND';
  return {
    merchantId: terms.outBizNo,
    channelId: orderId,
    state,
    transfers: arrived ? 1 : 0,
    paid: arrived ? terms.amount : 0,
    returned: state === 'REFUND' ? terms.amount : 0,
  };
}

function createShelves() {
  const byNumber = new Map<string, Payout>();
  const byOwn = new Map<string, Payout[]>();
  const key = ({ authAppId }: Merchant, number: string) => `${authAppId} ${number}`;
  return {
    byNumber,
    find: (merchant: Merchant, number: string) => byOwn.get(key(merchant, number)) ?? [],
    add(payout: Payout): void {
      const own = key(payout.merchant, payout.terms.outBizNo);
      byOwn.set(own, [payout, ...(byOwn.get(own) ?? [])]);
      byNumber.set(payout.orderId, payout);
      byNumber.set(payout.fundOrderId, payout);
    },
    all: () => [...byOwn.values()].flat(),
    clear(): void {
      for (const payout of byNumber.values()) payout.cancelTimer?.();
      byNumber.clear();
      byOwn.clear();
    },
  };
}

/** How the money of one payout moves. */
function createLifecycle({ clock, funds, onChange }: PayoutBookOptions) {
  const businessOf = ({ terms, orderId }: Payout, remark?: string): Business => ({
    kind: '转账',
    number: orderId,
    merchantNumber: terms.outBizNo,
    title: terms.title ?? '转账',
    counterpart: terms.identity,
    remark: remark ?? terms.remark,
  });
  const move = (payout: Payout, [from, to]: readonly [string, string], remark?: string): void => {
    const { terms, merchant } = payout;
    const memo = `payout ${merchant.authAppId} ${terms.outBizNo}`;
    funds.move({ from, to, amount: terms.amount, memo, business: businessOf(payout, remark) });
  };
  const end = (payout: Payout, state: PayoutState, failure?: Failure): void => {
    payout.cancelTimer?.();
    delete payout.cancelTimer;
    Object.assign(payout, { state, ...(failure === undefined ? {} : { failure }) });
    onChange(payout);
  };
  const mustBe = ({ state }: Payout, wanted: PayoutState): void => {
    if (state !== wanted) throw new RangeError(`A payout that is ${state} is not ${wanted}.`);
  };
  const life = {
    /** Debits the merchant: to the payee at once, or to what is under way. */
    begin(payout: Payout, fate: Fate): void {
      const { merchant, terms } = payout;
      const underWay = fate.underWayMs > 0;
      const to = underWay ? frozenAccount(merchant) : payeeAccount(terms);
      move(payout, [merchantAccount(merchant), to]);
      const { fails } = fate;
      if (!underWay) {
        life.credited(payout, fate);
        return;
      }
      payout.cancelTimer = clock.schedule(fate.underWayMs, () => {
        if (fails === undefined) life.arrive(payout, fate);
        else life.fail(payout, fails);
      });
    },
    arrive(payout: Payout, fate?: Fate): void {
      mustBe(payout, 'DEALING');
      move(payout, [frozenAccount(payout.merchant), payeeAccount(payout.terms)]);
      life.credited(payout, fate);
    },
    credited(payout: Payout, fate?: Fate): void {
      payout.arrivedAt = clock.now();
      end(payout, 'SUCCESS');
      const { returnsAfterMs: afterMs } = fate ?? {};
      if (afterMs === undefined) return;
      payout.cancelTimer = clock.schedule(afterMs, () => life.sendBack(payout));
    },
    fail(payout: Payout, failure = usualFailure(payout.terms)): void {
      mustBe(payout, 'DEALING');
      const { merchant } = payout;
      move(payout, [frozenAccount(merchant), merchantAccount(merchant)], '转账失败退回');
      end(payout, 'FAIL', failure);
    },
    sendBack(payout: Payout, failure = usualFailure(payout.terms)): void {
      mustBe(payout, 'SUCCESS');
      const { merchant, terms } = payout;
      move(payout, [payeeAccount(terms), merchantAccount(merchant)], '转账退回');
      end(payout, 'REFUND', failure);
    },
  };
  return life;
}

export function createPayoutBook(options: PayoutBookOptions): PayoutBook {
  const { clock } = options;
  const numbers = options.random.fork('payouts');
  const shelves = createShelves();
  const life = createLifecycle(options);
  return {
    find: shelves.find,
    findNumber(merchant, number) {
      const payout = shelves.byNumber.get(number);
      return payout?.merchant === merchant ? payout : undefined;
    },
    all: shelves.all,
    open(merchant, { terms, voice, fate }) {
      if (shelves.byNumber.size >= 2 * maximumPayouts) throw new RangeError('The book is full.');
      const day = compactDay(clock.now());
      const orderId = `${day}11007000000${numbers.digits(19)}`;
      const fundOrderId = `${day}11007000150${numbers.digits(19)}`;
      const fixed = { merchant, terms, voice, orderId, fundOrderId, createdAt: clock.now() };
      const payout: Payout = { ...fixed, state: 'DEALING' };
      life.begin(payout, fate);
      shelves.add(payout);
      return payout;
    },
    arrive: (payout) => life.arrive(payout),
    fail: (payout, failure) => life.fail(payout, failure),
    sendBack: (payout, failure) => life.sendBack(payout, failure),
    truth: truthOf,
    clear: shelves.clear,
  };
}
