/** unionpay · channel: the table of contents - config, seal, wire, and the verbs strung on them. */
import { type ChannelBase, type Context, defineChannel } from '@polyrail/core';
import { systemClock } from '@polyrail/kit/clock';
import { systemRandom } from '@polyrail/kit/random';
import { sharedTransport } from '@polyrail/kit/transport';
import { agreementVerbs } from './agreement.ts';
import { authorizationVerbs } from './authorization.ts';
import { cancellationVerbs } from './cancellation.ts';
import { capabilitiesOf } from './capabilities.ts';
import { type Settings, settingsOf, type UnionPayConfig } from './config.ts';
import { authorizeExtra, payExtra, signUpExtra } from './extra.ts';
import { mandateVerbs } from './mandate.ts';
import { notificationVerbs } from './notification.ts';
import { paymentVerbs } from './payment.ts';
import { payoutVerbs } from './payout.ts';
import { refundVerbs } from './refund.ts';
import { createRoad } from './road.ts';
import { createSeal } from './seal.ts';
import type {
  UnionPayAgreementChannel,
  UnionPayAgreementShape,
  UnionPayChannel,
  UnionPayCollectionChannel,
  UnionPayCollectionShape,
  UnionPayShape,
} from './shape.ts';
import { statementVerbs } from './statement.ts';
import { createWire } from './wire.ts';

/** Beside the usual names: what the payer's phone shows, and what only looks like noise. */
const secretFields = [
  ...['qrNo', 'encryptedInfo', 'tokenPayData', 'fileContent'],
  ...['signature', 'signPubKeyCert', 'encryptPubKeyCert'],
];

function roomOf(settings: Settings, context: Context) {
  const { clock = systemClock, random = systemRandom } = context;
  const transport = () => context.transport ?? sharedTransport();
  const seal = createSeal(settings, { clock });
  const wire = createWire({ settings, seal, road: createRoad(transport), clock, random });
  return { settings, seal, wire, clock };
}

/**
 * One merchant's channel to UnionPay's all-channel platform, ACP 5.1.0. Costs no I/O and opens no key;
 * one that cannot be used is reported as `CONFIG_INVALID` by the first verb, before anything is sent,
 * or by {@link checkUnionPayConfig} at start-up. Agreements come with `tokenRequestor`, or as mandates
 * with `agreements: 'collection'`.
 *
 * @throws PolyrailError `CONFIG_INVALID`, naming the member
 */
export function createUnionPay(
  config: UnionPayConfig & { readonly agreements: 'collection' },
  context?: Context,
): UnionPayCollectionChannel;
export function createUnionPay(
  config: UnionPayConfig & { readonly tokenRequestor: string; readonly agreements?: 'token' },
  context?: Context,
): UnionPayAgreementChannel;
export function createUnionPay(config: UnionPayConfig, context?: Context): UnionPayChannel;
export function createUnionPay(config: UnionPayConfig, context: Context = {}): ChannelBase {
  const settings = settingsOf(config);
  const room = roomOf(settings, context);
  const guard = { clock: room.clock, logger: context.logger };
  const supply = {
    name: 'unionpay',
    capabilities: capabilitiesOf(settings),
    extra: { pay: payExtra, authorize: authorizeExtra },
    secretFields,
    ...paymentVerbs(room),
    ...cancellationVerbs(room),
    ...refundVerbs(room),
    ...authorizationVerbs(room),
    ...payoutVerbs(room),
    ...statementVerbs(room),
    ...notificationVerbs(room),
  };
  if (settings.agreements === undefined) return defineChannel<UnionPayShape>(supply, guard);
  if (settings.agreements === 'collection') {
    return defineChannel<UnionPayCollectionShape>({ ...supply, ...mandateVerbs(room) }, guard);
  }
  return defineChannel<UnionPayAgreementShape>(
    { ...supply, extra: { ...supply.extra, signUp: signUpExtra }, ...agreementVerbs(room) },
    guard,
  );
}

/**
 * Checks at start-up what the first payment would trip over: that keys and certificates open and
 * belong together, and that the signer signs. Sends nothing.
 *
 * @throws PolyrailError `CONFIG_INVALID`, naming the member
 */
export async function checkUnionPayConfig(
  config: UnionPayConfig,
  context: Context = {},
): Promise<void> {
  const { seal } = roomOf(settingsOf(config), context);
  seal.trust.prove();
  await seal.credentials().sign('polyrail');
}
