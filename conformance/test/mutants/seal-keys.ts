/** Mutants for the laws of conformance/src/cases/seal-keys.ts and seal-tls.ts. */
import type { Channel, Incoming } from '@polyrail/core';
import type { Mutant } from '../mutant.ts';
import type { Claim, Parts } from '../reference/channel/parts.ts';

/** Takes every seal for good once another key than the first one was met. */
function trustingSuccessors({ verifiesReply, verifiesNotification }: Parts): Partial<Parts> {
  let first: string | undefined;
  const isLater = ({ secret }: Claim): boolean => {
    first ??= secret;
    return secret !== first;
  };
  return {
    verifiesReply: (claim) => isLater(claim) || verifiesReply(claim),
    verifiesNotification: (claim) => isLater(claim) || verifiesNotification(claim),
  };
}

/** Hears nobody any more after many messages that it could not verify. */
function barringAfterFlood(channel: Channel): object {
  let refused = 0;
  return {
    ...channel,
    async receive(message: Incoming, options?: never) {
      if (refused >= 20) throw new Error('barred');
      try {
        return await channel.receive?.(message, options);
      } catch (error) {
        refused += 1;
        throw error;
      }
    },
  };
}

export const sealKeyMutants: readonly Mutant[] = [
  {
    law: 'SEAL-08',
    what: 'knows one key for ever',
    parts: () => ({ mayAskForKeys: () => false }),
  },
  {
    law: 'SEAL-08',
    what: 'believes everything once the key has changed',
    parts: trustingSuccessors,
  },
  {
    law: 'SEAL-09',
    what: 'takes a key from whoever hands it out',
    parts: ({ openKey }) => ({
      chainsTo: () => true,
      openKey: (hidden, secret) =>
        openKey(hidden, secret) ?? Buffer.from(hidden, 'base64').toString('utf8'),
    }),
  },
  {
    law: 'SEAL-09',
    what: 'lets pass what it has no key for',
    parts: ({ verifiesNotification }) => ({
      verifiesNotification: (claim) => claim.secret === undefined || verifiesNotification(claim),
    }),
  },
  {
    law: 'SEAL-09',
    what: 'lets a reply pass that it has no key for',
    parts: ({ verifiesReply }) => ({
      verifiesReply: (claim) => claim.secret === undefined || verifiesReply(claim),
    }),
  },
  {
    law: 'SEAL-10',
    what: 'asks for every key that anybody names',
    parts: () => ({ mayAskForKeys: () => true }),
  },
  {
    law: 'SEAL-10',
    what: 'bars everybody after a flood of forgeries',
    channel: barringAfterFlood,
  },
  {
    law: 'SEAL-11',
    what: 'does not ask who vouched for a key',
    parts: () => ({ chainsTo: () => true }),
  },
  {
    law: 'SEAL-11',
    what: 'takes a certificate that has expired',
    parts: () => ({ isInForce: () => true }),
  },
  {
    law: 'SEAL-11',
    what: 'does not read the name on a certificate',
    parts: () => ({ isPlatform: () => true }),
  },
  {
    law: 'SEAL-12',
    what: 'has a client certificate and does not show it',
    parts: () => ({ certificateToShow: () => undefined }),
  },
  {
    law: 'SEAL-12',
    what: 'goes without a client certificate where it has none',
    parts: () => ({ needsCertificate: () => false }),
  },
];
