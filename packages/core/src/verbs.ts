/** core · verbs: what the guard knows about each verb - its family, noun, schema and subject. */
import * as z from 'zod/mini';
import { confirmSignUpSchema, signUpSceneNames, signUpSchema } from './agreement.ts';
import { cancelAuthorizationSchema, cancelCaptureSchema, captureSchema } from './authorization.ts';
import type { Capabilities } from './capabilities.ts';
import { PolyrailError } from './errors.ts';
import type { Instant } from './instant.ts';
import type { Money } from './money.ts';
import { cancelSchema, confirmPaySchema, orderSchema, sceneNames } from './payment.ts';
import { payoutSchema } from './payout.ts';
import { type Noun, type Ref, refSchema } from './ref.ts';
import { refundSchema } from './refund.ts';
import { statementSchema } from './statement.ts';
import type { OutcomeVerb } from './supply.ts';
import { invalid } from './validate.ts';

/** Moving and changing verbs keep one law; reading verbs change nothing. */
export type Family = 'moving' | 'changing' | 'reading';

/** Whom a request is about, before the channel has said anything. */
export interface Subject {
  readonly merchantId: string;
  readonly channelId?: string;
  readonly amount?: Money;
  readonly startedAt?: Instant;
  readonly handle?: string;
}

export interface VerbRule {
  readonly family: Family;
  readonly noun: Noun;
  schema(
    request: unknown,
    extra: z.ZodMiniType | undefined,
    capabilities: Capabilities,
  ): z.ZodMiniType;
  subject(request: never): Subject;
}

function sceneOf<T extends string>(
  request: unknown,
  known: readonly T[],
  supported: readonly string[] | undefined,
): T {
  const scene =
    typeof request === 'object' && request !== null ? Reflect.get(request, 'scene') : undefined;
  const found = known.find((name) => name === scene);
  const choices = supported ?? known;
  if (found === undefined) throw invalid('scene', `must be ${choices.join(' or ')}`, scene ?? null);
  if (!choices.includes(found)) {
    const message = `scene ${found} is not offered by this channel; it takes ${choices.join(', ')}`;
    throw new PolyrailError('UNSUPPORTED', message, { field: 'scene' });
  }
  return found;
}

const sameRef = (ref: Ref<Noun>): Subject => ref;
/** Another noun about the same id: what belongs to the first noun alone is left out. */
const relatedRef = (ref: Ref<Noun>): Subject => ({
  merchantId: ref.merchantId,
  startedAt: ref.startedAt,
});
const by =
  (name: string) =>
  (request: Record<string, unknown>): Subject => ({
    merchantId: request[name] as string,
    ...(request.amount === undefined ? {} : { amount: request.amount as Money }),
    ...(request.startedAt === undefined ? {} : { startedAt: request.startedAt as Instant }),
  });

const reading = (noun: Noun): VerbRule => ({
  family: 'reading',
  noun,
  schema: () => refSchema(noun),
  subject: sameRef,
});

export const verbRules: Readonly<Record<OutcomeVerb, VerbRule>> = {
  pay: {
    family: 'moving',
    noun: 'payment',
    schema: (request, extra, { scenes }) =>
      orderSchema(sceneOf(request, sceneNames, scenes?.pay), extra),
    subject: by('merchantPaymentId'),
  },
  confirmPay: {
    family: 'moving',
    noun: 'payment',
    schema: () => confirmPaySchema,
    subject: (request: { payment: Ref<'payment'> }) => sameRef(request.payment),
  },
  query: reading('payment'),
  close: {
    family: 'changing',
    noun: 'closure',
    schema: () => refSchema('payment'),
    subject: relatedRef,
  },
  cancel: {
    family: 'moving',
    noun: 'cancellation',
    schema: () => cancelSchema,
    subject: by('merchantCancelId'),
  },
  reverse: {
    family: 'moving',
    noun: 'cancellation',
    schema: () => refSchema('payment', 'authorization', 'cancellation'),
    subject: relatedRef,
  },
  queryCancellation: reading('cancellation'),
  refund: {
    family: 'moving',
    noun: 'refund',
    schema: (_request, extra) => refundSchema(extra),
    subject: by('merchantRefundId'),
  },
  queryRefund: reading('refund'),
  authorize: {
    family: 'changing',
    noun: 'authorization',
    schema: (request, extra, { scenes }) =>
      orderSchema(sceneOf(request, sceneNames, scenes?.authorize), extra),
    subject: by('merchantPaymentId'),
  },
  queryAuthorization: reading('authorization'),
  capture: {
    family: 'moving',
    noun: 'payment',
    schema: () => captureSchema,
    subject: by('merchantPaymentId'),
  },
  cancelAuthorization: {
    family: 'moving',
    noun: 'cancellation',
    schema: () => cancelAuthorizationSchema,
    subject: by('merchantCancelId'),
  },
  cancelCapture: {
    family: 'moving',
    noun: 'cancellation',
    schema: () => cancelCaptureSchema,
    subject: by('merchantCancelId'),
  },
  signUp: {
    family: 'changing',
    noun: 'agreement',
    schema: (request, extra, { scenes }) =>
      signUpSchema(sceneOf(request, signUpSceneNames, scenes?.signUp), extra),
    subject: by('merchantAgreementId'),
  },
  confirmSignUp: {
    family: 'changing',
    noun: 'agreement',
    schema: () => confirmSignUpSchema,
    subject: (request: { agreement: Ref<'agreement'> }) => sameRef(request.agreement),
  },
  querySignUp: reading('agreement'),
  signOff: {
    family: 'changing',
    noun: 'agreement',
    schema: () => refSchema('agreement'),
    subject: sameRef,
  },
  payout: {
    family: 'moving',
    noun: 'payout',
    schema: (_request, extra) => payoutSchema(extra),
    subject: by('merchantPayoutId'),
  },
  queryPayout: reading('payout'),
  cancelPayout: {
    family: 'moving',
    noun: 'payout',
    schema: () => refSchema('payout'),
    subject: sameRef,
  },
};

export { statementSchema };

export const optionsSchema = z.strictObject({
  signal: z.optional(z.custom<AbortSignal>((value) => value instanceof AbortSignal)),
  timeoutMs: z.optional(z.number().check(z.int(), z.gte(1), z.lte(600_000))),
  repeat: z.optional(z.boolean()),
  onPrepared: z.optional(z.custom<() => Promise<void>>((value) => typeof value === 'function')),
  receivedAt: z.optional(z.string()),
});
