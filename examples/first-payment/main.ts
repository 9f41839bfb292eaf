/** examples · first-payment: from an order to the money, against a simulator of Alipay. */
import { createAlipay } from '@polyrail/alipay';
import { startAlipay } from '@polyrail/alipay-simulator';
import { money, secret } from '@polyrail/core';

const site = await startAlipay(); // Alipay's side of the wire, on this machine
const alipay = createAlipay({
  appId: site.credentials.appId,
  merchantKey: secret(site.credentials.merchantPrivateKey),
  platformKey: site.credentials.platformPublicKey,
  gatewayUrl: site.credentials.gatewayUrl,
});

const order = { merchantPaymentId: 'tea_1', amount: money('9.00', 'CNY'), description: 'Tea' };
const asked = await alipay.pay({ scene: 'qr', ...order });
console.log(asked.status, asked.status === 'pending' && asked.nextAction); // show this code

await site.payer.approve('tea_1'); // somebody scans it and pays

const paid = await alipay.query(asked.ref);
console.log(paid.status, paid.evidence); // succeeded signed
await site.stop();
process.exitCode = paid.status === 'succeeded' && site.book('tea_1')?.paid === 900 ? 0 : 1;
