import type { AlipayChannel } from './alipay.ts';
import type { BankChannel } from './iso8583.ts';
import { isPolyrailError, takes, unreachable, money, secret, type Agreement, type Cancellation, type Channel, type ChannelOf, type Fact, type Noun, type Notification, type Payment, type Payout, type Pending, type PaymentFacts, type Ref, type Refund, type Shape } from '../../src/index.ts';

declare const alipay: AlipayChannel; declare const bank: BankChannel;
interface UnionShape extends Shape { pay: 'qr' | 'page' | 'app' | 'barcode' | 'agreement' | 'card'; authorize: 'page' | 'app'; signUp: 'page' | 'otp'; extra: object;
  verbs: 'pay' | 'confirmPay' | 'query' | 'cancel' | 'reverse' | 'refund' | 'queryRefund' | 'queryCancellation' | 'authorize' | 'capture' | 'queryAuthorization' | 'cancelAuthorization' | 'cancelCapture' | 'signUp' | 'confirmSignUp' | 'querySignUp' | 'signOff' | 'payout' | 'queryPayout' | 'statement' | 'receive' | 'acknowledge' }
interface UnionChannel extends ChannelOf<UnionShape> {}
declare const unionpay: UnionChannel;
declare const db: { put(k: string, v: unknown): Promise<void>; get<T>(k: string): Promise<T>; enqueue(k: string, v: unknown): Promise<void> };
declare const ui: { showQr(t: string): void; ship(id: string): Promise<void>; askOtp(to?: string): Promise<string>; redirect(u: string): void };
declare const sleep: (ms: number) => Promise<void>; declare const now: () => string; declare const alarm: (m: string, ...x: unknown[]) => Promise<void>;
const keep = (ref: Ref<Noun>) => db.put(`ref:${ref.noun}:${ref.merchantId}`, ref);

