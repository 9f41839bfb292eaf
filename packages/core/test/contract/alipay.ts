// Author's side, adapter 1: Alipay v1.
import { defineChannel, type AllVerbs, type Capabilities, type Clock, type ChannelOf, type Payment, type Refund, type Secret, type Shape, type Options, type Fact } from '../../src/index.ts';

export interface AlipayConfig { appId: string; sellerId: string; merchantKey: Secret; platformKey: Secret; appAuthToken?: string }
export interface AlipayPayExtra { storeId?: string; goodsDetail?: readonly { goodsId: string; quantity: number }[] }
export interface AlipayShape extends Shape {
  pay: 'qr' | 'barcode' | 'page' | 'h5' | 'app' | 'in-wallet' | 'agreement';
  authorize: 'qr' | 'barcode'; signUp: 'page' | 'app';
  extra: { pay: AlipayPayExtra; refund: { royalty?: string } };
  verbs: 'pay' | 'query' | 'close' | 'cancel' | 'reverse' | 'refund' | 'queryRefund' | 'authorize' | 'queryAuthorization'
    | 'capture' | 'cancelAuthorization' | 'signUp' | 'querySignUp' | 'signOff' | 'payout' | 'queryPayout'
    | 'statement' | 'balance' | 'receive' | 'acknowledge';
}
/** Named, so that editors print one word. */
export interface AlipayChannel extends ChannelOf<AlipayShape> {}

declare const capabilities: Capabilities; declare const clock: Clock;
interface Call { call(method: string, fields: object, options?: Options): Promise<Record<string, string>> }
declare function createWire(config: AlipayConfig): Call;
declare function toPay(r: Parameters<AlipayChannel['pay']>[0]): [string, object];
declare function fromPay(reply: Record<string, string>): Payment;
declare function toRefund(r: Parameters<AlipayChannel['refund']>[0]): object;
declare function fromRefund(reply: Record<string, string>): Refund;
declare function open(m: unknown): { fields: Record<string, string>; facts: readonly [Fact, ...Fact[]] };
declare const rest: Omit<Pick<AllVerbs<AlipayShape>, AlipayShape['verbs']>, 'pay' | 'refund' | 'receive'>;

export function createAlipay(config: AlipayConfig): AlipayChannel {
  const wire = createWire(config);
  return defineChannel<AlipayShape>({
    name: 'alipay', capabilities, ...rest,
    async pay(request, options) {
      const [method, fields] = toPay(request);
      return fromPay(await wire.call(method, fields, options));
    },
    async refund(request, options) {
      return fromRefund(await wire.call('alipay.trade.refund', toRefund(request), options));
    },
    async open(message) { return { facts: open(message).facts }; },
  }, { clock });
}
