/** alipay · channel: the table of contents - config, seal, wire, and the verbs strung on them. */
import { type Context, defineChannel } from '@polyrail/core';
import { systemClock } from '@polyrail/kit/clock';
import { systemRandom } from '@polyrail/kit/random';
import { sharedTransport } from '@polyrail/kit/transport';
import { capabilities } from './capabilities.ts';
import { type AlipayConfig, type Settings, settingsOf } from './config.ts';
import { payExtra, refundExtra } from './extra.ts';
import { notificationVerbs } from './notification.ts';
import { paymentVerbs } from './payment.ts';
import { refundVerbs } from './refund.ts';
import { createRest } from './rest.ts';
import { createRoad } from './road.ts';
import { createSeal } from './seal.ts';
import type { AlipayChannel, AlipayShape } from './shape.ts';
import { statementVerbs } from './statement.ts';
import { createWire } from './wire.ts';

/** The seal of gateway.do, and the wire over whichever protocol is configured. */
function roadsOf(settings: Settings, context: Context) {
  const { clock = systemClock, random = systemRandom, transport } = context;
  const road = createRoad(() => transport ?? sharedTransport());
  const seal = createSeal(settings, { clock, road });
  const protocol =
    settings.protocol === 'v3' ? createRest({ settings, seal, clock, random }) : seal;
  return { seal, wire: createWire(settings, { road, seal, protocol }) };
}

/**
 * One merchant's channel to Alipay. Costs no I/O and parses no key; a key that cannot be used is
 * reported as `CONFIG_INVALID` by the first verb, before anything is sent, or by
 * {@link checkAlipayConfig} at start-up.
 *
 * @throws PolyrailError `CONFIG_INVALID`, naming the member
 */
export function createAlipay(config: AlipayConfig, context: Context = {}): AlipayChannel {
  const settings = settingsOf(config);
  const { clock = systemClock, logger } = context;
  const { seal, wire } = roadsOf(settings, context);
  return defineChannel<AlipayShape>(
    {
      name: 'alipay',
      capabilities,
      extra: { pay: payExtra, refund: refundExtra },
      secretFields: ['sign', 'auth_code', 'ext_user_info'],
      ...paymentVerbs(wire, clock),
      ...refundVerbs(wire),
      ...statementVerbs(wire, { settings, clock }),
      ...notificationVerbs({ settings, seal }),
    },
    { clock, logger },
  );
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
