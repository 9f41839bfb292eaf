/** unionpay simulator · doctor-reply: why a client does not believe an answer or a notification. */
import { X509Certificate } from 'node:crypto';
import {
  type Belief,
  diagnose,
  type Explanation,
  type Found,
  type KeyHolder,
  type Kind,
  openSignature,
  pairSegments,
} from '@polyrail/simulator/doctor';
import { acpCauses, acpDraft, prepare } from './doctor-causes.ts';
import { words } from './doctor-words.ts';
import type { Form } from './form.ts';
import type { Room } from './room.ts';
import { rsaHashOf } from './seal.ts';
import { secretsIn } from './secrets.ts';

/** The certificate in the message; `undefined` where it cannot be read. */
function certificateIn({ fields }: Form): X509Certificate | undefined {
  try {
    const { signPubKeyCert = '' } = fields;
    return signPubKeyCert === '' ? undefined : new X509Certificate(signPubKeyCert);
  } catch {
    return undefined;
  }
}

const platformName = '中国银联股份有限公司';

/** What is wrong with the certificate itself: its chain, its name, its dates. */
function certificateFound(
  certificate: X509Certificate,
  { platform, world }: Room,
): readonly Found[] {
  const middle = new X509Certificate(platform.middle.certificatePem);
  const advice = 'Do not believe it: check chain, name and dates before the signature.';
  const found: Found[] = [];
  if (!certificate.checkIssued(middle) || !certificate.verify(middle.publicKey)) {
    const rule = 'The certificate in it was issued by another authority than the middle one here';
    found.push({ cause: 'foreign-chain', rule, advice });
  }
  const name = /CN=(.*)/.exec(certificate.subject)?.[1] ?? '';
  if (name.split('@')[2] !== platformName) {
    const rule = `The certificate in it names ${name.split('@')[2] ?? 'nobody'}, not UnionPay`;
    found.push({ cause: 'foreign-name', rule, advice });
  }
  if (Date.parse(certificate.validTo) < world.clock.now()) {
    const rule = `The certificate in it was valid until ${certificate.validTo}`;
    found.push({ cause: 'expired-certificate', rule, advice });
  }
  return found;
}

/** PEM loses its line ends on the way through logs and editors. */
const lineEndFound = ({ fields }: Form): readonly Found[] => {
  const { signPubKeyCert = '' } = fields;
  if (signPubKeyCert === '' || signPubKeyCert.includes('\r\n')) return [];
  return [
    {
      cause: 'certificate-line-ends',
      rule: 'The certificate in it has no CR LF between its lines, as UnionPay writes them',
      advice: 'Keep the message as bytes: CR LF inside signPubKeyCert is part of the signed text.',
    },
  ];
};

/** Who may have signed it: UnionPay, or whoever its own certificate names. */
function holdersOf(form: Form, { platform, merchants }: Room): readonly KeyHolder[] {
  const inside = certificateIn(form);
  const holders: KeyHolder[] = [
    { whose: 'UnionPay', role: 'expected', key: platform.current().publicKey },
    ...platform.earlier().map(
      (one): KeyHolder => ({
        whose: 'UnionPay, before a rotation',
        role: 'expected',
        key: one.publicKey,
      }),
    ),
    ...merchants.map(
      (one): KeyHolder => ({ whose: `merchant ${one.merId}`, role: 'other', key: one.publicKey }),
    ),
  ];
  if (inside === undefined) return holders;
  const known = holders.some(({ key }) => key.equals(inside.publicKey));
  const whose = 'the certificate in the message, which is not UnionPay’s';
  return known ? holders : [...holders, { whose, role: 'stranger', key: inside.publicKey }];
}

/** Why an answer or a notification is not believed, or that it should be. */
export function explainReply(
  form: Form,
  room: Room,
  { kind, belief }: { readonly kind: Kind; readonly belief?: Belief },
): Explanation {
  const { fields, charset } = form;
  const { signature = '', version = '' } = fields;
  const hash = rsaHashOf(version);
  const certificate = certificateIn(form);
  const known = certificate === undefined ? [] : certificateFound(certificate, room);
  return diagnose({
    kind,
    problem: {
      draft: acpDraft(fields, { charset, inner: hash }),
      causes: acpCauses,
      context: {},
      segments: pairSegments,
      prepare,
    },
    signature,
    wanted: hash,
    opened: openSignature(signature, holdersOf(form, room)),
    secrets: secretsIn(Object.entries(fields)),
    words,
    ...(belief && { belief }),
    known: [...known, ...lineEndFound(form)],
  });
}
