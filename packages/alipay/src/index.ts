/** @polyrail/alipay: one payment channel, Alipay over gateway.do. */
export { checkAlipayConfig, createAlipay } from './channel.ts';
export type { AlipayCertificates, AlipayConfig } from './config.ts';
export type {
  AlipayGoods,
  AlipayPayExtra,
  AlipayRefundExtra,
  AlipayScene,
} from './extra.ts';
export { readAttachment } from './order.ts';
export type { AlipayChannel, AlipayShape } from './shape.ts';
