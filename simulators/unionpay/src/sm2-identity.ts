/** unionpay simulator · sm2 identity: UnionPay's name under an SM2 key, with a chain of its own. */
import { generateSm2KeyPair, type Sm2PrivateKey, type Sm2PublicKey } from '@polyrail/kit/sm2';
import type { World } from '@polyrail/simulator';
import { encryptionName, unionPayName } from './names.ts';
import { issueSm2Certificate } from './sm2-certificate.ts';
import { dayMs } from './time.ts';

export interface Sm2Identity {
  readonly key: Sm2PrivateKey;
  readonly certificatePem: string;
  /** The certificate's number in decimal. */
  readonly certId: string;
  readonly rootPem: string;
  readonly middlePem: string;
  /** Sensitive fields of messages signed by SM2 are encrypted for it. */
  readonly encryption: {
    readonly key: Sm2PrivateKey;
    readonly certificatePem: string;
    readonly certId: string;
  };
  /** PEM of a certificate for somebody's key, by its number in decimal. */
  issue(holder: Sm2Holder): string;
}

export interface Sm2Holder {
  readonly commonName: string;
  readonly certId: string;
  readonly key: Sm2PublicKey;
}

/** Mints root, middle and leaf; what they are called decides their keys. */
export function mintSm2Identity(world: World, label: string): Sm2Identity {
  const numbers = world.random.fork(label);
  const [root, middle, leaf, hidden] = [1, 2, 3, 4].map(() =>
    generateSm2KeyPair(numbers.bytes(32)),
  );
  const now = Math.floor(Math.min(world.clock.now(), world.wallNow()) / dayMs) * dayMs;
  const gap = Math.abs(world.clock.now() - world.wallNow());
  const dates = {
    notBefore: new Date(now - dayMs),
    notAfter: new Date(now + gap + 1_825 * dayMs),
  };
  const serial = () => `10${Buffer.from(numbers.bytes(4)).toString('hex')}`;
  const [rootName, middleName] = ['Polyrail Simulator SM2 CA', 'Polyrail Simulator SM2 OCA1'];
  const issue = (
    names: readonly [issuer: string, commonName: string],
    keys: readonly [Sm2PrivateKey, { readonly publicKey: Sm2PublicKey }],
    more: { readonly serialHex: string; readonly authority: boolean },
  ) => {
    const [issuerName, commonName] = names;
    const [issuer, { publicKey: key }] = keys;
    return issueSm2Certificate({ issuerName, commonName, issuer, key, ...dates, ...more });
  };
  if (!root || !middle || !leaf || !hidden) {
    throw new RangeError('Four keys are needed.');
  }
  const [serialHex, hiddenHex] = [serial(), serial()];
  const decimal = (hex: string) => BigInt(`0x${hex}`).toString();
  const authority = () => ({ serialHex: serial(), authority: true });
  return {
    key: leaf,
    certId: decimal(serialHex),
    rootPem: issue([rootName, rootName], [root, root], authority()),
    middlePem: issue([rootName, middleName], [root, middle], authority()),
    certificatePem: issue([middleName, unionPayName], [middle, leaf], {
      serialHex,
      authority: false,
    }),
    encryption: {
      key: hidden,
      certId: decimal(hiddenHex),
      certificatePem: issue([middleName, encryptionName], [middle, hidden], {
        serialHex: hiddenHex,
        authority: false,
      }),
    },
    issue: ({ commonName, certId, key }) => {
      const digits = BigInt(certId).toString(16);
      const serialHex = digits.padStart(digits.length + (digits.length % 2), '0');
      const keys = [middle, { publicKey: key }] as const;
      return issue([middleName, commonName], keys, { serialHex, authority: false });
    },
  };
}
