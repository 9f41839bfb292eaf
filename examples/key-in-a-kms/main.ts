/** examples · key-in-a-kms: the merchant's key never enters this process; a service signs with it. */
import { createHash } from 'node:crypto';
import { checkAlipayConfig, createAlipay } from '@polyrail/alipay';
import { startAlipay } from '@polyrail/alipay-simulator';
import { isPolyrailError, money } from '@polyrail/core';
import { startKms } from './kms.ts';

const site = await startAlipay();
const kms = await startKms(site.credentials.merchantPrivateKey);

/** Only the digest travels: a request may be longer than a service takes. */
async function signWithKms(data: Uint8Array): Promise<Uint8Array> {
  const digest = createHash('sha256').update(data).digest();
  const reply = await fetch(kms.url, {
    method: 'POST',
    body: digest,
    signal: AbortSignal.timeout(2_000), // no signature, no payment: better to know soon
  });
  if (!reply.ok) throw new Error(`The key service answered ${reply.status}`);
  return new Uint8Array(await reply.arrayBuffer());
}

const config = {
  appId: site.credentials.appId,
  merchantKey: signWithKms,
  platformKey: site.credentials.platformPublicKey,
  gatewayUrl: site.credentials.gatewayUrl,
};
await checkAlipayConfig(config); // asks the service for a signature, and sends Alipay nothing
const alipay = createAlipay(config);

const order = { merchantPaymentId: 'tea_1', amount: money('9.00', 'CNY'), description: 'Tea' };
const paid = await alipay.pay({ scene: 'barcode', authCode: '286512345678901234', ...order });
console.log(paid.status, `after ${kms.count.signatures} signatures`); // succeeded

await kms.stop(); // what if the service is away?
const asked = site.journal.entries().length;
const error = await alipay
  .pay({ scene: 'barcode', authCode: '286512345678901234', ...order, merchantPaymentId: 'tea_2' })
  .then(
    () => undefined,
    (reason: unknown) => reason,
  );
const code = isPolyrailError(error) ? error.code : undefined;
const sent = site.journal.entries().length - asked;
console.log(code, `and ${sent} requests left this machine`); // thrown: nothing happened, try again

await site.stop();
process.exitCode = paid.status === 'succeeded' && code !== undefined && sent === 0 ? 0 : 1;
