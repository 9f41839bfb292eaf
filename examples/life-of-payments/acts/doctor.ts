/** examples · doctor: a home-made client signs the wrong text, and is told which and why. */
import { createSign } from 'node:crypto';
import type { Stage } from '../stage.ts';

/** A client as people write them: all is right but one thing. */
async function callByHand({ site }: Stage): Promise<{ url: string; body: string; text: string }> {
  const { appId, gatewayUrl, merchantPrivateKey } = site.credentials;
  const timestamp = new Date(site.clock.now() + 8 * 3_600_000).toISOString();
  const parameters: Readonly<Record<string, string>> = {
    app_id: appId,
    biz_content: JSON.stringify({ out_trade_no: 'tea_1' }),
    charset: 'utf-8',
    method: 'alipay.trade.query',
    sign_type: 'RSA2',
    timestamp: timestamp.slice(0, 19).replace('T', ' '),
    version: '1.0',
  };
  const signed = Object.entries(parameters)
    // The one thing: the values are encoded for the URL before they are signed.
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  const sign = createSign('sha256').update(signed).sign(merchantPrivateKey, 'base64');
  const body = new URLSearchParams({ ...parameters, sign }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const reply = await fetch(gatewayUrl, { method: 'POST', headers, body });
  return { url: gatewayUrl, body, text: await reply.text() };
}

export async function brokenSignature(stage: Stage): Promise<void> {
  const { narrator, site } = stage;
  narrator.act('Why does my signature not verify?');
  const { url, body, text } = await callByHand(stage);
  const code = /"sub_code":"([^"]+)"/.exec(text)?.[1];
  const note = 'a client without Polyrail asks';
  narrator.line({ actor: 'world', verb: 'query by hand', id: 'tea_1', status: 'refused', note });
  narrator.check('Refused as Alipay would', code, 'isv.invalid-signature');
  const told = await site.explain({ url, body });
  narrator.aside(told.rule);
  narrator.check('The doctor names the mistake', told.cause, 'encoded');
  narrator.check(
    'and the parameter in which it shows',
    told.firstDifference?.parameter,
    'biz_content',
  );
  if (told.firstDifference !== undefined) {
    const { offset, expected, received } = told.firstDifference;
    narrator.aside(`At byte ${offset}: ${received.text} was signed, it should be ${expected.text}`);
  }
  narrator.aside(told.advice);
}
