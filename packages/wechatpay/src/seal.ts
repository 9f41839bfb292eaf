/** wechatpay · seal: trust on messages - requests signed, replies and notifications verified. */
import type { Clock, Random } from '@polyrail/core';
import { badConfig } from '@polyrail/kit/config';
import { nonce } from '@polyrail/kit/random';
import { certificateRoad } from './certificates.ts';
import type { Settings } from './config.ts';
import { createPlatformKeys, type PlatformKeys } from './platform-keys.ts';
import type { Road, Sealed, Target } from './road.ts';
import {
  type Envelope,
  isFresh,
  type Probes,
  requireSigned,
  signatureOf,
  signedRequest,
} from './signature.ts';
import { seconds } from './time.ts';
import { type Trust, trustOf } from './trust.ts';

export interface Seal {
  readonly trust: () => Promise<Trust>;
  readonly keys: PlatformKeys;
  readonly probes: Probes;
  /** A request with its signature. `serial` names the key that fields were encrypted with. */
  seal(target: Target, serial?: string): Promise<Sealed>;
  /**
   * Whether a message is of the time it came in at. Throws unless WeChat Pay signed its bytes.
   *
   * @throws PolyrailError `REPLY_UNVERIFIED`
   */
  verify(
    envelope: Envelope,
    at: { readonly atMs: number; readonly signal: AbortSignal },
  ): Promise<boolean>;
  /** What a wallet on the payer's device wants to see signed; each line ends with a line feed. */
  signLines(lines: readonly string[]): Promise<string>;
  /** Signs a sample: everything that can be checked without sending anything. */
  proveSigner(): Promise<void>;
}

export interface SealParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly road: Road;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

async function sealed(
  target: Target,
  trust: Trust,
  { settings, clock, random, serial }: SealParts & { readonly serial: string | undefined },
): Promise<Sealed> {
  const { mchId, merchantSerial, publicKey } = settings;
  const stamp = { timestamp: seconds(clock.now()), nonce: nonce(random, 32) };
  const signature = base64(await trust.sign(Buffer.from(signedRequest(target, stamp), 'utf8')));
  const named = serial ?? publicKey?.id;
  return {
    ...target,
    headers: {
      accept: 'application/json',
      // Quirk: most endpoints refuse a request without one before they look at anything else.
      'user-agent': 'polyrail-wechatpay',
      authorization:
        `${trust.algorithm.scheme} mchid="${mchId}",nonce_str="${stamp.nonce}",` +
        `signature="${signature}",timestamp="${stamp.timestamp}",serial_no="${merchantSerial}"`,
      ...(target.body === '' ? {} : { 'content-type': 'application/json' }),
      // Quirk: it also chooses the key that the reply is signed with (A4.2).
      ...(named === undefined ? {} : { 'wechatpay-serial': named }),
    },
  };
}

/** The seal of one merchant. Makes nothing and parses nothing before its first use. */
export function createSeal(parts: SealParts): Seal {
  const { settings, clock, road } = parts;
  const trust = trustOf(settings);
  const probes: Probes = { count: 0 };
  const seal = async (target: Target, serial?: string) =>
    sealed(target, await trust(), { ...parts, serial });
  const download = certificateRoad({ road, probes, trust, seal, now: () => clock.now() });
  const keys = createPlatformKeys({ settings, clock, trust, download });
  return {
    trust,
    keys,
    probes,
    seal,
    async verify(envelope, { atMs, signal }) {
      const { algorithm } = await trust();
      const signature = signatureOf(envelope, algorithm.scheme, probes);
      requireSigned(signature, envelope.body, await keys.of(signature.serial, signal));
      return isFresh(signature, atMs);
    },
    async signLines(lines) {
      const { sign } = await trust();
      return base64(await sign(Buffer.from(lines.map((line) => `${line}\n`).join(''), 'utf8')));
    },
    async proveSigner() {
      const { sign, merchantKey } = await trust();
      const sample = new TextEncoder().encode('polyrail');
      const signature = await sign(sample);
      if (merchantKey === undefined || merchantKey.verifies(sample, signature)) return;
      throw badConfig('merchantKey', 'does not sign what its public half verifies');
    },
  };
}
