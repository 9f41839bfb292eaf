/** wechatpay · certificates: the list of platform certificates, asked for, opened, and not yet believed. */
import { PolyrailError } from '@polyrail/core';
import { badConfig } from '@polyrail/kit/config';
import { parseCertificates } from '@polyrail/kit/keys';
import { openResource, opens } from './cipher.ts';
import { verdictOf } from './codes.ts';
import { type Message, objectOf, readObject, requiredText } from './messages.ts';
import type { Download } from './platform-keys.ts';
import { type Reply, type Road, type Sealed, serverError, type Target } from './road.ts';
import {
  isProbe,
  type Probes,
  requireFresh,
  requireSigned,
  signatureOf,
  unverified,
} from './signature.ts';
import { type Certified, certifiedOf, serialOf, type Trust } from './trust.ts';

/** Each of a few kilobytes. */
const maxBytes = 256 * 1024;
const maxCertificates = 16;

function certificateIn(entry: Message, trust: Trust): Certified {
  const named = serialOf(requiredText(entry, 'serial_no'));
  const resource = objectOf(entry, 'encrypt_certificate');
  if (!opens(resource, trust)) {
    throw badConfig('apiV3Key', 'does not open the platform certificates of this merchant');
  }
  const [certificate] = parseCertificates(openResource(resource, trust));
  const certified = certificate && certifiedOf(certificate, trust.algorithm);
  if (certified?.serial === named) return certified;
  throw unverified('The list names another certificate than it holds');
}

function certificatesIn(reply: Reply, trust: Trust): readonly Certified[] {
  const { data } = readObject(Buffer.from(reply.body).toString('utf8'));
  if (!Array.isArray(data) || data.length === 0 || data.length > maxCertificates) {
    throw unverified('The list of certificates is empty or too long');
  }
  return data.map((entry) => certificateIn(Object(entry) as Message, trust));
}

/** What a refusal of the list means: mostly that the configuration is wrong. */
function refusalOf({ status, body }: Reply): PolyrailError {
  if (status >= 500 || status < 400 || body.byteLength === 0) return serverError(status);
  const answer = readObject(Buffer.from(body).toString('utf8'));
  const code = requiredText(answer, 'code');
  // Quirk: a merchant that never had a platform certificate is told so (A4.1).
  if (status === 404 && /^(?:RESOURCE_NOT_EXISTS|NOT_FOUND)$/.test(code)) {
    return badConfig('publicKey', 'is needed: this merchant has no platform certificates');
  }
  const verdict = verdictOf('certificates', { status, code, body: answer });
  if (verdict.end !== 'refused') return serverError(status, code);
  return new PolyrailError('REFUSED', `WeChat Pay answered certificates with ${code}`, {
    reason: verdict.reason,
    evidence: 'transport',
    channelCode: code,
  });
}

export interface CertificateParts {
  readonly road: Road;
  readonly probes: Probes;
  readonly trust: () => Promise<Trust>;
  readonly seal: (target: Target) => Promise<Sealed>;
  readonly now: () => number;
}

/** Asks for the list of certificates. */
export function certificateRoad({ road, probes, trust, seal, now }: CertificateParts) {
  const ask = async (signal: AbortSignal): Promise<Download> => {
    const own = await trust();
    const target = `/v3/certificates?algorithm_type=${own.algorithm.certificateType}`;
    const sealed = await seal({ method: 'GET', target, body: '' });
    const reply = await road(sealed, { signal, maxBodyBytes: maxBytes });
    if (reply.status !== 200) throw refusalOf(reply);
    const signature = signatureOf(reply, own.algorithm.scheme, probes);
    const serial = serialOf(signature.serial);
    return {
      certificates: certificatesIn(reply, own),
      verify(keys) {
        const named = keys.filter((key) => serialOf(key.serial) === serial);
        requireSigned(signature, reply.body, named[0]?.key);
        requireFresh(signature, now());
      },
    };
  };
  return async (signal: AbortSignal): Promise<Download> => {
    try {
      return await ask(signal);
    } catch (error) {
      if (!isProbe(error)) throw error;
      return ask(signal);
    }
  };
}
