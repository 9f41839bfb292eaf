/** alipay · channel: the table of contents - config, seal, wire, and the verbs strung on them. */
import { type Clock, type Context, defineChannel } from '@polyrail/core';
import { systemClock } from '@polyrail/kit/clock';
import { systemRandom } from '@polyrail/kit/random';
import { sharedTransport } from '@polyrail/kit/transport';
import { agreementVerbs, rememberWire } from './agreement.ts';
import { signUpExtra } from './agreement-extra.ts';
import { authorizationVerbs } from './authorization.ts';
import { authorizeExtra } from './authorization-extra.ts';
import { balanceVerbs } from './balance.ts';
import { cancellationVerbs } from './cancellation.ts';
import { capabilities, payoutCapabilities } from './capabilities.ts';
import { type AlipayCertificates, type AlipayConfig, type Settings, settingsOf } from './config.ts';
import { payExtra, refundExtra } from './extra.ts';
import { notificationVerbs } from './notification.ts';
import { paymentVerbs } from './payment.ts';
import { payoutVerbs } from './payout.ts';
import { payoutExtra } from './payout-extra.ts';
import { refundVerbs } from './refund.ts';
import { createRest } from './rest.ts';
import { createRoad } from './road.ts';
import { createSeal } from './seal.ts';
import type {
  AlipayChannel,
  AlipayPayoutChannel,
  AlipayPayoutShape,
  AlipayShape,
} from './shape.ts';
import { statementVerbs } from './statement.ts';
import { createWire } from './wire.ts';

/** The seal of gateway.do, and the wire over whichever protocol is configured. */
function roadsOf(settings: Settings, context: Context) {
  const { clock = systemClock, random = systemRandom } = context;
  const transport = () => context.transport ?? sharedTransport();
  const road = createRoad(transport);
  const seal = createSeal(settings, { clock, road });
  const protocol =
    settings.protocol === 'v3' ? createRest({ settings, seal, clock, random }) : seal;
  return { seal, wire: createWire(settings, { road, transport, seal, protocol }) };
}

const secretFields = ['sign', 'auth_code', 'ext_user_info', 'identity', 'login_token'];

function supplyOf(settings: Settings, context: Context & { clock: Clock }) {
  const { clock } = context;
  const { seal, wire } = roadsOf(settings, context);
  const supply = {
    name: 'alipay',
    capabilities,
    extra: { pay: payExtra, refund: refundExtra, authorize: authorizeExtra, signUp: signUpExtra },
    secretFields,
    ...paymentVerbs(wire, clock),
    ...cancellationVerbs(wire, clock),
    ...refundVerbs(wire),
    ...authorizationVerbs(wire, { clock, settings }),
    ...agreementVerbs(wire, clock),
    ...balanceVerbs(wire, { clock, settings }),
    ...statementVerbs(wire, { settings, clock }),
    ...notificationVerbs({ settings, seal }),
  };
  return { supply, wire };
}

/**
 * One merchant's channel to Alipay. Costs no I/O and parses no key; a key that cannot be used is
 * reported as `CONFIG_INVALID` by the first verb, before anything is sent, or by
 * {@link checkAlipayConfig} at start-up. Only with certificates does it pay out.
 *
 * @throws PolyrailError `CONFIG_INVALID`, naming the member
 */
export function createAlipay(
  config: AlipayConfig & { readonly certificates: AlipayCertificates },
  context?: Context,
): AlipayPayoutChannel;
export function createAlipay(config: AlipayConfig, context?: Context): AlipayChannel;
export function createAlipay(config: AlipayConfig, context: Context = {}): AlipayChannel {
  const settings = settingsOf(config);
  const { clock = systemClock, logger } = context;
  const { supply, wire } = supplyOf(settings, { ...context, clock });
  const channel: AlipayChannel =
    settings.certificates === undefined
      ? defineChannel<AlipayShape>(supply, { clock, logger })
      : defineChannel<AlipayPayoutShape>(
          {
            ...supply,
            ...payoutVerbs(wire, clock),
            capabilities: payoutCapabilities,
            extra: { ...supply.extra, payout: payoutExtra },
          },
          { clock, logger },
        );
  rememberWire(channel, wire);
  return channel;
}

/**
 * Checks at start-up what the first payment would trip over: that the keys parse, are long enough,
 * belong together and are valid today, and that the signer signs. Sends nothing.
 *
 * @throws PolyrailError `CONFIG_INVALID`, naming the member
 */
export async function checkAlipayConfig(config: AlipayConfig, context: Context = {}) {
  await roadsOf(settingsOf(config), context).seal.proveSigner();
}
