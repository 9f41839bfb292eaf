/**
 * gateway · vault: seals what the store keeps about people and money with a key of the merchant, by
 * AES-256-GCM. Keys are rotated by putting another first, once every process has it; the former ones still open.
 */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { isSecret, PolyrailError, type Random, revealBytes, type Secret } from '@polyrail/core';

export interface VaultKey {
  /** A name for the key, stored beside what it sealed: letters, digits, `-` and `_`. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Secret;
}

export interface Vault {
  /** `place` is bound to the text: what was sealed for one row opens for no other. */
  seal(text: string, place: string): string;
  open(sealed: string, place: string): string;
}

const nonceBytes = 12;
const tagBytes = 16;
const prefix = 'v1:';

const plainVault: Vault = { seal: (text) => text, open: (text) => text };

function keyObjectOf({ id, key }: VaultKey, index: number): KeyObject {
  const field = `encryption[${index}]`;
  if (!/^[\w-]{1,64}$/.test(id)) {
    const message = `${field}.id must be 1 to 64 letters, digits, - or _`;
    throw new PolyrailError('CONFIG_INVALID', message, { field: `${field}.id` });
  }
  const bytes = isSecret(key) ? revealBytes(key) : undefined;
  if (bytes?.byteLength !== 32) {
    const message = `${field}.key must be a secret of 32 bytes, such as secret(randomBytes(32))`;
    throw new PolyrailError('CONFIG_INVALID', message, { field: `${field}.key` });
  }
  return createSecretKey(bytes);
}

/** Without keys the store keeps plain JSON. */
export function createVault(keys: readonly VaultKey[], random: Random): Vault {
  const byId = new Map(keys.map((key, index) => [key.id, keyObjectOf(key, index)]));
  const first = keys[0];
  const sealing = first === undefined ? undefined : byId.get(first.id);
  if (first === undefined || sealing === undefined) return plainVault;
  return {
    seal(text, place) {
      const nonce = random.bytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce);
      cipher.setAAD(Buffer.from(place));
      const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final()]);
      const whole = Buffer.concat([sealed, cipher.getAuthTag()]);
      return `${prefix}${first.id}:${whole.toString('base64')}`;
    },
    open(sealed, place) {
      // Kept before the first key was given: it stays readable.
      if (!sealed.startsWith(prefix)) return sealed;
      const [, id = '', content = ''] = sealed.split(':');
      const key = byId.get(id);
      if (key === undefined) {
        const message = `The store holds what was sealed with key ${id}, which encryption lacks`;
        throw new PolyrailError('CONFIG_INVALID', message, { field: 'encryption' });
      }
      const whole = Buffer.from(content, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', key, whole.subarray(0, nonceBytes));
      decipher.setAAD(Buffer.from(place));
      decipher.setAuthTag(whole.subarray(-tagBytes));
      const text = decipher.update(whole.subarray(nonceBytes, -tagBytes));
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    },
  };
}
