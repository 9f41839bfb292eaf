/** examples · broken-signature: a home-made client signs wrongly, and the simulator says why. */
import { createSign } from 'node:crypto';
import { startAlipay } from '@polyrail/alipay-simulator';

const site = await startAlipay(); // Alipay's side of the wire, on this machine
const { appId, merchantPrivateKey, gatewayUrl } = site.credentials;

const parameters: Record<string, string> = {
  app_id: appId,
  method: 'alipay.trade.query',
  charset: 'utf-8',
  sign_type: 'RSA2',
  timestamp: '2026-11-24 15:08:09',
  version: '1.0',
  biz_content: JSON.stringify({ out_trade_no: 'tea_1' }),
};

// What many do at first: encode the values, then sign. Alipay signs them as they are.
const text = Object.keys(parameters)
  .sort()
  .map((name) => `${name}=${encodeURIComponent(parameters[name] ?? '')}`)
  .join('&');
const sign = createSign('RSA-SHA256').update(text).sign(merchantPrivateKey, 'base64');

const body = new URLSearchParams({ ...parameters, sign }).toString();
const headers = { 'content-type': 'application/x-www-form-urlencoded' };
const reply = await fetch(gatewayUrl, { method: 'POST', headers, body });
console.log((await reply.text()).match(/"sub_code":"[^"]+"/)?.[0]); // all that Alipay says

const told = await site.explain({ body }); // the same as POST /_sim/doctor
console.log(`${told.verdict}: ${told.rule}`);
console.log(`first difference: byte ${told.firstDifference?.offset}`);
console.log(`  expected ${told.firstDifference?.expected.text}`);
console.log(`  received ${told.firstDifference?.received.text}`);
console.log(`advice: ${told.advice}`);

await site.stop();
process.exitCode = told.cause === 'encoded' ? 0 : 1;
