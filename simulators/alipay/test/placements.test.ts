import { connect } from 'node:net';
import { decodeText, encodeText } from '@polyrail/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formText } from '../src/envelope.ts';
import type { AlipaySite } from '../src/index.ts';
import { common, type Fields, form, rawNode, signed, start, terms, verifiedBy } from './client.ts';

let site: AlipaySite;
beforeAll(async () => {
  site = await start({ mount: 'http' });
});
afterAll(() => site.stop());

interface Wire {
  readonly line: string;
  readonly headers?: readonly string[];
  readonly body?: Uint8Array | string;
}

/** One request written byte by byte on a socket; the body of the reply. */
async function speak({ line, headers = [], body = '' }: Wire): Promise<Buffer> {
  const { hostname, port } = new URL(site.url);
  const bytes = Buffer.from(body as string);
  const head = [line, `Host: ${hostname}:${port}`, 'Connection: close', ...headers];
  const length = bytes.length > 0 ? [`Content-Length: ${bytes.length}`] : [];
  const socket = connect(Number(port), hostname);
  socket.write(`${[...head, ...length].join('\r\n')}\r\n\r\n`);
  socket.write(bytes);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  const whole = Buffer.concat(chunks);
  return whole.subarray(whole.indexOf('\r\n\r\n') + 4);
}

const formType = 'Content-Type: application/x-www-form-urlencoded; charset=utf-8';
const system = [
  'app_id',
  'method',
  'format',
  'charset',
  'sign_type',
  'timestamp',
  'version',
  'sign',
];
const split = (fields: Fields, names: readonly string[]) => {
  const entries = Object.entries(fields);
  const inside = entries.filter(([name]) => names.includes(name));
  const outside = entries.filter(([name]) => !names.includes(name));
  return [form(Object.fromEntries(inside)), form(Object.fromEntries(outside))] as const;
};
const order = (id: string, more: Fields = {}, biz?: string): Fields =>
  signed(
    { ...common('alipay.trade.precreate', site.credentials, biz ?? terms(id)), ...more },
    site.credentials.merchantPrivateKey,
  );

let count = 0;
const fresh = () => `place_${++count}`;

/** How each client of the dossier's table places its parameters. */
const clients: readonly [string, (id: string) => Wire][] = [
  [
    'npm alipay-sdk: system parameters in the query, the rest in the body',
    (id) => {
      const [query, body] = split(order(id, { notify_url: 'http://127.0.0.1/n' }), [
        ...system,
        'notify_url',
      ]);
      return { line: `POST /gateway.do?${query} HTTP/1.1`, headers: [formType], body };
    },
  ],
  [
    "alipay-sdk-php: certificate mode's empty parameters and extras in the query",
    (id) => {
      const fields = order(id, { alipay_sdk: 'alipay-sdk-php-2020-04-15' });
      const [query, body] = split(fields, [...system, 'alipay_sdk']);
      const empty =
        'auth_token=&terminal_type=&terminal_info=&prod_code=&notify_url=' +
        '&app_auth_token=&target_app_id=';
      return { line: `POST /gateway.do?${empty}&${query} HTTP/1.1`, headers: [formType], body };
    },
  ],
  [
    'alipay-sdk-python: an absolute request target',
    (id) => {
      const [query, body] = split(order(id), system);
      return {
        line: `POST ${site.url}/gateway.do?${query} HTTP/1.1`,
        headers: [formType],
        body,
      };
    },
  ],
  [
    'fzlee: GET with everything in the query',
    (id) => ({ line: `GET /gateway.do?${form(order(id))} HTTP/1.1` }),
  ],
  [
    'smartwalle: everything in the body, sorted',
    (id) => {
      const fields = order(id);
      const sorted = Object.fromEntries(
        Object.keys(fields)
          .sort()
          .map((n) => [n, fields[n] ?? '']),
      );
      return { line: 'POST /gateway.do HTTP/1.1', headers: [formType], body: form(sorted) };
    },
  ],
  [
    'gopay: charset in the query as well',
    (id) => ({
      line: 'POST /gateway.do?charset=utf-8 HTTP/1.1',
      headers: [formType],
      body: form(order(id)),
    }),
  ],
  [
    'yansongda: JSON with \\u escapes and \\/',
    (id) => {
      const texts = '"subject":"\\u6d4b\\u8bd5","body":"a\\/b"';
      const biz = `{"out_trade_no":"${id}","total_amount":"1.00",${texts}}`;
      return {
        line: 'POST /gateway.do?charset=utf-8 HTTP/1.1',
        headers: [formType],
        body: form(order(id, {}, biz)),
      };
    },
  ],
  [
    'percent-encoded blanks instead of plus signs',
    (id) => ({
      line: 'POST /gateway.do HTTP/1.1',
      headers: [formType],
      body: form(order(id)).replaceAll('+', '%20'),
    }),
  ],
  [
    'an amount as a JSON number',
    (id) => ({
      line: 'POST /gateway.do HTTP/1.1',
      headers: [formType],
      body: form(order(id, {}, `{"out_trade_no":"${id}","total_amount":9.00,"subject":"x"}`)),
    }),
  ],
  [
    'a body without a content type',
    (id) => ({ line: 'POST /gateway.do HTTP/1.1', body: form(order(id)) }),
  ],
];

