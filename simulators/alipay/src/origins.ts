/** alipay simulator · origins: where the real Alipay is reached, for mounts that stand in for it. */

/** Dossier §14.1: the address of a bill is on a host of its own. */
const billOrigin = 'http://dwbillcenter.alipay.com';

/** Dossier §1: production, the sandbox of today, the old one, and its V3 name. */
const apiOrigins: readonly string[] = [
  'https://openapi.alipay.com',
  'https://openapi-sandbox.dl.alipaydev.com',
  'https://openapi.alipaydev.com',
  'http://openapi.sandbox.dl.alipaydev.com',
];

export const alipayOrigins: readonly string[] = [
  ...apiOrigins,
  billOrigin,
  billOrigin.replace('http:', 'https:'),
];

/** Where somebody who asked at `origin` finds bills. */
export const billOriginOf = (origin: string): string =>
  apiOrigins.includes(origin) ? billOrigin : origin;
