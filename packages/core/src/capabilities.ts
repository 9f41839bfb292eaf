/** core · capabilities: what the presence of a verb cannot say about a channel, as data. */
import type { SignUpScene } from './agreement.ts';
import type { Scene } from './payment.ts';
import type { StatementKind } from './statement.ts';

/** `pattern` is an unanchored-safe regular expression source: it is matched against the whole id. */
export interface IdRule {
  readonly pattern: string;
  readonly maxLength: number;
}

export interface TextRule {
  readonly maxLength: number;
  /** Characters the channel refuses, each listed. */
  readonly forbidden?: string;
}

/** Facts about the channel. The conformance suite holds them against behaviour. */
export interface Capabilities {
  /** IANA name of the business calendar's zone. */
  readonly timeZone: string;
  /** `HH:MM` at which the business day ends; `24:00` unless the channel differs. */
  readonly dayEndsAt?: string;
  readonly currencies: readonly string[];
  readonly scenes?: {
    readonly pay?: readonly Scene[];
    readonly authorize?: readonly Scene[];
    readonly signUp?: readonly SignUpScene[];
  };
  /** Bounds of one payment in minor units, both inclusive. */
  readonly amount?: { readonly min: number; readonly max: number };
  readonly merchantPaymentId: IdRule;
  readonly merchantRefundId?: IdRule;
  readonly merchantCancelId?: IdRule;
  readonly merchantAgreementId?: IdRule;
  readonly merchantPayoutId?: IdRule;
  readonly description?: TextRule;
  readonly attachment?: TextRule;
  /** `signed`: only the channel's signature is evidence. `transport`: the protocol signs nothing. */
  readonly sealing?: 'signed' | 'transport';
  /** Verbs whose exchange the protocol leaves unsigned although it signs others. */
  readonly unsigned?: readonly string[];
  readonly defaultTimeoutMs?: number;
  readonly confirmSignUp?: 'otp' | 'otp-and-card';
  readonly confirmPay?: 'otp' | 'otp-and-card';
  /** Whether a successful `close` proves that no money can come any more. */
  readonly closeProvesAbsence: boolean;
  /** How long after a request a query may still answer not-found about it. */
  readonly visibilityMs: number;
  /** `true`: what was reversed is told as failed from then on, and no longer as paid or held. */
  readonly reversalErases?: boolean;
  /** Windows after payment, in ms. */
  readonly windows?: {
    readonly refundMs?: number;
    readonly cancelMs?: number;
    /** `true`: cancelling ends with the business day of the payment, however late that was. */
    readonly cancelUntilDayEnds?: boolean;
  };
  readonly partialRefunds?: boolean;
  /** `false`: an authorization waits for its payer without a deadline, and takes no `expiresAt`. */
  readonly holdsExpire?: boolean;
  /** `false`: what is held is captured once and no more: captures are `final`. */
  readonly partialCaptures?: boolean;
  /** How much of what is held may be captured, in percent; 100 unless told. */
  readonly captureLimitPercent?: number;
  /** How long the `merchantPaymentId` of a capture may be, where a payment's may be longer. */
  readonly captureIdMaxLength?: number;
  /** `false`: what is held is released as a whole. */
  readonly partialReleases?: boolean;
  readonly partialApproval?: boolean;
  /** How an unknown payment is resolved: when to ask, in ms after the call, and what then. */
  readonly resolve: {
    readonly queryAfterMs: readonly number[];
    readonly then: 'reverse' | 'escalate';
  };
  /** Gaps between repeated deliveries of one notification, in ms. */
  readonly notificationLadderMs?: readonly number[];
  /** `HH:MM` of the next day, in `timeZone`, at which a kind of statement is ready. */
  readonly statements?: { readonly [K in StatementKind]?: { readonly readyAt: string } };
}
