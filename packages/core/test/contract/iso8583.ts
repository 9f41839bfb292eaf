// Author's side, adapter 2: ISO 8583 with reversal.
import { defineChannel, type AllVerbs, type Capabilities, type Clock, type Card, type ChannelOf, type Payment, type Cancellation, type Ref, type Secret, type Shape } from '../../src/index.ts';
export interface BankShape extends Shape {
  pay: 'card'; authorize: 'card'; signUp: never;
  extra: { pay: { entry: 'keyed' | 'swiped' | 'chip'; pin?: Secret; chip?: Uint8Array } };
  verbs: 'pay' | 'cancel' | 'reverse' | 'refund' | 'authorize' | 'capture' | 'cancelAuthorization' | 'cancelCapture' | 'balance' | 'statement';
}
export interface BankChannel extends ChannelOf<BankShape> {}
interface Frame { mti: string; fields: Map<number, string> }
interface Link { lane(terminal?: string): Promise<{ terminal: string; batch: string; trace: string }>; exchange(f: Frame, deadlineMs: number, onPrepared?: () => Promise<void>): Promise<Frame | undefined>; drain(): Promise<void> }
declare const link: Link; declare const capabilities: Capabilities; declare const clock: Clock;
declare const rest: Omit<Pick<AllVerbs<BankShape>, BankShape['verbs']>, 'pay' | 'reverse'>;
declare function toPurchase(r: { amount: unknown; card: Card }, lane: object): Frame;
declare function fromPurchase(f: Frame | undefined, ref: Ref<'payment'>): Payment;
declare function toReversal(handle: string): Frame;
declare function fromReversal(f: Frame | undefined, ref: Ref<'cancellation'>): Cancellation;

export const createBank = (): BankChannel => defineChannel<BankShape>({
  name: 'bank', capabilities, ...rest,
  async pay(request, options) {
    const lane = await link.lane(); // trace and batch are minted HERE, after the merchant's record was written
    const ref: Ref<'payment'> = { noun: 'payment', merchantId: request.merchantPaymentId, amount: request.amount, startedAt: request.startedAt ?? '', handle: JSON.stringify(lane) };
    const reply = await link.exchange(toPurchase(request, lane), options?.timeoutMs ?? 60_000, async () => options?.onPrepared?.(ref));
    return fromPurchase(reply, ref);
  },
  async reverse(target, options) {
    const ref: Ref<'cancellation'> = { noun: 'cancellation', merchantId: target.merchantId, startedAt: target.startedAt };
    return fromReversal(await link.exchange(toReversal(target.handle ?? ''), options?.timeoutMs ?? 60_000), ref);
  },
}, { clock });