// 1. first payment by QR
export async function p1() {
  const p = await alipay.pay({ scene: 'qr', merchantPaymentId: 'A1', amount: money('9.00', 'CNY'), description: 'tea', extra: { storeId: 's' } }, { onPrepared: keep });
  switch (p.status) {
    case 'pending': if (p.nextAction?.kind === 'qr') ui.showQr(p.nextAction.text); return;
    case 'succeeded': return ui.ship(p.ref.merchantId);
    case 'failed': return alarm(p.reason);
    case 'unknown': return db.enqueue('resolve', p.ref);
    default: return unreachable(p);
  }
}
// 2. barcode with USERPAYING: poll, then reverse until it has an end
export async function p2(authCode: string): Promise<Payment | Cancellation> {
  let p: Payment = await alipay.pay({ scene: 'barcode', authCode, merchantPaymentId: 'A2', amount: money('1', 'CNY'), description: 'tea' });
  for (const ms of alipay.capabilities.resolve.queryAfterMs) {
    if (p.status === 'succeeded' || p.status === 'failed') return p;
    await sleep(ms);
    try { p = await alipay.query(p.ref); } catch (e) { if (!isPolyrailError(e)) throw e; } // reading verb throws: means nothing about the payment
  }
  for (;;) {
    const undo = await alipay.reverse(p.ref);
    if (undo.status !== 'unknown' && undo.status !== 'pending') return undo;
    await sleep(1000);
  }
}
// 3. JSAPI
export async function p3(openid: string) {
  const p = await alipay.pay({ scene: 'in-wallet', payerId: openid, merchantPaymentId: 'A3', amount: money('1', 'CNY'), description: 'x', payer: { ip: '1.2.3.4' } });
  return p.status === 'pending' && p.nextAction?.kind === 'sdk' ? p.nextAction.parameters : undefined;
}
// 4. bind a card by SMS, then pay by it, confirming the payment by SMS as well
export async function p4() {
  const card = { number: secret('62'), phone: secret('13'), expiry: secret('2912'), securityCode: secret('123') };
  let a: Agreement = await unionpay.signUp({ scene: 'otp', merchantAgreementId: 'G1', card, startedAt: now() });
  if (a.status === 'pending' && a.nextAction?.kind === 'otp') // the factors are needed again: nothing may hold them in between
    a = await unionpay.confirmSignUp({ agreement: a.ref, otp: secret(await ui.askOtp(a.nextAction.sentTo)), card });
  if (a.status !== 'succeeded' || a.standing !== 'active') return a;
  let p = await unionpay.pay({ scene: 'agreement', agreement: a.ref, merchantPaymentId: 'U1', amount: money('1', 'CNY'), description: 'x', startedAt: now() });
  if (p.status === 'pending' && p.nextAction?.kind === 'otp')
    p = await unionpay.confirmPay({ payment: p.ref, otp: secret(await ui.askOtp(p.nextAction.sentTo)) });
  return p;
}
// 5. pre-authorize, capture part, release the rest
export async function p5() {
  const a = await alipay.authorize({ scene: 'barcode', authCode: '28', merchantPaymentId: 'Z1', amount: money('300', 'CNY'), description: 'hotel' });
  if (a.status !== 'succeeded') return a;
  const c = await alipay.capture({ authorization: a.ref, merchantPaymentId: 'Z1c1', amount: money('120', 'CNY'), final: false, description: 'night 1' });
  if (c.status === 'unknown') return alipay.query(c.ref);
  return alipay.cancelAuthorization({ authorization: a.ref, merchantCancelId: 'Z1r1', amount: money('180', 'CNY') });
}
// 6. cancel or refund by time of day
export async function p6(p: Ref<'payment'> & { amount: NonNullable<Ref<'payment'>['amount']> }) {
  const c = await unionpay.cancel({ payment: p, merchantCancelId: 'C1', startedAt: now() });
  if (c.status === 'failed' && c.reason === 'window-passed')
    return unionpay.refund({ payment: p, merchantRefundId: 'R1', amount: p.amount, startedAt: now() });
  return c.status === 'pending' || c.status === 'unknown' ? unionpay.queryCancellation(c.ref) : c;
}
// 7. unknown after time-out
export async function p7() {
  const p = await bank.pay({ scene: 'card', card: { number: secret('62') }, merchantPaymentId: 'B1', amount: money('5', 'CNY'), description: 'x', extra: { entry: 'keyed' } }, { onPrepared: keep, timeoutMs: 60_000 });
  if (p.status !== 'unknown') return p;
  return bank.reverse(await db.get<Ref<'payment'>>('ref:payment:B1'));
}
// 8. late success after close
export async function p8(ref: Ref<'payment'>) {
  const c = await alipay.close(ref);
  if (c.status === 'succeeded') return; // closed; a page that was never opened may still be paid until expiresAt!
  if (c.status === 'failed' && c.reason === 'already-paid') {
    const p = await alipay.query(ref);
    if (p.status === 'succeeded') return alipay.refund({ payment: p.ref, merchantRefundId: `late-${ref.merchantId}`, amount: p.amount });
  }
  return c;
}
// 9. notification handler in a fetch-style server
const answer = (o: ReturnType<AlipayChannel['acknowledge']>) => new Response(o.body as Uint8Array<ArrayBuffer>, { status: o.status, headers: o.headers });
export async function p9(request: globalThis.Request): Promise<Response> {
  let n: Notification;
  try { n = await alipay.receive({ headers: Object.fromEntries(request.headers), body: new Uint8Array(await request.arrayBuffer()) }); }
  catch (refused) { return answer(alipay.acknowledge({ refused })); }
  try { for (const f of n.facts) await apply(f); } catch (again) { return answer(alipay.acknowledge({ again })); }
  return answer(alipay.acknowledge({ stored: n }));
}
async function apply(f: Fact) {
  switch (f.noun) {
    case 'payment': return onPayment(f);
    case 'refund': return onRefund(f);
    case 'authorization': case 'agreement': case 'payout': case 'cancellation': return;
  }
}
declare function onPayment(p: Payment): Promise<void>; declare function onRefund(r: Refund): Promise<void>;
// 10. payout batch: a loop with a cap; each its own id
export async function p10(rows: readonly { id: string; to: string; cents: number }[]) {
  const out: Payout[] = [];
  for (const r of rows) {
    try { out.push(await alipay.payout({ merchantPayoutId: r.id, amount: { amount: r.cents, currency: 'CNY' }, purpose: 'wage', payee: { kind: 'wallet', id: r.to } })); }
    catch (e) { if (isPolyrailError(e) && e.code === 'REFUSED') continue; throw e; }
  }
  return out;
}
// 11. statement to reconciliation
export async function p11() {
  try {
    for await (const line of await alipay.statement({ kind: 'trade', date: '2026-11-21' }))
      if (line.kind === 'payment' && line.merchantId) await db.put(line.merchantId, line);
  } catch (e) { if (isPolyrailError(e) && e.code === 'NOT_READY') return e.retryAfterMs; throw e; }
  return undefined;
}
// 12. generic router over three channels
const channels: readonly Channel[] = [alipay, unionpay, bank]; // compiles because verbs are METHODS (bivariant)
export async function p12(order: { id: string; cents: number }) {
  for (const ch of channels) {
    if (!takes(ch, 'qr')) continue;
    try { return await ch.pay({ scene: 'qr', merchantPaymentId: `${order.id}-${ch.name}`, amount: { amount: order.cents, currency: 'CNY' }, description: 'x' }); }
    catch (e) { if (!isPolyrailError(e)) throw e; } // thrown: this call moved nothing, next channel
  }
  for (const ch of channels) if (ch.payout && ch.queryPayout) await ch.queryPayout({ noun: 'payout', merchantId: 'x', startedAt: now() });
  return undefined;
}
// misuse must not compile
export function misuse(p: Payment, n: object, a: Ref<'agreement'>) {
  // @ts-expect-error Alipay has no confirmPay
  alipay.confirmPay;
  // @ts-expect-error Alipay does not take cards
  alipay.pay({ scene: 'card', card: { number: secret('1') }, merchantPaymentId: 'x', amount: money('1', 'CNY'), description: 'x' });
  // @ts-expect-error barcode needs an authCode
  alipay.pay({ scene: 'barcode', merchantPaymentId: 'x', amount: money('1', 'CNY'), description: 'x' });
  // @ts-expect-error authCode belongs to barcode, not to qr
  alipay.pay({ scene: 'qr', authCode: '1', merchantPaymentId: 'x', amount: money('1', 'CNY'), description: 'x' });
  // @ts-expect-error unknown extra
  alipay.pay({ scene: 'qr', merchantPaymentId: 'x', amount: money('1', 'CNY'), description: 'x', extra: { shop: 1 } });
  // @ts-expect-error a ref of an agreement is not a ref of a payment
  alipay.query(a);
  // @ts-expect-error a notification is not made by hand
  const m: Notification = { receivedAt: '', facts: [p] };
  // @ts-expect-error unknown has no reason
  if (p.status === 'unknown') p.reason;
  // @ts-expect-error not exhaustive
  const f = (q: Payment): string => { switch (q.status) { case 'succeeded': return 'y'; case 'failed': return 'n'; case 'pending': return 'w'; } };
  // @ts-expect-error optional in generic code
  channels[0]!.payout({});
  // @ts-expect-error bank has no query
  bank.query;
  // @ts-expect-error bank cannot sign up
  bank.signUp;
  return [m, f, n];
}
export const literal: Pending<'payment', PaymentFacts>['status'] = 'pending';

// heterogeneous array without annotation: does presence still work?
export function mixed() {
  const both = [alipay, bank];
  // @ts-expect-error `payout` does not exist on BankChannel: a union of concrete channels must be annotated `Channel`
  return both.map((c) => c.payout);
}
