/** gateway storm · process: one process of the merchant's gateway, as it is set up in a world. */
import type { Clock, Transport } from '@polyrail/core';
import { createGateway, type GatewayOptions, type Handlers } from '../src/index.ts';
import { channelsOf } from './adapters.ts';
import type { ChannelName } from './deeds.ts';
import { currentErrand } from './errand.ts';
import { type Denies, refusing } from './refusals.ts';
import { riskOf } from './risk.ts';
import { numberOf } from './script.ts';
import { openSession, type Witness } from './session.ts';
import { nextProcess, type World } from './stage.ts';
import { hasMandates, isAssessed, isSparing } from './terms.ts';
import { momentaryRandom } from './town.ts';

const minute = 60_000;
const hour = 60 * minute;
/** Opened often, and long enough for others to come by. */
const breaker = { failures: 2, halfOpenAfterMs: 2 * minute } as const;

export interface Place {
  /** Processes of one store are told apart by their seats; another takes the seat of one that died. */
  readonly seat: number;
  readonly witness: Witness;
  readonly handlers: Handlers;
}

/** So much the clocks of two machines differ. */
const aheadMs = 2000;

/** Boots a process of the gateway in its seat. */
export async function boot(world: World, { seat, witness, handlers }: Place): Promise<void> {
  const { options, town, store, scripts } = world;
  const { sabotage, payments } = options;
  const risk = riskOf((id) => {
    const script = scripts.get(numberOf(id) ?? -1);
    // What belongs to another passes: a capture, a charge.
    return script?.id === id ? script.assessment : 'pass';
  });
  const clock: Clock = {
    now: () => town.clock.now() + seat * aheadMs,
    schedule: town.clock.schedule,
  };
  const session = openSession(store, clock, witness);
  // No two processes draw the same.
  const random = momentaryRandom(options.seed + seat * 1_000_003, town.clock);
  const watch = (transport: Transport, channel: ChannelName): Transport => ({
    async exchange(request, options) {
      const path = new URL(request.url).pathname;
      const what = `${request.method} ${path} ${currentErrand()?.payment ?? '-'}`;
      world.chronicle.note('call', channel, what);
      try {
        const reply = await session.watch(transport).exchange(request, options);
        world.chronicle.note('reply', channel, what, reply.status);
        return reply;
      } catch (error) {
        world.chronicle.note('no reply', channel, what);
        throw error;
      }
    },
  });
  const channels = channelsOf(town, {
    clock: session.clock,
    random,
    watch,
    mandates: payments.some(hasMandates),
  });
  const deniedAt =
    (name: string): Denies =>
    (id) => {
      const script = scripts.get(numberOf(id) ?? -1);
      if (script?.channel !== name || !script.refused.includes(id)) return false;
      if (world.denied.has(id)) return false;
      world.denied.add(id);
      world.chronicle.count('refused, and taken');
      return true;
    };
  const given: GatewayOptions = {
    channels: Object.fromEntries(
      Object.entries(channels).map(([name, one]) => [name, refusing(one, deniedAt(name))]),
    ),
    store: sabotage?.store?.(session.store) ?? session.store,
    clock: session.clock,
    random,
    on: handlers,
    route: ({ request, channels: able }) => {
      const { merchantPaymentId, merchantPayoutId, merchantAgreementId } = request;
      const id = String(merchantPaymentId ?? merchantPayoutId ?? merchantAgreementId);
      const { channel: first = 'alipay', noun } = scripts.get(numberOf(id) ?? -1) ?? {};
      // A payee of one channel is nobody at another, and what is held stays where it is.
      return noun === 'payment' ? [first, ...able.filter((name) => name !== first)] : [first];
    },
    notifyUrl: ({ channel }) => `http://shop.invalid/${channel}`,
    expireAfterMs: 15 * minute,
    abandonAfterMs: 15 * minute,
    patience: {
      payment: 2 * hour,
      authorization: 2 * hour,
      agreement: 2 * hour,
      refund: 4 * hour,
      cancellation: 2 * hour,
      payout: 4 * hour,
    },
    late: { default: 'refund', deadlineMs: 30 * minute },
    ...(payments.some(isAssessed) ? { risk } : {}),
    ...(payments.some(isSparing) ? { breaker, limit: { perSecond: 1 } } : {}),
    concurrency: 64,
    mostDeliveries: 5,
    checkpoint: session.checkpoint,
  };
  const gateway = await createGateway(sabotage?.options?.(given) ?? given);
  if (!session.isDead()) world.processes.set(seat, { seat, session, gateway });
}

/** Lets a process end what it is about, and boots another in its seat. */
export async function replace(
  world: World,
  bootIn: (seat: number) => Promise<void>,
): Promise<void> {
  const process = nextProcess(world);
  if (process === undefined) return;
  const { seat, session, gateway } = process;
  world.processes.delete(seat);
  world.chronicle.note('deploy', seat);
  world.chronicle.count('deploy');
  await gateway.close();
  // It may die meanwhile: then it is replaced for that.
  if (session.isDead()) return;
  session.kill();
  await bootIn(seat);
}