function multipart(fields: Fields, files: Fields, boundary: string): string {
  const text = Object.entries(fields).map(
    ([name, value]) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const parts = Object.entries(files).map(
    ([name, value]) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="a.png"\r\n` +
      `Content-Type: image/png\r\n\r\n${value}\r\n`,
  );
  return `${[...text, ...parts].join('')}--${boundary}--\r\n`;
}

describe('parameters are found wherever a client puts them', () => {
  it.each(clients)('%s', async (_, wire) => {
    const id = fresh();
    const text = (await speak(wire(id))).toString();
    const node = JSON.parse(rawNode(text));
    expect(node).toMatchObject({ code: '10000', out_trade_no: id });
    expect(verifiedBy(text, site.credentials.platformPublicKey)).toBe(true);
    expect(site.book(id)).toMatchObject({ state: 'UNSCANNED' });
  });

  it('keeps the amount a JSON number was written with', async () => {
    const id = fresh();
    const biz = `{"out_trade_no":"${id}","total_amount":0.1,"subject":"x"}`;
    await speak({ line: `GET /gateway.do?${form(order(id, {}, biz))} HTTP/1.1` });
    await site.payer.approve(id);
    expect(site.book(id)).toMatchObject({ paid: 10 });
  });

  it('multipart: text parts are signed, file parts are not', async () => {
    const id = fresh();
    const [query] = split(order(id), system);
    const biz = { biz_content: JSON.stringify(terms(id)) };
    const text = await speak({
      line: `POST /gateway.do?${query} HTTP/1.1`,
      headers: ['Content-Type: multipart/form-data; boundary="----b0"'],
      body: multipart(biz, { image_content: 'PNG&sign=x' }, '----b0'),
    });
    expect(JSON.parse(rawNode(text.toString()))).toMatchObject({ code: '10000' });
  });

  it('GBK: the charset is in the query, the text in the body; the answer is GBK too', async () => {
    const id = fresh();
    const biz = `{"out_trade_no":"${id}","total_amount":"1.00","subject":"测试，中文"}`;
    const fields = signed(
      { ...common('alipay.trade.precreate', site.credentials, biz), charset: 'GBK' },
      site.credentials.merchantPrivateKey,
      ((text: string) => Buffer.from(encodeText(text, 'gbk'))) as never,
    );
    const { charset: _, ...rest } = fields;
    const reply = await speak({
      line: 'POST /gateway.do?charset=GBK HTTP/1.1',
      headers: [formType],
      body: formText(rest, 'gbk'),
    });
    expect(JSON.parse(rawNode(reply.toString('latin1')))).toMatchObject({ code: '10000' });
    const broken = { ...fields, biz_content: biz.replace('1.00', '2.00') };
    const refusal = await speak({
      line: 'POST /gateway.do HTTP/1.1',
      headers: [formType],
      body: formText(broken, 'gbk'),
    });
    const text = decodeText(refusal, 'gbk');
    expect(text).toContain('验签出错');
    expect(text).toContain('测试，中文');
    const node = encodeText(rawNode(text), 'gbk');
    const { createVerify } = await import('node:crypto');
    const sign = /"sign":"([^"]+)"\}$/.exec(text)?.[1] ?? '';
    const check = createVerify('RSA-SHA256').update(node);
    expect(check.verify(site.credentials.platformPublicKey, sign, 'base64')).toBe(true);
  });

  it('GBK signed as UTF-8 is refused and explained', async () => {
    const fields = signed(
      { ...common('alipay.trade.precreate', site.credentials, terms(fresh())), charset: 'gbk' },
      site.credentials.merchantPrivateKey,
    );
    await speak({
      line: 'POST /gateway.do HTTP/1.1',
      headers: [formType],
      body: formText(fields, 'gbk'),
    });
    expect(site.journal.entries({ limit: 1 })[0]?.note).toContain('utf-8 instead of gbk');
  });

  it('survives nonsense', async () => {
    const lines = ['GET /gateway.do HTTP/1.1', 'GET /gateway.do?%zz=%&&=&a HTTP/1.1'];
    for (const line of lines) {
      expect((await speak({ line })).toString()).toContain('isv.missing-app-id');
    }
    expect((await speak({ line: 'GET /elsewhere HTTP/1.1' })).toString()).toContain('404');
  });
});
