/** Test aid: a shop on three channels, their simulators in this process and one virtual clock. */
import { createPrivateKey, sign } from 'node:crypto';
import { createAlipay } from '@polyrail/alipay';
import { type AlipaySite, startAlipay } from '@polyrail/alipay-simulator';
import { type Channel, secret, type Transport } from '@polyrail/core';
import { createVirtualClock, type VirtualClock } from '@polyrail/simulator';
import { createUnionPay } from '@polyrail/unionpay';
import { startUnionPay, type UnionPaySite } from '@polyrail/unionpay-simulator';
import { createWechatPay } from '@polyrail/wechatpay';
import { startWechatPay, type WechatPaySite } from '@polyrail/wechatpay-simulator';
import { createGateway, type Gateway, type GatewayOptions, sqliteStore } from '../src/index.ts';

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

/** Signs here and now, so that no thread decides what happens first. */
const signerOf = (pem: string) => {
  const key = createPrivateKey(pem);
  return (data: Uint8Array) => sign('sha256', data, key);
};

function channelsOf(
  sites: Pick<Shop, 'alipay' | 'wechatpay' | 'unionpay'>,
  clock: VirtualClock,
  watch: (transport: Transport) => Transport,
) {
  const { alipay, wechatpay, unionpay } = sites;
  const context = ({ transport }: Pick<AlipaySite, 'transport'>) => ({
    transport: watch(transport),
    clock,
  });
  return {
    alipay: createAlipay(
      {
        appId: alipay.credentials.appId,
        sellerId: alipay.credentials.sellerId,
        gatewayUrl: alipay.credentials.gatewayUrl,
        merchantKey: signerOf(alipay.credentials.merchantPrivateKey),
        platformKey: alipay.credentials.platformPublicKey,
      },
      context(alipay),
    ),
    wechatpay: createWechatPay(
      {
        mchId: wechatpay.credentials.mchId,
        appId: wechatpay.credentials.appId,
        merchantKey: signerOf(wechatpay.credentials.merchantPrivateKey),
        merchantSerial: wechatpay.credentials.merchantCertSerial,
        apiV3Key: secret(wechatpay.credentials.apiV3Key),
        baseUrl: wechatpay.url,
        notifyUrl: 'http://shop.invalid/wechatpay',
        certificates: [wechatpay.credentials.platformCert],
      },
      context(wechatpay),
    ),
    unionpay: createUnionPay(
      {
        merId: unionpay.credentials.merId,
        signing: {
          method: 'rsa',
          certificate: unionpay.credentials.merchantCert,
          key: signerOf(unionpay.credentials.merchantPrivateKey),
        },
        certificates: {
          root: unionpay.credentials.rootCert,
          middle: unionpay.credentials.middleCert,
        },
        encryptionCertificate: unionpay.credentials.encryptCert,
        tokenRequestor: unionpay.credentials.trId,
        notifyUrl: 'http://shop.invalid/unionpay',
        returnUrl: 'http://shop.invalid/back',
        gatewayUrl: `${unionpay.url}/gateway/api`,
        fileUrl: `${unionpay.url}/`,
      },
      context(unionpay),
    ),
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
  const channels = channelsOf(sites, clock, traffic.watch);
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
