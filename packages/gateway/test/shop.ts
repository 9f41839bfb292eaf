/** Test aid: a shop on three channels, their simulators in this process and one virtual clock. */
import { type AlipaySite, startAlipay } from '@polyrail/alipay-simulator';
import type { Channel, Transport } from '@polyrail/core';
import { systemRandom } from '@polyrail/kit/random';
import { createVirtualClock, type VirtualClock } from '@polyrail/simulator';
import { startUnionPay, type UnionPaySite } from '@polyrail/unionpay-simulator';
import { startWechatPay, type WechatPaySite } from '@polyrail/wechatpay-simulator';
import { createGateway, type Gateway, type GatewayOptions, sqliteStore } from '../src/index.ts';
import { channelsOf } from '../storm/adapters.ts';

export interface Shop {
  readonly clock: VirtualClock;
  readonly alipay: AlipaySite;
  readonly wechatpay: WechatPaySite;
  readonly unionpay: UnionPaySite;
  readonly channels: Readonly<Record<'alipay' | 'wechatpay' | 'unionpay', Channel>>;
  /** A gateway on a store in memory, unless told otherwise; its notifications come in. */
  open(options?: Partial<GatewayOptions>): Promise<Gateway>;
  /** Lets virtual time pass, in ms, and everything happen that happens meanwhile. */
  pass(ms: number): Promise<void>;
  stop(): Promise<void>;
}

/** Noon in Beijing. */
const startAt = Date.parse('2026-11-22T04:00:00.000Z');
const idleTurns = 12;
const mostTurns = 400;

/** Counts what is under way on the way to the channels. */
function createTraffic() {
  let underWay = 0;
  return {
    watch: (transport: Transport): Transport => ({
      async exchange(request, options) {
        underWay += 1;
        try {
          return await transport.exchange(request, options);
        } finally {
          underWay -= 1;
        }
      },
    }),
    /** Turns of the event loop until nothing moves any more; what waits for the clock may wait on. */
    async rest(): Promise<void> {
      for (let turn = 0, idle = 0; turn < mostTurns && idle < idleTurns; turn += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        idle = underWay === 0 ? idle + 1 : 0;
      }
    },
  };
}

export async function openShop(seed = 7): Promise<Shop> {
  const clock = createVirtualClock({ startAt, frozen: true });
  const mount = { mount: 'in-process', shareKeys: true, seed, clock } as const;
  const alipay = await startAlipay(mount);
  const wechatpay = await startWechatPay(mount);
  const unionpay = await startUnionPay(mount);
  const sites = { alipay, wechatpay, unionpay };
  const traffic = createTraffic();
  const { watch } = traffic;
  const access = { ...sites, 'wechatpay-v2': wechatpay };
  const { 'wechatpay-v2': _, ...channels } = channelsOf(access, {
    clock,
    random: systemRandom,
    watch,
  });
  const gateways: Gateway[] = [];
  return {
    clock,
    ...sites,
    channels,
    async open(options = {}) {
      const gateway = await createGateway({
        channels,
        store: sqliteStore({ file: ':memory:' }),
        clock,
        notifyUrl: ({ channel }) => `http://shop.invalid/${channel}`,
        ...options,
      });
      for (const [channel, site] of Object.entries(sites)) {
        site.listen((message) => gateway.receive({ channel }, message));
      }
      gateways.push(gateway);
      return gateway;
    },
    async pass(ms) {
      const until = clock.now() + ms;
      for (await traffic.rest(); clock.now() < until; await traffic.rest()) {
        await clock.advanceTo(Math.min(until, Math.max(clock.now(), clock.next() ?? until)));
      }
    },
    async stop() {
      for (const gateway of gateways) await gateway.close();
      for (const site of Object.values(sites)) await site.stop();
      clock.stop();
    },
  };
}
