/** unionpay simulator · doctor-request: why the signature of a request does not verify. */
import { createHash } from 'node:crypto';
import {
  type Belief,
  diagnose,
  type Explanation,
  type Found,
  type KeyHolder,
  type Opened,
  openSignature,
  pairSegments,
  tell,
} from '@polyrail/simulator/doctor';
import { acpCauses, acpDraft, keyedCauses, prepare } from './doctor-causes.ts';
import { type KeyedWay, keyedWays, keyedWords, words } from './doctor-words.ts';
import type { Form } from './form.ts';
import type { Merchant } from './merchants.ts';
import type { Room } from './room.ts';
import { keyedSeal, rsaHashOf } from './seal.ts';
import { secretsIn } from './secrets.ts';

export interface RequestOptions {
  readonly belief?: Belief;
  /** Further keys that may have signed. */
  readonly holders?: readonly KeyHolder[];
  readonly known?: readonly Found[];
}

const contextless = {};

/** Everybody whose key may be behind a request. */
function holdersOf(merchant: Merchant, { merchants, platform }: Room): readonly KeyHolder[] {
  const others = merchants.filter((one) => one !== merchant);
  const [encrypting] = platform.encryption();
  const holders: KeyHolder[] = [
    { whose: `merchant ${merchant.merId}`, role: 'expected', key: merchant.publicKey },
    ...others.map(
      (one): KeyHolder => ({
        whose: `merchant ${one.merId}`,
        role: 'other',
        key: one.publicKey,
      }),
    ),
    { whose: 'UnionPay', role: 'platform', key: platform.current().publicKey },
  ];
  if (encrypting === undefined) return holders;
  const whose = 'the certificate that encrypts';
  return [...holders, { whose, role: 'platform', key: encrypting.publicKey }];
}

/** Numbers that stand near the right one: which certificate's, and how it was misread. */
function certIdFound(certId: string, { merchants, platform }: Room): Found {
  const advice = 'Send the decimal serial number of the certificate in your PFX file as certId.';
  const found = (rule: string): Found => ({ cause: 'unknown-cert-id', rule, advice });
  const own = merchants.find(({ certId: one }) => {
    const number = BigInt(one);
    const spelt = [number.toString(16), BigInt(Number(number)).toString()];
    return spelt.includes(certId.toLowerCase()) && one !== certId;
  });
  if (own !== undefined) {
    return found(`${certId} is the number ${own.certId} in hexadecimal, or rounded`);
  }
  const { root, middle } = platform;
  const platforms: readonly (readonly [certId: string, whose: string])[] = [
    [platform.current().certId, "UnionPay's signing certificate"],
    ...platform.encryption().map((one) => [one.certId, 'the certificate that encrypts'] as const),
    [root.serialDecimal, 'the root certificate'],
    [middle.serialDecimal, 'the middle certificate'],
  ];
  const whose = platforms.find(([number]) => number === certId)?.[1];
  if (whose !== undefined) return found(`certId names ${whose}, not the merchant's`);
  return found(
    certId === '' ? 'The request has no certId' : `No merchant here has the certId ${certId}`,
  );
}

const hashed = (hash: string, ...parts: readonly (Uint8Array | string)[]): string => {
  const digest = createHash(hash);
  for (const part of parts) digest.update(part);
  return digest.digest('hex');
};

const keyedDigests: Readonly<Record<KeyedWay, (data: Uint8Array, key: string) => string>> = {
  sha256: (data, key) => keyedSeal('sha256', key, data),
  sm3: (data, key) => keyedSeal('sm3', key, data),
  'sha256-bare': (data, key) => hashed('sha256', data, `&${key}`),
  'sm3-bare': (data, key) => hashed('sm3', data, `&${key}`),
  'sha256-text': (data) => hashed('sha256', data),
};

/** Every way to use the shared key, the right one first. */
function keyedOpened(signature: string, merchant: Merchant, wanted: KeyedWay): readonly Opened[] {
  const ways = Object.keys(keyedWays) as KeyedWay[];
  const ordered = [wanted, ...ways.filter((way) => way !== wanted)];
  return ordered.map((way) => ({
    holder: { whose: `merchant ${merchant.merId}`, role: 'expected' },
    encoding: 'base64',
    padding: 'none',
    digest: way,
    sure: false,
    matches: (data) => keyedDigests[way](data, merchant.secureKey) === signature.toLowerCase(),
  }));
}

function explainKeyed(
  form: Form,
  merchant: Merchant,
  { belief, known }: RequestOptions,
): Explanation {
  const { fields, charset } = form;
  const { signature = '', signMethod } = fields;
  const wanted = signMethod === '12' ? 'sm3' : 'sha256';
  return diagnose({
    kind: 'request',
    problem: {
      draft: acpDraft(fields, { charset, inner: wanted }),
      causes: keyedCauses,
      context: contextless,
      segments: pairSegments,
    },
    signature,
    wanted,
    opened: keyedOpened(signature, merchant, wanted),
    secrets: secretsIn(Object.entries(fields), [merchant.secureKey]),
    words: keyedWords,
    ...(belief && { belief }),
    ...(known && { known }),
  });
}

/** Whose request it says it is. */
export function merchantNamed({ fields }: Form, { merchants }: Room): Merchant | undefined {
  const { certId = '', merId = '', signMethod = '01' } = fields;
  return signMethod === '01'
    ? merchants.find((one) => one.certId === certId)
    : merchants.find((one) => one.merId === merId);
}

/** Why the signature of a request does not verify, or that it does. */
export function explainRequest(form: Form, room: Room, options: RequestOptions = {}): Explanation {
  const { fields, charset } = form;
  const { signature = '', signMethod = '01', version = '', certId = '', merId = '' } = fields;
  const named = merchantNamed(form, room);
  const merchant = named ?? room.merchants.find((one) => one.merId === merId);
  const secrets = secretsIn(Object.entries(fields));
  if (merchant === undefined) {
    return tell({ verdict: 'mistaken', found: [certIdFound(certId, room)], secrets });
  }
  if (signMethod === '11' || signMethod === '12') return explainKeyed(form, merchant, options);
  const hash = rsaHashOf(version);
  const holders = [...holdersOf(merchant, room), ...(options.holders ?? [])];
  const unnamed = named === undefined ? [certIdFound(certId, room)] : [];
  const opened = openSignature(signature, holders);
  return diagnose({
    kind: 'request',
    problem: {
      // Both digests are one choice: who signs with SHA-1 is expected to have it inside as well.
      draft: acpDraft(fields, { charset, inner: opened[0]?.digest === 'sha1' ? 'sha1' : hash }),
      causes: acpCauses,
      context: contextless,
      segments: pairSegments,
      prepare,
    },
    signature,
    wanted: hash,
    opened,
    owner: holders[0],
    secrets,
    words,
    ...(options.belief && { belief: options.belief }),
    known: [...unnamed, ...(options.known ?? [])],
  });
}
