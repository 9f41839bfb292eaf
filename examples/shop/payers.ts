/**
 * examples · payers: simulators of three payers in this process, the channels that reach them, and the
 * page on which somebody plays the payer. With real accounts, only the configurations below remain.
 */
import { createAlipay } from '@polyrail/alipay';
import { type AlipaySite, startAlipay } from '@polyrail/alipay-simulator';
import { type NextAction, secret } from '@polyrail/core';
import { createVirtualClock, type VirtualClock } from '@polyrail/simulator';
import { createUnionPay } from '@polyrail/unionpay';
import { startUnionPay, type UnionPaySite } from '@polyrail/unionpay-simulator';
import { createWechatPay } from '@polyrail/wechatpay';
import { startWechatPay, type WechatPaySite } from '@polyrail/wechatpay-simulator';

export interface Sites {
  readonly alipay: AlipaySite;
  readonly wechatpay: WechatPaySite;
  readonly unionpay: UnionPaySite;
}
export type ChannelName = keyof Sites;

export interface Payers extends Sites {
  readonly clock: VirtualClock;
  readonly channels: ReturnType<typeof channelsOf>;
  /** Where a QR code leads whoever scans it with the payer's app. */
  scannedPage(channel: string | undefined, action: NextAction | undefined): string | undefined;
  stop(): Promise<void>;
}

function alipayOf({ credentials, clock }: AlipaySite) {
  const { appId, sellerId, gatewayUrl, merchantPrivateKey, platformPublicKey } = credentials;
  return createAlipay(
    {
      ...{ appId, sellerId, gatewayUrl },
      merchantKey: secret(merchantPrivateKey),
      platformKey: platformPublicKey,
    },
    { clock },
  );
}

function wechatPayOf({ url: baseUrl, credentials, clock }: WechatPaySite) {
  const { mchId, appId, merchantPrivateKey, merchantCertSerial, apiV3Key } = credentials;
  const { platformPublicKeyId: id, platformPublicKey: key } = credentials;
  return createWechatPay(
    {
      ...{ mchId, appId, baseUrl },
      merchantKey: secret(merchantPrivateKey),
      merchantSerial: merchantCertSerial,
      apiV3Key: secret(apiV3Key),
      publicKey: { id, key },
    },
    { clock },
  );
}

function unionPayOf({ url, credentials, clock }: UnionPaySite, shopUrl: string) {
  const { merId, merchantPfxBase64, merchantPfxPassword, rootCert, middleCert } = credentials;
  return createUnionPay(
    {
      merId,
      signing: {
        method: 'rsa',
        pfx: secret(Buffer.from(merchantPfxBase64, 'base64')),
        passphrase: secret(merchantPfxPassword),
      },
      certificates: { root: rootCert, middle: middleCert },
      gatewayUrl: `${url}/gateway/api`,
      fileUrl: `${url}/`,
      notifyUrl: `${shopUrl}/notify/unionpay`,
    },
    { clock },
  );
}

const channelsOf = ({ alipay, wechatpay, unionpay }: Sites, shopUrl: string) => ({
  alipay: alipayOf(alipay),
  wechatpay: wechatPayOf(wechatpay),
  unionpay: unionPayOf(unionpay, shopUrl),
});

/** The name under which each simulator's cashier takes the text of a QR code. */
const scanned: Readonly<Record<ChannelName, string>> = {
  alipay: 'qr',
  wechatpay: 'ticket',
  unionpay: 'ticket',
};

const isChannelName = (name: string | undefined): name is ChannelName =>
  name !== undefined && Object.hasOwn(scanned, name);

/** Starts the three payers on free ports. `shopUrl` is the shop's own origin. */
export async function startPayers(
  shopUrl: string,
  { seed = 1, shareKeys = false }: { readonly seed?: number; readonly shareKeys?: boolean } = {},
): Promise<Payers> {
  const clock = createVirtualClock();
  const options = { seed, shareKeys, clock };
  const sites: Sites = {
    alipay: await startAlipay(options),
    wechatpay: await startWechatPay({ ...options, keys: 'public-key' }),
    unionpay: await startUnionPay({ ...options, arrivalMs: 300 }),
  };
  const channels = channelsOf(sites, shopUrl);
  return {
    ...sites,
    clock,
    channels,
    scannedPage(channel, action) {
      if (action?.kind !== 'qr' || !isChannelName(channel)) return undefined;
      const query = new URLSearchParams({ [scanned[channel]]: action.text });
      return `${sites[channel].url}/_sim/cashier?${query}`;
    },
    async stop() {
      for (const channel of Object.values(channels)) await channel[Symbol.asyncDispose]();
      for (const site of Object.values(sites)) await site.stop();
      clock.stop();
    },
  };
}
