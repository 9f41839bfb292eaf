/** wechatpay simulator · origins: where the real WeChat Pay is reached, for mounts in its place. */

/** Dossier A1: the main host, the backup host, and their newer aliases. */
export const wechatPayOrigins: readonly string[] = [
  'https://api.mch.weixin.qq.com',
  'https://api2.mch.weixin.qq.com',
  'https://api.wechatpay.cn',
  'https://api2.wechatpay.cn',
];
