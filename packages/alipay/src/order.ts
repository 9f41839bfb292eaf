/** alipay · order: a payment in the channel's words - method, fields, addresses - by scene. */
import { epochMsOf, formatMoney, PolyrailError } from '@polyrail/core';
import type { Consented } from './agreement.ts';
import { type AlipayScene, extraFields, requireLength } from './extra.ts';
import { paymentHandle } from './handle.ts';
import type { Order } from './road.ts';
import type { PayRequest } from './shape.ts';
import { wallTime } from './time.ts';

type Of<S extends AlipayScene> = Extract<PayRequest, { scene: S }>;

interface SceneRule<S extends AlipayScene> {
  readonly method: string;
  /** How long a link lives that no `expiresAt` ends; absent where the payer holds no link. */
  readonly linkMs?: number;
  readonly fields: (request: Of<S>) => Record<string, unknown>;
}

const hourMs = 3_600_000;
/** A payment may be begun in a link's last second and clocks differ: only then is it dead. */
const linkMarginMs = 5 * 60_000;

// Payment codes are digits; the codes of faces begin `fp` or are several hundred characters (§10.2).
export const codeScene = (code: string): string =>
  code.startsWith('fp') || code.length >= 300 ? 'security_code' : 'bar_code';
/** An Alipay user id; anything else that names a payer is an open id. */
const buyer = (id: string) => (/^2088\d{12}$/.test(id) ? { buyer_id: id } : { buyer_open_id: id });

const rules: { readonly [S in AlipayScene]: SceneRule<S> } = {
  // Quirk: precreate makes no trade; the payer's scan does, for as long as the code lives (§10.3).
  qr: { method: 'alipay.trade.precreate', linkMs: 2 * hourMs, fields: () => ({}) },
  barcode: {
    method: 'alipay.trade.pay',
    fields: ({ authCode }) => ({ scene: codeScene(authCode), auth_code: authCode }),
  },
  page: {
    method: 'alipay.trade.page.pay',
    linkMs: Number.POSITIVE_INFINITY,
    fields: () => ({ product_code: 'FAST_INSTANT_TRADE_PAY' }),
  },
  h5: {
    method: 'alipay.trade.wap.pay',
    linkMs: Number.POSITIVE_INFINITY,
    fields: ({ returnUrl }) => ({ product_code: 'QUICK_WAP_WAY', quit_url: returnUrl }),
  },
  app: {
    method: 'alipay.trade.app.pay',
    linkMs: Number.POSITIVE_INFINITY,
    fields: () => ({ product_code: 'QUICK_MSECURITY_PAY' }),
  },
  'in-wallet': { method: 'alipay.trade.create', fields: ({ payerId }) => buyer(payerId) },
  agreement: {
    method: 'alipay.trade.pay',
    fields: ({ extra }) => (extra?.asynchronous === undefined ? {} : { is_async_pay: true }),
  },
};

/** Quirk: Alipay wants the attachment percent-encoded by the merchant and returns it so. */
export function writeAttachment(attachment: string | undefined): string | undefined {
  if (attachment === undefined || attachment.isWellFormed()) {
    return attachment && encodeURIComponent(attachment);
  }
  const message = 'attachment must be well-formed Unicode text';
  throw new PolyrailError('REQUEST_INVALID', message, { field: 'attachment' });
}

/** The attachment as the merchant passed it, from the `passback_params` of an answer's `raw`. */
export const readAttachment = (passbackParameters: string): string =>
  decodeURIComponent(passbackParameters);

/** When the payer's link has surely stopped working. `Infinity` when nothing ends it. */
function linkEndMs(
  rule: { readonly linkMs?: number },
  expiresAtMs: number | undefined,
  nowMs: number,
): number {
  if (rule.linkMs === undefined) return 0;
  if (expiresAtMs === undefined) return nowMs + rule.linkMs + linkMarginMs;
  const ownMs = Number.isFinite(rule.linkMs) ? nowMs + rule.linkMs : 0;
  return Math.max(expiresAtMs, ownMs) + linkMarginMs;
}

const deduction = ({ agreementNo, productCode }: Consented) => ({
  product_code: productCode,
  agreement_params: { agreement_no: agreementNo },
});

/** A payment as Alipay is asked for it. Pure: the same request and time give the same bytes. */
export function toPay(
  request: PayRequest,
  nowMs: number,
  consented?: Consented,
): Order & { readonly handle: string } {
  const { scene, extra, notifyUrl, expiresAt } = request;
  const rule: Pick<SceneRule<AlipayScene>, 'method' | 'linkMs'> = rules[scene];
  const returnUrl = 'returnUrl' in request ? request.returnUrl : undefined;
  const attachment = writeAttachment(request.attachment);
  requireLength('notifyUrl', notifyUrl, 256);
  requireLength('returnUrl', returnUrl, 256);
  requireLength('attachment', attachment, 512);
  const expiresAtMs = expiresAt === undefined ? undefined : epochMsOf(expiresAt);
  return {
    method: rule.method,
    notifyUrl,
    returnUrl,
    fields: {
      out_trade_no: request.merchantPaymentId,
      total_amount: formatMoney(request.amount),
      subject: request.description,
      ...(expiresAtMs === undefined ? {} : { time_expire: wallTime(expiresAtMs) }),
      ...(attachment === undefined ? {} : { passback_params: attachment }),
      ...(consented === undefined ? {} : deduction(consented)),
      ...(rules[scene].fields as (given: PayRequest) => object)(request),
      ...extraFields(extra, scene),
    },
    handle: paymentHandle({ scene, linkUntilMs: linkEndMs(rule, expiresAtMs, nowMs) }),
  };
}
