/** examples · shop: the merchant's program, which stores what it asks before it asks. */
import type { AlipayChannel } from '@polyrail/alipay';
import {
  type Agreement,
  type Authorization,
  type Cancellation,
  type Closure,
  isRefOf,
  type Noun,
  type Payment,
  type Ref,
  type Refund,
} from '@polyrail/core';
import type { Books } from './books.ts';
import type { Watch } from './watch.ts';

type PayRequest = Parameters<AlipayChannel['pay']>[0];
type RefundRequest = Parameters<AlipayChannel['refund']>[0];
type CancelRequest = Parameters<AlipayChannel['cancel']>[0];
type SignUpRequest = Parameters<AlipayChannel['signUp']>[0];
type AuthorizeRequest = Parameters<AlipayChannel['authorize']>[0];
type CaptureRequest = Parameters<AlipayChannel['capture']>[0];
type ReleaseRequest = Parameters<AlipayChannel['cancelAuthorization']>[0];

export interface Shop {
  readonly books: Books;
  pay(request: PayRequest): Promise<Payment>;
  query(id: string): Promise<Payment>;
  close(id: string): Promise<Closure>;
  reverse(id: string): Promise<Cancellation>;
  cancel(request: CancelRequest): Promise<Cancellation>;
  refund(request: RefundRequest): Promise<Refund>;
  queryRefund(refund: Ref<'refund'>): Promise<Refund>;
  signUp(request: SignUpRequest): Promise<Agreement>;
  querySignUp(agreement: Ref<'agreement'>): Promise<Agreement>;
  authorize(request: AuthorizeRequest): Promise<Authorization>;
  queryAuthorization(authorization: Ref<'authorization'>): Promise<Authorization>;
  capture(request: CaptureRequest): Promise<Payment>;
  cancelAuthorization(request: ReleaseRequest): Promise<Cancellation>;
  /** The reference that was stored before the first byte of a payment left. */
  refOf(id: string): Ref<'payment'>;
}

interface ShopParts {
  readonly channel: AlipayChannel;
  readonly books: Books;
  readonly watch: Watch;
}

export function createShop({ channel, books, watch }: ShopParts): Shop {
  function refOf(id: string): Ref<'payment'> {
    const record = books.payments.get(id);
    if (record === undefined) throw new Error(`The books know no payment ${id}`);
    return record.ref;
  }
  const about = (verb: string, id: string) => ({ verb, id, paymentId: id });

  return {
    books,
    refOf,
    pay(request) {
      const { scene, merchantPaymentId: id } = request;
      const onPrepared = async (ref: Ref<Noun>) => {
        if (isRefOf(ref, 'payment')) books.openPayment(ref, scene);
      };
      return watch({ ...about('pay', id), scene }, () => channel.pay(request, { onPrepared }));
    },
    signUp(request) {
      const { merchantAgreementId: id, scene } = request;
      return watch({ ...about('signUp', id), scene }, () => channel.signUp(request));
    },
    querySignUp: (agreement) =>
      watch(about('querySignUp', agreement.merchantId), () => channel.querySignUp(agreement)),
    authorize(request) {
      const { merchantPaymentId: id, scene } = request;
      return watch({ ...about('authorize', id), scene }, () => channel.authorize(request));
    },
    queryAuthorization: (authorization) =>
      watch(about('queryAuthorization', authorization.merchantId), () =>
        channel.queryAuthorization(authorization),
      ),
    capture(request) {
      const { merchantPaymentId: id } = request;
      const onPrepared = async (ref: Ref<Noun>) => {
        if (isRefOf(ref, 'payment')) books.openPayment(ref, 'capture');
      };
      return watch(about('capture', id), () => channel.capture(request, { onPrepared }));
    },
    cancelAuthorization(request) {
      const { merchantCancelId: id } = request;
      return watch(about('cancelAuthorization', id), () => channel.cancelAuthorization(request));
    },
    query: (id) => watch(about('query', id), () => channel.query(refOf(id))),
    close: (id) => watch(about('close', id), () => channel.close(refOf(id))),
    reverse: (id) => watch(about('reverse', id), () => channel.reverse(refOf(id))),
    cancel(request) {
      const paymentId = request.payment.merchantId;
      return watch(about('cancel', paymentId), () => channel.cancel(request));
    },
    refund(request) {
      const { payment, merchantRefundId: id, amount } = request;
      const paymentId = payment.merchantId;
      const onPrepared = async () => books.openReturn(id, { paymentId, amount });
      return watch({ verb: 'refund', id }, () => channel.refund(request, { onPrepared }));
    },
    queryRefund(refund) {
      const line = { verb: 'queryRefund', id: refund.merchantId };
      return watch(line, () => channel.queryRefund(refund));
    },
  };
}
