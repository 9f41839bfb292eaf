/** wechatpay · score: reads what replies and notifications say about a pay-score order (A11.5). */
import {
  type Evidence,
  type Finding,
  type Instant,
  type Money,
  PolyrailError,
  type Reason,
} from '@polyrail/core';
import { refusal } from '@polyrail/kit/verdict';
import { bodyOf, fromRejection, isDone, requireMerchant } from './answer.ts';
import { collectionStateOf, type ScoreState, scoreStateOf } from './codes.ts';
import type { Settings, WechatPayScoreService } from './config.ts';
import { captureHandle, holdHandle } from './handle.ts';
import {
  listOf,
  type Message,
  moneyOf,
  objectOf,
  requiredMoney,
  requiredText,
  requireEcho,
  textOf,
  undocumentedState,
} from './messages.ts';
import { queryOf } from './partner.ts';
import { instantOfCompactTime } from './time.ts';
import { pollAfterMs } from './transaction.ts';
import type { Answer, Exchange } from './wire.ts';

type Holding = Finding<'authorization'>;
type Paying = Finding<'payment'>;

/** An order as it stands. */
export interface Score {
  readonly body: Message;
  readonly evidence: Evidence;
  /** The merchant's number. */
  readonly order: string;
  readonly serviceId: string;
  readonly state: ScoreState;
  /** What is secured. */
  readonly amount: Money;
  /** What was asked for at the end. */
  readonly total: Money | undefined;
  /** The id it was captured under, where it was captured by this package. */
  readonly captureId: string | undefined;
}

export const scorePath = '/v3/payscore/serviceorder';

/** @throws PolyrailError `UNSUPPORTED` for a channel without the pay score */
export function scoreOf({ payScore }: Settings): WechatPayScoreService {
  if (payScore !== undefined) return payScore;
  const message = 'Pay-score orders need config.payScore';
  throw new PolyrailError('UNSUPPORTED', message, { field: 'config.payScore' });
}

/** Which order, in the words of every call about it. */
export interface ScoreName {
  readonly order: string;
  readonly serviceId: string;
}

export const toQueryScore = ({ order, serviceId }: ScoreName, { appId }: Settings): Exchange => ({
  operation: 'payscore.query',
  method: 'GET',
  target: `${scorePath}${queryOf({ out_order_no: order, service_id: serviceId, appid: appId })}`,
});

/**
 * Quirk: WeChat Pay gives a completion no number. Its one item is described by the id of the capture,
 * and the order tells it from then on.
 */
function captureIdOf(body: Message): string | undefined {
  const [item, ...more] = listOf(body, 'post_payments');
  const id = item === undefined || more.length > 0 ? undefined : textOf(item, 'description');
  return id !== undefined && /^[0-9A-Za-z_\-|*]{6,30}$/.test(id) ? id : undefined;
}

const ended: ReadonlySet<ScoreState> = new Set(['completed', 'done', 'revoked']);

/** An order of a reply or of a notification. */
export function readScore(
  body: Message,
  { settings, evidence }: { readonly settings: Settings; readonly evidence: Evidence },
): Score {
  requireMerchant(body, 'mchid', settings.mchId);
  requireMerchant(body, 'appid', settings.appId);
  const word = requiredText(body, 'state');
  const description = textOf(body, 'state_description');
  const state = scoreStateOf(word, description);
  if (state === undefined) {
    throw undocumentedState('state', [word, description].filter(Boolean).join(' '));
  }
  const completed = ended.has(state);
  return {
    body,
    evidence,
    order: requiredText(body, 'out_order_no'),
    serviceId: requiredText(body, 'service_id'),
    state,
    amount: requiredMoney(objectOf(body, 'risk_fund'), 'amount'),
    total: completed ? moneyOf(body, 'total_amount') : undefined,
    captureId: completed ? captureIdOf(body) : undefined,
  };
}

/** The answer to a question about one order. */
export function fromQueryScore(answer: Answer, name: ScoreName, settings: Settings): Score {
  const body = bodyOf(answer);
  requireEcho(body, 'service_id', name.serviceId);
  requireEcho(body, 'out_order_no', name.order);
  return readScore(body, { settings, evidence: answer.evidence });
}

const none = { amount: 0, currency: 'CNY' } as const;

/** Nothing is left of what was taken: what was not asked for is the payer's again. */
function takenParts({ amount, total = none }: Score) {
  const released = { amount: Math.max(0, amount.amount - total.amount), currency: 'CNY' };
  return { remaining: none, captured: total, released };
}

