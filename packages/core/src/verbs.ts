/** core · verbs: what the guard knows about each verb - its family, noun, schema and subject. */
import * as z from 'zod/mini';
import { confirmSignUpSchema, signUpSceneNames, signUpSchema } from './agreement.ts';
import { cancelAuthorizationSchema, cancelCaptureSchema, captureSchema } from './authorization.ts';
import type { Capabilities } from './capabilities.ts';
import { PolyrailError } from './errors.ts';
import { type Instant, instantSchema } from './instant.ts';
import type { Money } from './money.ts';
import { cancelSchema, confirmPaySchema, orderSchema, sceneNames } from './payment.ts';
import { payoutSchema } from './payout.ts';
import { type Noun, type Ref, refSchema } from './ref.ts';
import { refundSchema } from './refund.ts';
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
  /** The amount of what a request undoes: no answer may undo more. */
  readonly within?: Money | undefined;
}

export interface VerbRule {
  readonly family: Family;
  readonly noun: Noun;
  schema(request: unknown, extra: Extra, capabilities: Capabilities): z.ZodMiniType;
  subject(request: never): Subject;
}

function sceneOf<T extends string>(
  request: unknown,
  known: readonly T[],
  offered: readonly string[] = [],
): T {
  const scene =
    typeof request === 'object' && request !== null ? Reflect.get(request, 'scene') : undefined;
  const found = known.find((name) => name === scene);
  if (found === undefined) {
    const choices = offered.length === 0 ? known : offered;
    throw invalid('scene', `must be ${choices.join(' or ')}`, scene ?? null);
  }
  if (!offered.includes(found)) {
    const taken = offered.join(', ') || 'none';
    const message = `scene ${found} is not offered by this channel; it takes ${taken}`;
    throw new PolyrailError('UNSUPPORTED', message, { field: 'scene' });
  }
  return found;
}

type Extra = z.ZodMiniType | undefined;

/** One schema for each scene and extra: building one costs a hundred times what checking does. */
function remembered<K>(build: (scene: K, extra: Extra) => z.ZodMiniType) {
  const plain = new Map<K, z.ZodMiniType>();
  const extended = new WeakMap<z.ZodMiniType, Map<K, z.ZodMiniType>>();
  return (scene: K, extra: Extra): z.ZodMiniType => {
    const schemas = extra === undefined ? plain : (extended.get(extra) ?? new Map());
    if (extra !== undefined) extended.set(extra, schemas);
    const schema = schemas.get(scene) ?? build(scene, extra);
    schemas.set(scene, schema);
    return schema;
  };
}
const orderOf = remembered(orderSchema);
const signUpOf = remembered(signUpSchema);
const refundOf = remembered((_: 'refund', extra) => refundSchema(extra));
const payoutOf = remembered((_: 'payout', extra) => payoutSchema(extra));

const refOf = {
  payment: refSchema('payment'),
  agreement: refSchema('agreement'),
  payout: refSchema('payout'),
  undoable: refSchema('payment', 'authorization', 'cancellation'),
};

const sameRef = (ref: Ref<Noun>): Subject => ref;
/** Another noun about the same id: what belongs to the first noun alone is left out. */
const relatedRef = (ref: Ref<Noun>): Subject => ({
  merchantId: ref.merchantId,
  startedAt: ref.startedAt,
  within: ref.amount,
});
const by =
  (name: string) =>
  (request: Record<string, unknown>): Subject => ({
    merchantId: request[name] as string,
    ...(request.amount === undefined ? {} : { amount: request.amount as Money }),
    ...(request.startedAt === undefined ? {} : { startedAt: request.startedAt as Instant }),
  });

const undoing = (request: Record<string, unknown>): Subject => {
  const target = (request.payment ?? request.authorization) as Ref<Noun>;
  return { ...by('merchantCancelId')(request), within: target.amount };
};

function reading(noun: Noun): VerbRule {
  const schema = refSchema(noun);
  return { family: 'reading', noun, schema: () => schema, subject: sameRef };
}

export const verbRules: Readonly<Record<OutcomeVerb, VerbRule>> = {
  pay: {
    family: 'moving',
    noun: 'payment',
    schema: (request, extra, { scenes }) =>
      orderOf(sceneOf(request, sceneNames, scenes?.pay), extra),
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
    schema: () => refOf.payment,
    subject: relatedRef,
  },
  cancel: {
    family: 'moving',
    noun: 'cancellation',
    schema: () => cancelSchema,
    subject: undoing,
  },
  reverse: {
    family: 'moving',
    noun: 'cancellation',
    schema: () => refOf.undoable,
    subject: relatedRef,
  },
  queryCancellation: reading('cancellation'),
  refund: {
    family: 'moving',
    noun: 'refund',
    schema: (_request, extra) => refundOf('refund', extra),
    subject: by('merchantRefundId'),
  },
  queryRefund: reading('refund'),
  authorize: {
    family: 'changing',
    noun: 'authorization',
    schema: (request, extra, { scenes }) =>
      orderOf(sceneOf(request, sceneNames, scenes?.authorize), extra),
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
    subject: undoing,
  },
  cancelCapture: {
    family: 'moving',
    noun: 'cancellation',
    schema: () => cancelCaptureSchema,
    subject: undoing,
  },
  signUp: {
    family: 'changing',
    noun: 'agreement',
    schema: (request, extra, { scenes }) =>
      signUpOf(sceneOf(request, signUpSceneNames, scenes?.signUp), extra),
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
    schema: () => refOf.agreement,
    subject: sameRef,
  },
  payout: {
    family: 'moving',
    noun: 'payout',
    schema: (_request, extra) => payoutOf('payout', extra),
    subject: by('merchantPayoutId'),
  },
  queryPayout: reading('payout'),
  cancelPayout: {
    family: 'moving',
    noun: 'payout',
    schema: () => refOf.payout,
    subject: sameRef,
  },
};

const options = {
  signal: z.optional(
    z.custom<AbortSignal>((value) => value instanceof AbortSignal, {
      error: 'must be an AbortSignal',
    }),
  ),
  timeoutMs: z.optional(z.number().check(z.int(), z.gte(1), z.lte(600_000))),
  repeat: z.optional(z.boolean()),
  onPrepared: z.optional(
    z.custom<() => Promise<void>>((value) => typeof value === 'function', {
      error: 'must be a function',
    }),
  ),
};

export const optionsSchema = z.strictObject(options);

export const receiveOptionsSchema = z.strictObject({
  ...options,
  receivedAt: z.optional(instantSchema),
});
