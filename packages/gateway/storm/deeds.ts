/** gateway storm · deeds: what merchants, payers, payees and forgers do, and at which channel. */

export type ChannelName = 'alipay' | 'wechatpay' | 'unionpay';

/** Somebody does something; `atMs` after the payment's own beginning. */
export type Deed =
  | { readonly kind: 'approve' | 'decline' | 'abandon'; readonly atMs: number }
  | { readonly kind: 'forge' | 'rotate'; readonly atMs: number }
  | { readonly kind: 'pay' | 'close' | 'resolve' | 'reverse' | 'recall'; readonly atMs: number }
  | { readonly kind: 'cancel'; readonly atMs: number; readonly id: string }
  | {
      readonly kind: 'refund';
      readonly atMs: number;
      readonly id: string;
      /** Minor units. */
      readonly amount: number;
    };
