/** Test aid: poses as Alipay in certificate mode, with a key and certificates of his own. */
import { sign } from 'node:crypto';
import type { Impostor, ImpostorReply } from '@polyrail/conformance';
import { makeCertificate, type NamePrefix, strangersKeys } from '@polyrail/contest';
import { certificateFacts, parseCertificate } from '@polyrail/kit/keys';
import { serialOf } from '../src/certificates.ts';

const oids: Readonly<Record<string, string>> = {
  C: '550406',
  O: '55040a',
  OU: '55040b',
  CN: '550403',
};
const dayMs = 86_400_000;

/** A certificate in the name of Alipay's own; all that is missing is who signs it. */
function certificateLike(platform: string): string {
  const { subject, notBefore, notAfter } = certificateFacts(parseCertificate(platform));
  const named = subject.map(([type, value]) => [oids[type] ?? '', value] as const);
  const prefix: NamePrefix = named.slice(0, -1);
  return makeCertificate({
    subject: subject.at(-1)?.[1] ?? '',
    issuer: 'Ant Financial Certification Authority',
    prefix,
    publicKey: strangersKeys().publicKey,
    issuerKey: strangersKeys().privateKey,
    serial: 4711n,
    notBefore,
    notAfter: notAfter + dayMs,
  });
}

const download = 'alipay.open.app.alipaycert.download';
const node = /^\{"(\w+)":(\{.*\})(?:,"alipay_cert_sn":"\w+")?,"sign":"[^"]*"\}$/s;

function sealed(honest: ImpostorReply, serial: string, content?: object): ImpostorReply {
  const [, name, genuine = ''] = node.exec(Buffer.from(honest.body).toString('utf8')) ?? [];
  const text = content === undefined ? genuine : JSON.stringify(content);
  const signature = sign('sha256', Buffer.from(text), strangersKeys().privateKey).toString(
    'base64',
  );
  const body = `{"${name}":${text},"alipay_cert_sn":"${serial}","sign":"${signature}"}`;
  return { ...honest, body: new TextEncoder().encode(body) };
}

/** Whoever has seen Alipay's certificate, which is no secret. */
export function impostorOf(platform: string): Impostor {
  const pem = certificateLike(platform);
  const first = serialOf(parseCertificate(pem));
  const serial = (number: number): string =>
    number === 1 ? first : String(number).padStart(32, '0');
  return {
    reply: (honest, _request, number) => sealed(honest, serial(number)),
    answer({ url, body = '' }, honest) {
      if (!`${url} ${Buffer.from(body).toString('utf8')}`.includes(download)) return undefined;
      const alipay_cert_content = Buffer.from(pem).toString('base64');
      return sealed(honest, first, { code: '10000', msg: 'Success', alipay_cert_content });
    },
  };
}
