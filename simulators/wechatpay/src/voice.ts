/** wechatpay simulator · voice: in which protocol, and how signed, a merchant is told of something. */

export type V2SignType = 'MD5' | 'HMAC-SHA256';

/** As in the call that began it. */
export type Voice =
  | {
      readonly protocol: 'v3';
      /** What the call named in `Wechatpay-Serial`: so is what it causes signed. */
      readonly serial?: string;
    }
  | { readonly protocol: 'v2'; readonly signType: V2SignType };
