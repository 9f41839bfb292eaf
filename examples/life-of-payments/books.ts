/** examples · books: the merchant's own records, which only ever learn more. */
import {
  type Agreement,
  type Cancellation,
  type Closure,
  type Fact,
  formatMoney,
  type Money,
  type Payment,
  type Ref,
} from '@polyrail/core';

/** What the merchant knows of one payment. */
interface PaymentRecord {
  readonly scene: string;
  ref: Ref<'payment'>;
  /** `closed`: proven that no money will come. */
  status: Payment['status'] | 'closed';
  /** What the channel last said was given back in all. */
  undone?: Money;
}

/** Money that went back, or is asked to. */
interface ReturnRecord {
  readonly paymentId: string;
  readonly amount: Money;
  status: Payment['status'];
}

type Standing = Extract<Agreement, { status: 'succeeded' }>['standing'];

export interface Books {
  readonly payments: ReadonlyMap<string, PaymentRecord>;
  /** How each agreement stands. */
  readonly agreements: ReadonlyMap<string, Standing>;
  /** By the merchant's refund id, or `cancel <payment id>` for a payment undone as a whole. */
  readonly returns: ReadonlyMap<string, ReturnRecord>;
  /** Stored before the first byte of a payment leaves: all that is needed to ask about it later. */
  openPayment(ref: Ref<'payment'>, scene: string): void;
  /** Stored before the first byte of a refund leaves. */
  openReturn(id: string, record: Omit<ReturnRecord, 'status'>): void;
  /**
   * Takes a result or a pushed fact; true if it was news. The same one twice changes nothing. A
   * cancellation has an id of its own: `paymentId` says what it undid.
   */
  apply(fact: Fact | Closure, paymentId?: string): boolean;
}

export const yuan = (amount: Money | undefined): string =>
  amount === undefined ? '' : `¥${formatMoney(amount)}`;

export const cancelKey = (paymentId: string): string => `cancel ${paymentId}`;

const isFinal = (status: PaymentRecord['status']): boolean =>
  status !== 'pending' && status !== 'unknown';

/** A real merchant writes to a database instead; when and what is written stays the same. */
export function createBooks(): Books {
  const payments = new Map<string, PaymentRecord>();
  const returns = new Map<string, ReturnRecord>();
  const agreements = new Map<string, Standing>();

  function applyPayment(fact: Payment): void {
    const record = payments.get(fact.ref.merchantId);
    if (record === undefined) return;
    // What is paid stays paid: a doubt that comes late takes nothing back.
    if (!isFinal(record.status) || fact.status === 'succeeded') record.status = fact.status;
    const { channelId } = fact.ref;
    if (channelId !== undefined) record.ref = { ...record.ref, channelId };
    if (fact.status === 'succeeded' && fact.undone) record.undone = fact.undone.amount;
  }

  function settleReturn(id: string, status: Payment['status']): void {
    const record = returns.get(id);
    if (record !== undefined && !isFinal(record.status)) record.status = status;
  }

  function applyCancellation(fact: Cancellation, paymentId: string): void {
    const record = payments.get(paymentId);
    if (fact.status !== 'succeeded' || record === undefined) return;
    const { amount } = record.ref;
    if (fact.effect !== 'refunded') record.status = 'closed';
    else if (amount !== undefined) {
      returns.set(cancelKey(paymentId), { paymentId, amount, status: 'succeeded' });
    }
  }

  function applyClosure(fact: Closure, paymentId: string): void {
    const record = payments.get(paymentId);
    if (fact.status === 'succeeded' && record !== undefined) record.status = 'closed';
  }

  function applyAgreement(fact: Agreement): void {
    const { merchantId } = fact.ref;
    // What has ended stays ended, whatever arrives late.
    if (fact.status !== 'succeeded' || agreements.get(merchantId) === 'ended') return;
    agreements.set(merchantId, fact.standing);
  }

  const snapshot = (): string => JSON.stringify([[...payments], [...returns], [...agreements]]);

  return {
    payments,
    returns,
    agreements,
    openPayment(ref, scene) {
      const { merchantId } = ref;
      if (!payments.has(merchantId)) payments.set(merchantId, { scene, ref, status: 'unknown' });
    },
    openReturn(id, record) {
      if (!returns.has(id)) returns.set(id, { ...record, status: 'unknown' });
    },
    apply(fact, paymentId = fact.ref.merchantId) {
      const before = snapshot();
      if (fact.noun === 'payment') applyPayment(fact);
      if (fact.noun === 'agreement') applyAgreement(fact);
      if (fact.noun === 'refund') settleReturn(fact.ref.merchantId, fact.status);
      if (fact.noun === 'cancellation') applyCancellation(fact, paymentId);
      if (fact.noun === 'closure') applyClosure(fact, paymentId);
      return snapshot() !== before;
    },
  };
}
