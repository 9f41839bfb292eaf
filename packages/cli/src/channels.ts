/** cli · channels: the simulators this command can start. Loaded only when asked for. */
import type { Site } from '@polyrail/simulator';

export interface StartOptions {
  readonly port?: number;
  readonly host?: string;
  readonly seed?: number;
  readonly tls?: boolean;
}

export type StartSimulator = (options: StartOptions) => Promise<Site>;

/** By channel name. */
export type Channels = Readonly<Record<string, () => Promise<StartSimulator>>>;

export const channels: Channels = {
  alipay: async () => (await import('@polyrail/alipay-simulator')).startAlipay,
  unionpay: async () => (await import('@polyrail/unionpay-simulator')).startUnionPay,
  wechatpay: async () => (await import('@polyrail/wechatpay-simulator')).startWechatPay,
};
