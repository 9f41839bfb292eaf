/** wechatpay · authorization: a pay-score order - agreed to by its payer, and asked about (A11.5). */
import type { Call, Finding, Ref } from '@polyrail/core';
import { bodyOf, fromRejection, isDone } from './answer.ts';
import { authorizeFields } from './authorization-extra.ts';
import { captureVerbs } from './capture.ts';
import type { Settings } from './config.ts';
import { wrong } from './extra.ts';
import { holdHandle, readHoldHandle } from './handle.ts';
import { forScore, type InvocationRoom } from './invocation.ts';
import { requiredText, requireEcho } from './messages.ts';
import { notifyUrlOf } from './order.ts';
import { releaseVerbs } from './release.ts';
import { fromQueryScore, fromScore, readScore, scoreOf, scorePath, toQueryScore } from './score.ts';
import type { AuthorizeRequest } from './shape.ts';
import type { Answer, Exchange, Wire } from './wire.ts';

type Holding = Finding<'authorization'>;

/** What the payer reads the service by (A11.5). */
const longestIntroduction = 20;

/** Pure: an authorization as WeChat Pay is asked for it. */
export function toAuthorize(request: AuthorizeRequest, settings: Settings): Exchange {
  const { scene, merchantPaymentId, amount, description, attachment, extra = {} } = request;
  const { serviceId, riskFund = 'DEPOSIT' } = scoreOf(settings);
  if ([...description].length > longestIntroduction) {
    throw wrong('description', `must have at most ${longestIntroduction} characters`);
  }
  if (request.expiresAt !== undefined) {
    throw wrong('expiresAt', 'is not taken: a pay-score order has no deadline of its own');
  }
  const fields = authorizeFields(extra, scene);
  return {
    operation: 'payscore.create',
    method: 'POST',
    target: scorePath,
    fields: {
      out_order_no: merchantPaymentId,
      appid: settings.appId,
      service_id: serviceId,
      service_introduction: description,
      ...fields,
      risk_fund: {
        name: extra.riskFund ?? riskFund,
        amount: amount.amount,
        description: extra.riskFundDescription,
      },
      attach: attachment,
      notify_url: notifyUrlOf(request.notifyUrl, settings),
      openid: scene === 'in-wallet' ? request.payerId : undefined,
    },
    handle: holdHandle({ serviceId, granted: false }),
  };
}

/** What the answer to `authorize` says, and what the payer is given. */
export function fromAuthorize(
  request: AuthorizeRequest,
  answer: Answer,
  room: InvocationRoom,
): Holding {
  if (!isDone(answer)) return fromRejection('payscore.create', answer);
  const { settings } = room;
  const body = bodyOf(answer);
  requireEcho(body, 'service_id', scoreOf(settings).serviceId);
  requireEcho(body, 'out_order_no', request.merchantPaymentId);
  const found = fromScore(readScore(body, { settings, evidence: answer.evidence }));
  if (found.status !== 'pending') return found;
  const nextAction = forScore(requiredText(body, 'package'), request.scene, room);
  return { ...found, nextAction };
}

interface AuthorizationRoom extends InvocationRoom {
  readonly wire: Wire;
}

async function queryAuthorization(
  { wire, settings }: AuthorizationRoom,
  authorization: Ref<'authorization'>,
  call: Call,
): Promise<Holding> {
  const { serviceId, granted } = readHoldHandle(authorization) ?? {
    ...scoreOf(settings),
    granted: false,
  };
  const name = { order: authorization.merchantId, serviceId };
  const answer = await wire.call(toQueryScore(name, settings), call);
  if (!isDone(answer)) return fromRejection('payscore.query', answer);
  return fromScore(fromQueryScore(answer, name, settings), granted);
}

/** The verbs of pay-score orders, strung on the wire. */
export function authorizationVerbs(room: AuthorizationRoom) {
  const { wire, settings } = room;
  return {
    async authorize(request: AuthorizeRequest, call: Call<'authorization'>): Promise<Holding> {
      return fromAuthorize(request, await wire.call(toAuthorize(request, settings), call), room);
    },
    queryAuthorization: (
      authorization: Ref<'authorization'>,
      call: Call<'authorization'>,
    ): Promise<Holding> => queryAuthorization(room, authorization, call),
    ...captureVerbs(room),
    ...releaseVerbs(room),
  };
}
