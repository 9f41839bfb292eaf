/** examples · cashier: how an order is paid - the ways on offer, and one open payment at a time. */
import type { Entry, Gateway } from '@polyrail/gateway';
import { type Order, paymentIdOf } from './orders.ts';
import type { ChannelName } from './payers.ts';

interface Way {
  readonly label: string;
  readonly channel: ChannelName;
  readonly scene: 'qr' | 'page' | 'h5';
}

export const ways: Readonly<Record<string, Way>> = {
  'alipay-qr': { label: 'Alipay, QR code', channel: 'alipay', scene: 'qr' },
  'wechatpay-qr': { label: 'WeChat Pay, QR code', channel: 'wechatpay', scene: 'qr' },
  'unionpay-page': { label: 'UnionPay, its page', channel: 'unionpay', scene: 'page' },
  'unionpay-h5': { label: 'UnionPay, on a phone', channel: 'unionpay', scene: 'h5' },
  'unionpay-qr': { label: 'UnionPay, QR code', channel: 'unionpay', scene: 'qr' },
};

export type Payment = Entry<'payment'>;

const mostPayments = 20;

/** The payments of an order, oldest first. */
export async function paymentsOf(gateway: Gateway, { id }: Order): Promise<readonly Payment[]> {
  const found: Payment[] = [];
  while (found.length < mostPayments) {
    const entry = await gateway.find('payment', paymentIdOf(id, found.length + 1));
    if (entry === undefined) break;
    found.push(entry);
  }
  return found;
}

const isLost = ({ state }: Payment): boolean => state === 'failed' || state === 'late-success';

/** The payment that counts: the one that is not lost, or the last one. */
export const currentOf = (payments: readonly Payment[]): Payment | undefined =>
  payments.find((payment) => !isLost(payment)) ?? payments.at(-1);

/** Whether nothing of a payment is on its way: no channel was asked yet, or none has taken it. */
export const isFree = ({ state, attempts }: Payment): boolean =>
  state === 'created' && attempts.every(({ fate }) => fate === 'not-sent' || fate === 'refused');

/** Whether the payer may choose a way to pay: nothing is paid, and nothing can be any more. */
export const mayPay = (payments: readonly Payment[]): boolean =>
  payments.every((payment) => isLost(payment) || isFree(payment));

/**
 * Begins the order's next payment. Its number is how many were lost before, so that two browsers that
 * press Pay at once mean the same id: the gateway makes one payment of it.
 *
 * @throws PolyrailError when nothing was begun: the payer may choose again.
 */
export async function pay(
  gateway: Gateway,
  order: Order,
  { way: { channel, scene }, shopUrl }: { readonly way: Way; readonly shopUrl: string },
): Promise<Payment> {
  const lost = (await paymentsOf(gateway, order)).filter(isLost).length;
  const back = scene === 'qr' ? {} : { returnUrl: `${shopUrl}/orders/${order.id}/back` };
  const request = {
    scene,
    merchantPaymentId: paymentIdOf(order.id, lost + 1),
    amount: order.amount,
    description: 'Tea',
    ...back,
  };
  return gateway.pay(request, { channel });
}
