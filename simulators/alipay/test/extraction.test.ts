/** How each client of the dossier cuts the signed text out of a reply: all must find the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlipaySite } from '../src/index.ts';
import { certificateSn, rootCertificateSn } from '../src/seal.ts';
import { common, form, pay, rawNode, send, signed, start, terms, verifiedBy } from './client.ts';

let site: AlipaySite;
beforeAll(async () => {
  site = await start();
  await pay(site, 'e_paid');
});
afterAll(() => site.stop());

type Cut = (body: string, node: string) => string | undefined;

/** From the first node name to the last `"sign"`, then from the first brace to the last one. */
const npm: Cut = (body, node) => {
  const from = body.slice(body.indexOf(`${node}"`));
  const cut = from.slice(0, from.lastIndexOf('"sign"'));
  return cut.slice(cut.indexOf('{'), cut.lastIndexOf('}') + 1);
};

/** Up to the comma before `"alipay_cert_sn"`, or before `"sign"`. */
const php: Cut = (body, node) => {
  const from = body.indexOf(node) + node.length + 2;
  const certificate = body.lastIndexOf('"alipay_cert_sn"');
  const end = certificate >= 0 ? certificate : body.lastIndexOf('"sign"');
  return body.slice(from, end - 1);
};

/** A closing brace directly before `,"sign":"`; key mode only. */
const python: Cut = (body, node) =>
  new RegExp(`"${node}"\\s*:\\s*(\\{.*\\}),"sign":"`, 's').exec(body)?.[1];

/** Literal searches without any blank. */
const gopay: Cut = (body) => {
  const from = body.indexOf('_response":') + '_response":'.length;
  const certificate = body.indexOf(',"alipay_cert_sn":');
  return body.slice(from, certificate >= 0 ? certificate : body.indexOf(',"sign":'));
};

/** Counts braces, quotes or not. */
const braces: Cut = (body, node) => {
  const from = body.indexOf('{', body.indexOf(node));
  let depth = 0;
  for (let at = from; at < body.length; at += 1) {
    if (body[at] === '{') depth += 1;
    if (body[at] === '}') depth -= 1;
    if (depth === 0) return body.slice(from, at + 1);
  }
  return undefined;
};

/** Parses, then writes again with `\/` and raw characters. */
const reencode: Cut = (body, node) =>
  JSON.stringify((JSON.parse(body) as Record<string, unknown>)[node]).replaceAll('/', '\\/');

const cuts = { npm, php, python, gopay, braces, reencode };

const calls: readonly [string, object][] = [
  ['alipay.trade.precreate', terms('e_qr')],
  ['alipay.trade.query', { out_trade_no: 'e_paid', query_options: ['fund_bill_list'] }],
  ['alipay.trade.query', { out_trade_no: 'none' }],
  ['alipay.trade.precreate', { ...terms('e_bad'), subject: 'a/b' }],
  ['alipay.trade.refund', { out_trade_no: 'e_paid', refund_amount: '0.10', out_request_no: 'r' }],
];

describe.each(calls)('the reply to %s %j', (method, biz) => {
  const reply = async (more: Record<string, string>) => {
    const fields = { ...common(method, site.credentials, biz), ...more };
    const body = form(signed(fields, site.credentials.merchantPrivateKey));
    return (await send(site, { body })).text;
  };
  const node = `${method.replaceAll('.', '_')}_response`;

  it.each(Object.entries(cuts))('is cut alike by %s in key mode', async (_, cut) => {
    const text = await reply({});
    expect(cut(text, node)).toBe(rawNode(text));
    expect(verifiedBy(text, site.credentials.platformPublicKey)).toBe(true);
  });

  const certified = Object.entries(cuts).filter(([name]) => name !== 'python');
  it.each(certified)('is cut alike by %s in certificate mode', async (_, cut) => {
    const text = await reply({
      app_cert_sn: certificateSn(site.credentials.merchantCert),
      alipay_root_cert_sn: rootCertificateSn(site.credentials.rootCert),
    });
    expect(text).toContain('"alipay_cert_sn"');
    expect(cut(text, node)).toBe(rawNode(text));
  });
});
