/** wechatpay-v2 · channel: the table of contents - config, seal, wire, and the verbs strung on them. */
import { type ChannelBase, type Context, defineChannel } from '@polyrail/core';
import { systemClock } from '@polyrail/kit/clock';
import { systemRandom } from '@polyrail/kit/random';
import { agreementVerbs } from './agreement.ts';
import { capabilitiesOf } from './capabilities.ts';
import { type Settings, settingsOf, type WechatPayV2Config } from './config.ts';
import { payExtra, refundExtra, signUpExtra } from './extra.ts';
import { notificationVerbs } from './notification.ts';
import { type PaymentRoom, paymentVerbs, reversalVerbs } from './payment.ts';
import { payoutVerbs } from './payout.ts';
import { refundQueryVerbs, refundVerbs } from './refund.ts';
import { createRoad, proveCertificate } from './road.ts';
import type {
  WechatPayV2AgreementChannel,
  WechatPayV2AgreementShape,
  WechatPayV2CertifiedChannel,
  WechatPayV2CertifiedShape,
  WechatPayV2Channel,
  WechatPayV2FullChannel,
  WechatPayV2FullShape,
  WechatPayV2Shape,
} from './shape.ts';
import { statementVerbs } from './statement.ts';
import { createWire } from './wire.ts';

const secretFields = ['auth_code', 're_user_name', 'transfer_name', 'paySign', 'sign', 'req_info'];

function roomOf(settings: Settings, context: Context): PaymentRoom {
  const { clock = systemClock, random = systemRandom, transport } = context;
  const wire = createWire({ settings, random, road: createRoad(settings, transport) });
  return { wire, settings, clock, random };
}

const supplyOf = (settings: Settings, room: PaymentRoom) => ({
  name: 'wechatpay-v2',
  capabilities: capabilitiesOf(settings),
  extra: { pay: payExtra, refund: refundExtra, signUp: signUpExtra },
  secretFields,
  ...paymentVerbs(room),
  ...refundQueryVerbs(room),
  ...statementVerbs(room),
  ...notificationVerbs(room),
  dispose: room.wire.dispose,
});

/**
 * One merchant's channel to WeChat Pay, API v2. Costs no I/O and parses no certificate; one that
 * cannot be used is reported as `CONFIG_INVALID` by the first verb that shows it, before anything is
 * sent, or by {@link checkWechatPayV2Config} at start-up. `refund`, `reverse`, `payout`,
 * `queryPayout` and statements of funds come with `clientCertificate`, the verbs of agreements and
 * scene `agreement` with `papay`.
 *
 * @throws PolyrailError `CONFIG_INVALID`, naming the member
 */
export function createWechatPayV2(
  config: WechatPayV2Config & { readonly clientCertificate: object; readonly papay: object },
  context?: Context,
): WechatPayV2FullChannel;
export function createWechatPayV2(
  config: WechatPayV2Config & { readonly clientCertificate: object },
  context?: Context,
): WechatPayV2CertifiedChannel;
export function createWechatPayV2(
  config: WechatPayV2Config & { readonly papay: object },
  context?: Context,
): WechatPayV2AgreementChannel;
export function createWechatPayV2(config: WechatPayV2Config, context?: Context): WechatPayV2Channel;
export function createWechatPayV2(config: WechatPayV2Config, context: Context = {}): ChannelBase {
  const settings = settingsOf(config);
  const room = roomOf(settings, context);
  const { clock } = room;
  const guard = { clock, logger: context.logger };
  const supply = supplyOf(settings, room);
  const certified = { ...reversalVerbs(room), ...refundVerbs(room), ...payoutVerbs(room) };
  const agreements = agreementVerbs(room);
  if (settings.clientCertificate === undefined) {
    return settings.papay === undefined
      ? defineChannel<WechatPayV2Shape>(supply, guard)
      : defineChannel<WechatPayV2AgreementShape>({ ...supply, ...agreements }, guard);
  }
  return settings.papay === undefined
    ? defineChannel<WechatPayV2CertifiedShape>({ ...supply, ...certified }, guard)
    : defineChannel<WechatPayV2FullShape>({ ...supply, ...certified, ...agreements }, guard);
}

/**
 * Checks at start-up what the first refund would trip over: that the client certificate opens, and is
 * that of its key. Sends nothing.
 *
 * @throws PolyrailError `CONFIG_INVALID`, naming the member
 */
export async function checkWechatPayV2Config(config: WechatPayV2Config): Promise<void> {
  await proveCertificate(settingsOf(config));
}
