/**
 * reference channel · keys: the secrets acme seals with - the configured one, and those that took
 * over while we were running, believed by the vouchers of acme's own chain.
 */
import { createHash } from 'node:crypto';
import { type Clock, revealText, type Transport } from '@polyrail/core';
import type { Settings } from './config.ts';
import { collect, isMessage, parseMessage, requiredText } from './messages.ts';
import type { Message, Parts } from './parts.ts';
import type { Claims, Voucher } from './vouchers.ts';

export interface Keyring {
  /**
   * The secret that a message names, asked for when it is not known yet; `undefined` when it is
   * none of acme's.
   */
  named(id: string, signal: AbortSignal): Promise<string | undefined>;
}

interface Known {
  readonly secret: string;
  readonly claims: Claims;
}

const maxBytes = 64 * 1024;
const minuteMs = 60_000;
const keyIdOf = (secret: string): string =>
  createHash('sha256').update(`key id ${secret}`).digest('hex').slice(0, 16);

function readVoucher(text: unknown): Voucher {
  const [signed = '', signature = ''] = String(text).split('.');
  const told = parseMessage(Buffer.from(signed, 'base64url').toString('utf8'));
  const { from, until } = told;
  const claims = { name: requiredText(told, 'name'), key: requiredText(told, 'key') };
  return { claims: { ...claims, from: Number(from), until: Number(until) }, signed, signature };
}

/** A key as it was handed out; `undefined` for one that nobody we trust has vouched for. */
function learned(entry: Message, settings: Settings, at: { nowMs: number; parts: Parts }) {
  const { nowMs, parts } = at;
  const vouchers = [entry['vouchers']].flat().slice(0, 3).map(readVoucher);
  const [leaf] = vouchers;
  if (leaf === undefined || !parts.chainsTo(settings.rootKey, vouchers)) return undefined;
  if (!vouchers.every(({ claims }) => parts.isInForce(claims, nowMs))) return undefined;
  if (!parts.isPlatform(leaf.claims)) return undefined;
  const hidden = requiredText(entry, 'hidden');
  const secret = parts.openKey(hidden, revealText(settings.merchantSecret));
  const { claims } = leaf;
  return secret === undefined || keyIdOf(secret) !== claims.key ? undefined : { secret, claims };
}

export interface KeyringParts {
  readonly settings: Settings;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly parts: Parts;
}

export function createKeyring({ settings, transport, clock, parts }: KeyringParts): Keyring {
  const { baseUrl, merchantId, platformSecret } = settings;
  const own = revealText(platformSecret);
  const ever = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };
  const configured = { name: 'acme', key: keyIdOf(own), ...ever };
  const known = new Map<string, Known>([[configured.key, { secret: own, claims: configured }]]);
  let askedAtMs: readonly number[] = [];
  let underWay: Promise<void> | undefined;

  const ask = async (signal: AbortSignal): Promise<void> => {
    const url = `${baseUrl}/v1/keys?merchant=${merchantId}`;
    const reply = await transport.exchange(
      { method: 'GET', url, headers: {} },
      { signal, maxBodyBytes: maxBytes },
    );
    const { keys } = parseMessage(await collect(reply.body, maxBytes));
    const at = { nowMs: clock.now(), parts };
    for (const entry of Array.isArray(keys) ? keys.filter(isMessage) : []) {
      const found = learned(entry, settings, at);
      if (found !== undefined) known.set(found.claims.key, found);
    }
  };
  /** Calls at the same time wait for the same answer; what a forger makes us ask has a bound. */
  const refresh = async (signal: AbortSignal): Promise<void> => {
    if (underWay !== undefined) return underWay;
    const nowMs = clock.now();
    const recent = askedAtMs.filter((atMs) => Math.abs(nowMs - atMs) < minuteMs);
    if (!parts.mayAskForKeys(recent.length)) return;
    askedAtMs = [...recent, nowMs];
    underWay = ask(signal).finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
  const find = (id: string): string | undefined => {
    const found = known.get(id);
    return found && parts.isInForce(found.claims, clock.now()) ? found.secret : undefined;
  };
  return {
    async named(id, signal) {
      const secret = find(id);
      if (secret !== undefined || !/^[0-9a-f]{16}$/.test(id)) return secret;
      // Whatever goes wrong there: then it is a key that nobody knows.
      await refresh(signal).catch(() => undefined);
      return find(id);
    },
  };
}
