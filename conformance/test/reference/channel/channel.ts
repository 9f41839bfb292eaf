/** reference channel · channel: the table of contents - config, wire, verbs. */
import { randomBytes } from 'node:crypto';
import { type Context, defineChannel, PolyrailError } from '@polyrail/core';
import { agreementVerbs } from './agreement.ts';
import { authorizationVerbs } from './authorization.ts';
import { balanceVerbs } from './balance.ts';
import { capabilities } from './capabilities.ts';
import { type ReferenceConfig, settingsOf } from './config.ts';
import { createKeyring } from './keys.ts';
import { notificationVerbs } from './notification.ts';
import { honestParts, type Parts } from './parts.ts';
import { paymentVerbs } from './payment.ts';
import { payoutVerbs } from './payout.ts';
import { refundVerbs } from './refund.ts';
import { reversalVerbs } from './reversal.ts';
import type { ReferenceChannel, ReferenceShape } from './shape.ts';
import { statementVerbs } from './statement.ts';
import { ownTransport } from './transport.ts';
import { createWire } from './wire.ts';

function required<T>(member: string, value: T | undefined): T {
  if (value !== undefined) return value;
  const field = `context.${member}`;
  throw new PolyrailError('CONFIG_INVALID', `${field} is required`, { field });
}

/**
 * One merchant's channel to acme. Costs no I/O.
 *
 * @throws PolyrailError `CONFIG_INVALID`, naming the member
 */
export function createReference(
  config: ReferenceConfig,
  context: Context,
  parts: Parts = honestParts,
): ReferenceChannel {
  const settings = settingsOf(config);
  const { random = { bytes: randomBytes }, logger } = context;
  const transport = context.transport ?? ownTransport(settings, parts);
  const clock = required('clock', context.clock);
  const keyring = createKeyring({ settings, transport, clock, parts });
  const wire = createWire(settings, { transport, clock, random, keyring }, parts);
  return defineChannel<ReferenceShape>(
    {
      name: 'acme',
      capabilities,
      secretFields: ['authCode', 'accountNo', 'payeeName', 'card', 'code'],
      ...paymentVerbs(wire, parts),
      ...reversalVerbs(wire, parts),
      ...refundVerbs(wire, parts),
      ...authorizationVerbs(wire, parts),
      ...agreementVerbs(wire, parts),
      ...payoutVerbs(wire, parts),
      ...balanceVerbs(wire, parts),
      ...statementVerbs(wire, parts),
      ...notificationVerbs({ settings, keyring, parts }),
    },
    { clock, logger },
  );
}
