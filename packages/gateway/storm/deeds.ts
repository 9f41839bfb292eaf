/** gateway storm · deeds: what merchants, payers, payees and forgers do, and at which channel. */

export type ChannelName = 'alipay' | 'wechatpay' | 'unionpay';

/** Somebody does something; `atMs` after the payment's own beginning. */
export type Deed =
  | { readonly kind: 'approve' | 'decline' | 'abandon'; readonly atMs: number }
  | { readonly kind: 'forge' | 'rotate'; readonly atMs: number }
  | {
      readonly kind: 'pay' | 'close' | 'resolve' | 'reverse' | 'recall' | 'sign-off';
      readonly atMs: number;
    }
  | {
      readonly kind: 'charge';
      readonly atMs: number;
      readonly id: string;
      /** Minor units. */
      readonly amount: number;
    }
  | {
      readonly kind: 'cancel';
      readonly atMs: number;
      readonly id: string;
      /** The capture that is meant, where it is not the payment of the script. */
      readonly of?: string;
    }
  | {
      readonly kind: 'refund';
      readonly atMs: number;
      readonly id: string;
      /** Minor units. */
      readonly amount: number;
      /** The capture or charge that is meant, where it is not the payment of the script. */
      readonly of?: string;
    }
  | {
      readonly kind: 'capture';
      readonly atMs: number;
      readonly id: string;
      /** Minor units. */
      readonly amount: number;
      readonly final: boolean;
    }
  | {
      readonly kind: 'release';
      readonly atMs: number;
      readonly id: string;
      /** Minor units; all that is left without it. */
      readonly amount?: number;
    };
