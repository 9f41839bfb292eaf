/** unionpay simulator · origins: where the real UnionPay is reached, for mounts in its place. */

/** Dossier §1: the gateway and the host of files, of production and of the test environment. */
export const unionPayOrigins: readonly string[] = [
  'https://gateway.95516.com',
  'https://gateway.test.95516.com',
  'https://filedownload.95516.com',
  'https://filedownload.test.95516.com',
];
