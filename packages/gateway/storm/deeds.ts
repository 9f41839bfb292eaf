/** gateway storm · deeds: what merchants, payers, payees and forgers do, and at which channel. */
import type { SeededRandom } from '@polyrail/simulator';

export const channelNames = ['alipay', 'wechatpay', 'wechatpay-v2', 'unionpay'] as const;
export type ChannelName = (typeof channelNames)[number];

/** Somebody does something; `atMs` after the payment's own beginning. */
export type Deed =
  | { readonly kind: 'approve' | 'decline' | 'abandon'; readonly atMs: number }
  | { readonly kind: 'forge' | 'rotate' | 'deploy'; readonly atMs: number }
  | {
      readonly kind: 'pay' | 'close' | 'resolve' | 'reverse' | 'recall' | 'sign-off';
      readonly atMs: number;
    }
  | {
      readonly kind: 'answer';
      readonly atMs: number;
      /** What a challenge is answered with. */
      readonly verdict: 'pass' | 'block';
    }
  | {
      readonly kind: 'confirm';
      readonly atMs: number;
      /** Whether it is the code that was sent. */
      readonly isRight: boolean;
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

/** Each of these happens by its own chance. */
export const someOf = (
  deeds: readonly (readonly [chance: number, make: () => Deed])[],
  random: SeededRandom,
): readonly Deed[] => deeds.filter(([chance]) => random.chance(chance)).map(([, make]) => make());

/** A deed, and sometimes the same once more, moments later. */
export const sometimesTwice = (deed: Deed, random: SeededRandom): readonly Deed[] =>
  random.chance(0.25) ? [deed, { ...deed, atMs: deed.atMs + random.integer(3000) }] : [deed];
