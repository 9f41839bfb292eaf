/** wechatpay simulator · payout book: money on its way from merchants to payees, of both protocols. */
import type { SeededRandom, VirtualClock } from '@polyrail/simulator';
import { type Business, type Funds, merchantAccount, purseOf, underWayAccount } from './funds.ts';
import type { Merchant } from './merchants.ts';
import { letters, transferNumber } from './numbers.ts';
import type { Voice } from './voice.ts';

export type PayoutState =
  | 'ACCEPTED'
  | 'PROCESSING'
  | 'WAIT_USER_CONFIRM'
  | 'TRANSFERING'
  | 'SUCCESS'
  | 'FAIL'
  | 'CANCELING'
  | 'CANCELLED';

export interface PayoutTerms {
  readonly outBillNo: string;
  readonly appid: string;
  readonly openid: string;
  /** Fen. */
  readonly amount: number;
  readonly remark: string;
  readonly sceneId?: string | undefined;
  readonly userName?: string | undefined;
  readonly notifyUrl?: string | undefined;
}

export interface Payout {
  readonly merchant: Merchant;
  readonly terms: PayoutTerms;
  readonly voice: Voice;
  /** `transfer_bill_no`, or of v2 `payment_no`. */
  readonly billNo: string;
  /** What the payee's client is handed to confirm with. */
  readonly packageInfo: string;
  readonly createdAt: number;
  updatedAt: number;
  state: PayoutState;
  failReason?: string;
  /** How often the payee was credited. */
  transfers: number;
  cancelTimer?: () => void;
}

/** What happened to the money of a payout. Amounts in fen. */
export interface PayoutTruth {
  readonly merchantId: string;
  readonly channelId: string;
  readonly state: PayoutState;
  /** How often the payee was credited. */
  readonly transfers: number;
  readonly paid: number;
  /** Sent back after that: never here. */
  readonly returned: number;
}

/** How a payout goes on by itself. */
export interface PayoutFate {
  /** Processed for so long before the payee is asked, or of v2 before it arrives. */
  readonly processingMs: number;
  /** Fails at the end, for this reason. */
  readonly fails?: string;
  /** Between the payee's consent and the end. */
  readonly transferMs: number;
}

export interface PayoutWish {
  readonly terms: PayoutTerms;
  readonly voice: Voice;
  readonly fate: PayoutFate;
  /** Without the payee's consent: v2. */
  readonly direct: boolean;
}

export interface PayoutBook {
  find(merchant: Merchant, outBillNo: string): Payout | undefined;
  findNumber(merchant: Merchant, billNo: string): Payout | undefined;
  findPackage(packageInfo: string): Payout | undefined;
  all(): readonly Payout[];
  /** @throws RangeError when the merchant's account does not hold that much. */
  open(merchant: Merchant, wish: PayoutWish): Payout;
  /** The payee agrees. */
  confirm(payout: Payout): void;
  fail(payout: Payout, reason: string): void;
  cancel(payout: Payout): void;
  clear(): void;
}

interface PayoutBookOptions {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly funds: Funds;
  /** How long a payee may take to confirm. */
  readonly lifeMs: number;
  /** Told when it has ended. */
  readonly onEnd: (payout: Payout) => void;
}

const cancelingMs = 1_000;
const maximumPayouts = 100_000;
const keyOf = (merchant: Merchant, number: string): string => `${merchant.mchid} ${number}`;

export const isWaiting = ({ state }: Payout): boolean =>
  state === 'ACCEPTED' || state === 'PROCESSING' || state === 'WAIT_USER_CONFIRM';

export const payoutTruth = ({ terms, billNo, state, transfers }: Payout): PayoutTruth => ({
  merchantId: terms.outBillNo,
  channelId: billNo,
  state,
  transfers,
  paid: transfers * terms.amount,
  returned: 0,
});

