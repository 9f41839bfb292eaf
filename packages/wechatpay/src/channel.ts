/** wechatpay · channel: the table of contents - config, seal, wire, and the verbs strung on them. */
import { type ChannelBase, type Clock, type Context, defineChannel } from '@polyrail/core';
import { systemClock } from '@polyrail/kit/clock';
import { systemRandom } from '@polyrail/kit/random';
import { sharedTransport } from '@polyrail/kit/transport';
import { agreementVerbs } from './agreement.ts';
import { signUpExtra } from './agreement-extra.ts';
import { authorizationVerbs } from './authorization.ts';
import { authorizeExtra } from './authorization-extra.ts';
import { balanceVerbs } from './balance.ts';
import { cancellationVerbs } from './cancellation.ts';
import { capabilitiesOf } from './capabilities.ts';
import { reverses, type Settings, settingsOf, type WechatPayConfig } from './config.ts';
import { rememberRoom } from './deduction.ts';
import { payExtra, refundExtra } from './extra.ts';
import { notificationVerbs } from './notification.ts';
import { type PaymentRoom, paymentVerbs } from './payment.ts';
import { payoutVerbs } from './payout.ts';
import { payoutExtra } from './payout-extra.ts';
import { refundVerbs } from './refund.ts';
import { createRoad } from './road.ts';
import { createSeal, type Seal } from './seal.ts';
import type {
  WechatPayAgreementChannel,
  WechatPayAgreementScoreChannel,
  WechatPayChannel,
  WechatPayCodeChannel,
  WechatPayCodeScoreChannel,
  WechatPayFullChannel,
  WechatPayFullScoreChannel,
  WechatPayScoreChannel,
  WechatPayShape,
} from './shape.ts';
import { statementVerbs } from './statement.ts';
import { createWire } from './wire.ts';

function roadsOf(settings: Settings, context: Context & { readonly clock: Clock }) {
  const { clock, random = systemRandom, transport } = context;
  const { baseUrl, backupUrl } = settings;
  const roadTo = (origin: string) =>
    createRoad(() => transport ?? sharedTransport(), {
      baseUrl: origin,
      backupUrl: origin === baseUrl ? backupUrl : undefined,
    });
  const road = roadTo(baseUrl);
  const seal = createSeal({ settings, clock, random, road });
  const wire = createWire(settings, { road, roadTo, seal, clock, random });
  const room: PaymentRoom = { wire, settings, clock, random, signLines: wire.signLines };
  return { seal, room };
}

const secretFields = [
  'auth_code',
  'user_name',
  'paySign',
  'sign',
  'package_info',
  'package',
  'identity',
];

function supplyOf(settings: Settings, { seal, room }: { seal: Seal; room: PaymentRoom }) {
  const { wire, clock } = room;
  return {
    name: 'wechatpay',
    capabilities: capabilitiesOf(settings),
    extra: {
      pay: payExtra,
      refund: refundExtra,
      payout: payoutExtra,
      signUp: signUpExtra,
      authorize: authorizeExtra,
    },
    secretFields,
    ...paymentVerbs(room),
    ...refundVerbs(room),
    ...payoutVerbs(room),
    ...balanceVerbs(wire, { clock, settings }),
    ...statementVerbs(wire, { settings, clock }),
    ...notificationVerbs({ settings, seal }),
    // Capabilities are presence: what is not granted is not there.
    ...(reverses(settings) ? cancellationVerbs(room) : {}),
    ...(settings.papay ? agreementVerbs(room) : {}),
    ...(settings.payScore ? authorizationVerbs(room) : {}),
  };
}

const seals = new WeakMap<object, Seal>();

/**
 * One merchant's channel to WeChat Pay, API v3. Costs no I/O and parses no key; a key that cannot be
 * used is reported as `CONFIG_INVALID` by the first verb, before anything is sent, or by
 * {@link checkWechatPayConfig} at start-up. Scene `barcode` comes with `codepay`, the verbs of agreements and
 * scene `agreement` with `papay`, those of authorizations with `payScore`, `reverse` with the first or the last.
 *
 * @throws PolyrailError `CONFIG_INVALID`, naming the member
 */
export function createWechatPay(
  config: WechatPayConfig & {
    readonly codepay: true;
    readonly papay: object;
    readonly payScore: object;
  },
  context?: Context,
): WechatPayFullScoreChannel;
export function createWechatPay(
  config: WechatPayConfig & { readonly codepay: true; readonly payScore: object },
  context?: Context,
): WechatPayCodeScoreChannel;
export function createWechatPay(
  config: WechatPayConfig & { readonly papay: object; readonly payScore: object },
  context?: Context,
): WechatPayAgreementScoreChannel;
export function createWechatPay(
  config: WechatPayConfig & { readonly payScore: object },
  context?: Context,
): WechatPayScoreChannel;
export function createWechatPay(
  config: WechatPayConfig & { readonly codepay: true; readonly papay: object },
  context?: Context,
): WechatPayFullChannel;
export function createWechatPay(
  config: WechatPayConfig & { readonly codepay: true },
  context?: Context,
): WechatPayCodeChannel;
export function createWechatPay(
  config: WechatPayConfig & { readonly papay: object },
  context?: Context,
): WechatPayAgreementChannel;
export function createWechatPay(config: WechatPayConfig, context?: Context): WechatPayChannel;
export function createWechatPay(config: WechatPayConfig, context: Context = {}): ChannelBase {
  const settings = settingsOf(config);
  const { clock = systemClock, logger } = context;
  const { seal, room } = roadsOf(settings, { ...context, clock });
  const channel = defineChannel<WechatPayShape>(supplyOf(settings, { seal, room }), {
    clock,
    logger,
  });
  if (settings.papay !== undefined) rememberRoom(channel, room);
  seals.set(channel, seal);
  return channel;
}

/**
 * Checks at start-up what the first payment would trip over: that the keys parse, are long enough and
 * are not mixed up, and that the signer signs. Sends nothing.
 *
 * @throws PolyrailError `CONFIG_INVALID`, naming the member
 */
export async function checkWechatPayConfig(config: WechatPayConfig, context: Context = {}) {
  const { clock = systemClock } = context;
  await roadsOf(settingsOf(config), { ...context, clock }).seal.proveSigner();
}

/**
 * How many probes a channel has refused: replies and notifications that WeChat Pay signs wrongly on
 * purpose, to see that signatures are checked. 0 for a channel that this package did not make.
 */
export const probesRefused = (channel: ChannelBase): number =>
  seals.get(channel)?.probes.count ?? 0;
