/** alipay · shape: what this channel offers, for the type checker and for editors. */
import type { ChannelOf, Shape } from '@polyrail/core';
import type { AlipayPayExtra, AlipayRefundExtra, AlipayScene } from './extra.ts';

export interface AlipayShape extends Shape {
  pay: AlipayScene;
  extra: { pay: AlipayPayExtra; refund: AlipayRefundExtra };
  verbs:
    | 'pay'
    | 'query'
    | 'close'
    | 'cancel'
    | 'reverse'
    | 'refund'
    | 'queryRefund'
    | 'statement'
    | 'receive'
    | 'acknowledge';
}

/** One merchant's Alipay. Named, so that editors print one word. */
export interface AlipayChannel extends ChannelOf<AlipayShape> {}

export type PayRequest = Parameters<AlipayChannel['pay']>[0];
export type RefundRequest = Parameters<AlipayChannel['refund']>[0];
export type CancelRequest = Parameters<AlipayChannel['cancel']>[0];