function createMover(funds: Funds) {
  return (payout: Payout, kind: 'out' | 'arrive' | 'back'): void => {
    const { merchant, terms, billNo } = payout;
    const [account, underWay] = [merchantAccount(merchant), underWayAccount(merchant)];
    const ways = {
      out: [account, underWay],
      arrive: [underWay, purseOf(terms.openid)],
      back: [underWay, account],
    } as const;
    const [from, to] = ways[kind];
    const business: Business = {
      kind: kind === 'out' ? '转账' : '转账退回',
      number: billNo,
      merchantNumber: terms.outBillNo,
      remark: terms.remark,
    };
    const memo = `payout ${merchant.mchid} ${terms.outBillNo}`;
    const entry = kind === 'arrive' ? {} : { business };
    funds.move({ from, to, amount: terms.amount, memo, ...entry });
    if (kind === 'arrive') payout.transfers += 1;
  };
}

/** How one payout moves from state to state. */
function createLifecycle({ clock, funds, lifeMs, onEnd }: PayoutBookOptions) {
  const move = createMover(funds);
  const turn = (payout: Payout, state: PayoutState): void => {
    payout.cancelTimer?.();
    delete payout.cancelTimer;
    Object.assign(payout, { state, updatedAt: clock.now() });
  };
  const after = (payout: Payout, ms: number, go: () => void): void => {
    if (ms <= 0) go();
    else payout.cancelTimer = clock.schedule(ms, go);
  };
  const life = {
    begin(payout: Payout, fate: PayoutFate, direct: boolean): void {
      move(payout, 'out');
      if (fate.processingMs > 0) turn(payout, 'PROCESSING');
      after(payout, fate.processingMs, () => {
        if (direct) life.arrive(payout, fate);
        else life.ask(payout);
      });
    },
    ask(payout: Payout): void {
      turn(payout, 'WAIT_USER_CONFIRM');
      after(payout, lifeMs, () => life.fail(payout, 'OVERDUE_CLOSE'));
    },
    confirm(payout: Payout, fate: PayoutFate): void {
      turn(payout, 'TRANSFERING');
      after(payout, fate.transferMs, () => life.arrive(payout, fate));
    },
    arrive(payout: Payout, { fails }: PayoutFate): void {
      if (fails !== undefined) {
        life.fail(payout, fails);
        return;
      }
      move(payout, 'arrive');
      turn(payout, 'SUCCESS');
      onEnd(payout);
    },
    fail(payout: Payout, reason: string): void {
      move(payout, 'back');
      turn(payout, 'FAIL');
      payout.failReason = reason;
      onEnd(payout);
    },
    cancel(payout: Payout): void {
      turn(payout, 'CANCELING');
      after(payout, cancelingMs, () => {
        move(payout, 'back');
        turn(payout, 'CANCELLED');
        onEnd(payout);
      });
    },
  };
  return life;
}

export function createPayoutBook(options: PayoutBookOptions): PayoutBook {
  const { clock } = options;
  const numbers = options.random.fork('payouts');
  const life = createLifecycle(options);
  const byNumber = new Map<string, Payout>();
  const byBillNo = new Map<string, Payout>();
  const byPackage = new Map<string, Payout>();
  const fates = new WeakMap<Payout, PayoutFate>();
  return {
    find: (merchant, number) => byNumber.get(keyOf(merchant, number)),
    findNumber(merchant, billNo) {
      const payout = byBillNo.get(billNo);
      return payout?.merchant === merchant ? payout : undefined;
    },
    findPackage: (packageInfo) => byPackage.get(packageInfo),
    all: () => [...byNumber.values()],
    open(merchant, { terms, voice, fate, direct }) {
      if (byNumber.size >= maximumPayouts) throw new RangeError('The book is full.');
      const now = clock.now();
      const payout: Payout = {
        merchant,
        terms,
        voice,
        billNo: transferNumber(numbers, now),
        packageInfo: letters(numbers, 64),
        createdAt: now,
        updatedAt: now,
        state: 'ACCEPTED',
        transfers: 0,
      };
      fates.set(payout, fate);
      life.begin(payout, fate, direct);
      byNumber.set(keyOf(merchant, terms.outBillNo), payout);
      byBillNo.set(payout.billNo, payout);
      byPackage.set(payout.packageInfo, payout);
      return payout;
    },
    confirm: (payout) =>
      life.confirm(payout, fates.get(payout) ?? { processingMs: 0, transferMs: 0 }),
    fail: life.fail,
    cancel: life.cancel,
    clear() {
      for (const payout of byNumber.values()) payout.cancelTimer?.();
      for (const shelf of [byNumber, byBillNo, byPackage]) shelf.clear();
    },
  };
}
