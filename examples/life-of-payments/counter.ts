/** examples · counter: WeChat Pay beside Alipay - one payer, and the two protocols that speak to it. */
import { dayOf, secret } from '@polyrail/core';
import { createWechatPay } from '@polyrail/wechatpay';
import { startWechatPay, type WechatPaySite } from '@polyrail/wechatpay-simulator';
import { createWechatPayV2 } from '@polyrail/wechatpay-v2';
import { type Booth, openBooth } from './booth.ts';
import type { Narrator } from './narrator.ts';

/** A merchant of WeChat Pay, who orders over API v3 and scans payers' codes over API v2. */
export interface Counter extends Booth {
  readonly site: WechatPaySite;
  readonly v3: ReturnType<typeof v3Of>;
  readonly v2: ReturnType<typeof v2Of>;
}

/** JSON, signed with the merchant's key; replies are verified with WeChat Pay's public key. */
function v3Of({ url: baseUrl, credentials, clock }: WechatPaySite) {
  const { mchId, appId, merchantPrivateKey, merchantCertSerial, apiV3Key } = credentials;
  const { platformPublicKeyId: id, platformPublicKey: key } = credentials;
  const config = {
    mchId,
    appId,
    baseUrl,
    merchantKey: secret(merchantPrivateKey),
    merchantSerial: merchantCertSerial,
    apiV3Key: secret(apiV3Key),
    publicKey: { id, key },
  };
  return createWechatPay(config, { clock });
}

/** XML, signed with the API key, over TLS on which the merchant shows a certificate. */
function v2Of({ secure, credentials, clock }: WechatPaySite) {
  if (secure === undefined) throw new Error('The simulator has no TLS listener');
  const { mchId, appId, apiKey, merchantCert, merchantPrivateKey } = credentials;
  const config = {
    mchId,
    appId,
    baseUrl: secure.url,
    ca: secure.authority,
    apiKey: secret(apiKey),
    clientCertificate: { cert: merchantCert, key: secret(merchantPrivateKey) },
  };
  return createWechatPayV2(config, { clock });
}

export async function openCounter(narrator: Narrator): Promise<Counter> {
  const today = dayOf(Date.now(), 'Asia/Shanghai');
  const startAt = Date.parse(`${today}T10:00:00.000+08:00`);
  const site = await startWechatPay({ seed: 1, startAt, keys: 'public-key' });
  const [v3, v2] = [v3Of(site), v2Of(site)];
  const booth = await openBooth(narrator, { site, channel: v3 });
  return {
    ...booth,
    ...{ site, v3, v2 },
    async close() {
      await v3[Symbol.asyncDispose]();
      await v2[Symbol.asyncDispose]();
      await booth.close();
    },
  };
}
