/**
 * wechatpay-v2 · channel: the table of contents - config, seal, wire, and the verbs strung on them.
 */
import { type ChannelBase, type Context, defineChannel } from '@polyrail/core';
import { systemClock } from '@polyrail/kit/clock';
import { badConfig } from '@polyrail/kit/config';
import { systemRandom } from '@polyrail/kit/random';
import { agreementVerbs } from './agreement.ts';
import { cancellationVerbs } from './cancellation.ts';
import { capabilitiesOf, payoutCapabilities } from './capabilities.ts';
import { type Settings, settingsOf, type WechatPayV2Config } from './config.ts';
import { payExtra, refundExtra, signUpExtra } from './extra.ts';
import { notificationVerbs } from './notification.ts';
import { type PaymentRoom, paymentVerbs } from './payment.ts';
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
  WechatPayV2PayoutChannel,
  WechatPayV2PayoutShape,
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
 * cannot be used is reported as `CONFIG_INVALID` by the first verb that shows it, before anything
 * is sent, or by {@link checkWechatPayV2Config} at start-up. `refund`, `reverse` and
 * statements of funds come with `clientCertificate`, the verbs of agreements and scene `agreement`
 * with `papay`; payouts have a channel of their own, {@link createWechatPayV2Payouts}.
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
  const certified = { ...cancellationVerbs(room), ...refundVerbs(room) };
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
 * One merchant's payouts to wallets over API v2 (`promotion/transfers`). A channel of its own, for
 * it is a protocol of its own: it signs no answer, so that TLS to the configured host is all the
 * evidence there is - which `capabilities.sealing` says, and every result.
 *
 * @throws PolyrailError `CONFIG_INVALID`, naming the member; `clientCertificate` is required
 */
export function createWechatPayV2Payouts(
  config: WechatPayV2Config & { readonly clientCertificate: object },
  context: Context = {},
): WechatPayV2PayoutChannel {
  const settings = settingsOf(config);
  if (settings.clientCertificate === undefined) {
    throw badConfig('clientCertificate', 'is required: payouts are not taken without it');
  }
  const room = roomOf(settings, context);
  return defineChannel<WechatPayV2PayoutShape>(
    {
      name: 'wechatpay-v2-payouts',
      capabilities: payoutCapabilities,
      secretFields,
      ...payoutVerbs(room),
      dispose: room.wire.dispose,
    },
    { clock: room.clock, logger: context.logger },
  );
}

/**
 * Checks at start-up what the first refund would trip over: that the client certificate opens, and
 * is that of its key. Sends nothing.
 *
 * @throws PolyrailError `CONFIG_INVALID`, naming the member
 */
export async function checkWechatPayV2Config(config: WechatPayV2Config): Promise<void> {
  await proveCertificate(settingsOf(config));
}
