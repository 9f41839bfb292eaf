/** reference site · records: what acme keeps about agreements, holds and payouts. */

export interface AgreementTerms {
  readonly agreementId: string;
  readonly scene: 'qr' | 'page' | 'otp' | 'card';
  readonly notifyUrl: string | undefined;
  readonly returnUrl: string | undefined;
  /** Of the scenes `otp` and `card`. */
  readonly cardNumber: string | undefined;
}

export interface Agreement {
  readonly merchantId: string;
  readonly terms: AgreementTerms;
  readonly acmeId: string;
  /** `CANCELLED`: ended before the payer had consented. */
  state: 'OPEN' | 'ACTIVE' | 'REFUSED' | 'ENDED' | 'CANCELLED';
  signedAtMs?: number;
  /** Sent to the payer's phone. */
  code?: string;
}

export interface HoldTerms {
  readonly holdId: string;
  readonly scene: 'qr' | 'barcode';
  readonly amount: number;
  readonly currency: string;
  readonly description: string;
  readonly authCode: string | undefined;
  readonly notifyUrl: string | undefined;
  readonly expiresAtMs: number | undefined;
}

/** Money given free again, under an id of the merchant's or of the call that did it. */
export interface Release {
  readonly id: string;
  readonly acmeId: string;
  readonly amount: number;
}

export interface Hold {
  readonly merchantId: string;
  readonly terms: HoldTerms;
  readonly acmeId: string;
  readonly releases: Release[];
  captured: number;
  state: 'OPEN' | 'HELD' | 'DECLINED' | 'CLOSED' | 'EXPIRED';
  heldAtMs?: number;
}

export interface PayoutTerms {
  readonly payoutId: string;
  readonly amount: number;
  readonly currency: string;
  readonly purpose: string;
  readonly payee: 'wallet' | 'bank';
  /** A wallet's id, or the number of an account. */
  readonly accountNo: string;
  readonly payeeName: string | undefined;
}

export interface Payout {
  readonly merchantId: string;
  readonly terms: PayoutTerms;
  readonly acmeId: string;
  state: 'PENDING' | 'ARRIVED' | 'FAILED' | 'RETURNED';
  arrivedAtMs?: number;
  returnedAtMs?: number;
}