/**
 * Pure: an order as an authorization.
 *
 * Quirk: REVOKED does not say whether the payer had agreed before. Where that was seen, or money was
 * asked for, the authorization stays granted, with everything released.
 */
export function fromScore(score: Score, seen = false): Holding {
  const { body, evidence, order, serviceId, state, amount, total = none } = score;
  const granted =
    seen || state === 'held' || (state !== 'created' && state !== 'expired' && total.amount > 0);
  const told = {
    evidence,
    raw: body,
    merchantId: order,
    channelId: textOf(body, 'order_id'),
    amount,
    handle: holdHandle({ serviceId, granted: granted || state === 'done' }),
  } as const;
  switch (state) {
    case 'created':
      return { status: 'pending', waitingFor: 'payer', pollAfterMs, ...told };
    case 'held':
      return { status: 'succeeded', remaining: amount, captured: none, released: none, ...told };
    case 'completed':
    case 'done':
      return { status: 'succeeded', ...told, ...takenParts(score) };
    case 'revoked':
      return granted
        ? { status: 'succeeded', remaining: none, captured: none, released: amount, ...told }
        : {
            status: 'failed',
            reason: 'cancelled',
            retry: 'new-id',
            channelCode: 'REVOKED',
            ...told,
          };
    case 'expired':
      return {
        status: 'failed',
        reason: 'order-expired',
        retry: 'new-id',
        channelCode: 'EXPIRED',
        ...told,
      };
  }
}

/** When and by whom it was paid, and under which number of WeChat Pay: one, or none that is known. */
function paidFacts(body: Message) {
  const details = listOf(objectOf(body, 'collection'), 'details');
  const numbers = details.flatMap((detail) => textOf(detail, 'transaction_id') ?? []);
  const times = details.flatMap(
    (detail) => instantOfCompactTime(textOf(detail, 'paid_time')) ?? [],
  );
  const paidAt: Instant | undefined = times.sort().at(-1);
  const id = textOf(body, 'openid');
  return {
    paidAt,
    channelId: numbers.length === 1 ? numbers[0] : undefined,
    payer: id === undefined ? undefined : { id },
  };
}

/**
 * Whether the money of a completed order was collected. Quirk: the answer to a completion mostly does
 * not say; the collection is at work then.
 */
function isCollected({ body, state }: Score): boolean {
  const word = textOf(objectOf(body, 'collection'), 'state');
  if (word === undefined && state === 'completed') return false;
  const collection = collectionStateOf(word ?? '');
  if (collection === undefined) throw undocumentedState('collection.state', word ?? '');
  return collection === 'paid';
}

/** Pure: a completed order as the payment that its completion is. */
export function fromCompletion(score: Score, captureId: string): Paying {
  const { body, evidence, order, serviceId } = score;
  const amount = requiredMoney(body, 'total_amount');
  const told = {
    evidence,
    raw: body,
    merchantId: captureId,
    amount,
    handle: captureHandle({ serviceId, order }),
  } as const;
  // Quirk: WeChat Pay takes the money by itself, again and again until it is there.
  if (!isCollected(score))
    return { status: 'pending', waitingFor: 'channel', pollAfterMs, ...told };
  return { status: 'succeeded', ...told, ...paidFacts(body) };
}

/** A question that must be answered before a call. Until that is sent, a throw means nothing happened. */
export function requireScore(answer: Answer, name: ScoreName, settings: Settings): Score {
  if (isDone(answer)) return fromQueryScore(answer, name, settings);
  const finding = fromRejection<'authorization'>('payscore.query', answer);
  const { doubt, cause, channelCode } = finding as Finding<'authorization'> & {
    readonly status: 'unknown';
  };
  if (finding.status !== 'unknown' || doubt !== 'not-found') {
    throw cause ?? new PolyrailError('UNAVAILABLE', 'WeChat Pay does not tell the order');
  }
  const { evidence } = finding;
  throw refused('WeChat Pay does not know the order', { evidence, channelCode });
}

/** The error of a call that was turned down, or was not worth sending. */
export const refused = (
  message: string,
  told: {
    readonly evidence: Evidence;
    readonly reason?: Reason;
    readonly channelCode?: string | undefined;
  },
): PolyrailError => refusal(message, { reason: 'parameter-invalid', ...told });
