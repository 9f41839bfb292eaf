/** reference channel · config: one merchant's account at acme, checked to the letter. */
import { createSecureContext } from 'node:tls';
import { isSecret, PolyrailError, revealText, type Secret } from '@polyrail/core';

export interface ClientCertificate {
  readonly cert: string;
  readonly key: Secret;
}

export interface ReferenceConfig {
  readonly merchantId: string;
  /** Signs requests. */
  readonly merchantSecret: Secret;
  /** Checks replies and notifications. */
  readonly platformSecret: Secret;
  /** Of acme's root, as its console shows it: it vouches for the keys that take over. */
  readonly rootKey: string;
  /** What payouts are taken with where acme is reached by TLS; PEM. */
  readonly clientCertificate?: ClientCertificate;
  /** PEM of an authority to trust instead of the machine's. */
  readonly authority?: string;
  /** `https://gateway.acme.example`, without a final slash. */
  readonly baseUrl: string;
  /** Default 24 hours: room for a slow inbox. */
  readonly notificationMaxAgeMs?: number;
}

export interface Settings extends ReferenceConfig {
  readonly notificationMaxAgeMs: number;
}

type Rule = readonly [holds: (value: unknown) => boolean, words: string];

const isBaseUrl = (value: unknown): boolean => {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.origin === value;
};
const isPublicKey = (value: unknown): boolean =>
  typeof value === 'string' && /^[A-Za-z0-9_-]{59}$/.test(value);
const secretRule: Rule = [
  (value) => isSecret(value) && revealText(value).length >= 16,
  'must be wrapped, secret(text), and have at least 16 characters',
];

/** Whether certificate and key can be read, and belong together. */
function isIdentity(value: unknown): boolean {
  const { cert, key } = Object(value) as Partial<ClientCertificate>;
  if (typeof cert !== 'string' || !isSecret(key)) return false;
  try {
    return createSecureContext({ cert, key: revealText(key) }) !== undefined;
  } catch {
    return false;
  }
}

const rules: Readonly<Record<keyof ReferenceConfig, Rule>> = {
  merchantId: [(value) => /^M\d{8}$/.test(String(value)), 'must be M and 8 digits'],
  merchantSecret: secretRule,
  platformSecret: secretRule,
  rootKey: [isPublicKey, 'must be the text that acme shows of its root key'],
  clientCertificate: [
    (value) => value === undefined || isIdentity(value),
    'must be { cert, key } that belong together, the key wrapped',
  ],
  authority: [(value) => value === undefined || typeof value === 'string', 'must be PEM'],
  baseUrl: [isBaseUrl, 'must be an http or https origin'],
  notificationMaxAgeMs: [
    (value) => Number.isSafeInteger(value) && Number(value) >= 60_000,
    'must be a whole number of milliseconds, at least 60000',
  ],
};

/** Never quotes a value: it may be a secret in the wrong place. */
const refuse = (member: string, words: string): never => {
  const field = `config.${member}`;
  throw new PolyrailError('CONFIG_INVALID', `${field} ${words}`, { field });
};

/** @throws PolyrailError `CONFIG_INVALID`, naming the member */
export function settingsOf(config: ReferenceConfig): Settings {
  const given = { notificationMaxAgeMs: 24 * 3_600_000, ...config };
  for (const [member, [holds, words]] of Object.entries(rules)) {
    if (!holds(given[member as keyof ReferenceConfig])) refuse(member, words);
  }
  for (const member of Object.keys(given)) {
    if (!Object.hasOwn(rules, member)) refuse(member, 'is not known here: mind the spelling');
  }
  return Object.freeze(given);
}
