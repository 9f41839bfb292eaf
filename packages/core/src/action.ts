/** core · action: what somebody must do now so that a pending outcome can move on. */

/**
 * - `redirect`: send the payer's browser to `url`.
 * - `form`: have the payer's browser POST `fields` to `url` in `charset`.
 * - `qr`: show `text` as a QR code.
 * - `sdk`: hand `parameters` to the wallet's app or page kit.
 * - `otp`: ask the payer for the code sent to `sentTo` (masked).
 *
 * A next action is *a* step: another may follow.
 */
export type NextAction =
  | { readonly kind: 'redirect'; readonly url: string }
  | {
      readonly kind: 'form';
      readonly url: string;
      readonly fields: Readonly<Record<string, string>>;
      readonly charset: string;
    }
  | { readonly kind: 'qr'; readonly text: string }
  | { readonly kind: 'sdk'; readonly parameters: Readonly<Record<string, string>> | string }
  | { readonly kind: 'otp'; readonly sentTo?: string };
