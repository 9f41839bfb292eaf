/** Mutants for the laws of conformance/src/cases/seal.ts. */
import { randomUUID } from 'node:crypto';
import type { Channel } from '@polyrail/core';
import type { Mutant } from '../mutant.ts';
import type { Claim, Parts } from '../reference/channel/parts.ts';

/** An adapter that also accepts what `accepts` says of a claim. */
const alsoBelieving =
  (accepts: (claim: Claim, honest: Parts) => boolean) =>
  (honest: Parts): Partial<Parts> => ({
    verifiesReply: (claim) => honest.verifiesReply(claim) || accepts(claim, honest),
    verifiesNotification: (claim) => honest.verifiesNotification(claim) || accepts(claim, honest),
  });

/** Of `{…,…}` with two halves of the same length: the first half as an object. */
function firstHalf(text: string): string {
  const length = (text.length - 3) / 2;
  return `{${text.slice(1, 1 + length)}}`;
}

/** The verb with every doubt about a signature turned into a failure. */
const failingOnDoubt = (channel: Channel): object => ({
  ...channel,
  async pay(...given: [never]) {
    const result = await channel.pay?.(...given);
    if (result?.status !== 'unknown') return result;
    return Object.freeze({ ...result, status: 'failed', reason: 'other', retry: 'new-id' });
  },
});

export const sealMutants: readonly Mutant[] = [
  {
    law: 'SEAL-01',
    what: 'draws its nonces from elsewhere',
    parts: () => ({ nonce: () => randomUUID().replaceAll('-', '') }),
  },
  {
    law: 'SEAL-02',
    what: 'verifies no reply',
    parts: alsoBelieving(() => true),
  },
  {
    law: 'SEAL-02',
    what: 'compares only the first half of a signature',
    parts: () => ({ verifiesReply: ({ signature }) => /^[0-9a-f]{32}/.test(signature) }),
  },
  {
    law: 'SEAL-03',
    what: 'verifies a reply only if it has a signature',
    parts: alsoBelieving(({ signature }) => signature === ''),
  },
  {
    law: 'SEAL-04',
    what: 'verifies the members that stand first and reads those that stand last',
    parts: alsoBelieving((claim, honest) => {
      const [nonce = '', text = ''] = claim.parts;
      return honest.verifiesReply({ ...claim, parts: [nonce, firstHalf(text)] });
    }),
  },
  {
    law: 'SEAL-05',
    what: 'takes the word none for a signature',
    parts: alsoBelieving(({ signature }) => signature === 'none'),
  },
  {
    law: 'SEAL-05',
    what: 'takes a notification without signature for one that needs none',
    parts: (honest) => ({
      verifiesNotification: (claim) => claim.signature === '' || honest.verifiesNotification(claim),
    }),
  },
  {
    law: 'SEAL-06',
    what: 'asks only whether there is a signature',
    parts: alsoBelieving(({ signature }) => signature.length === 64),
  },
  {
    law: 'SEAL-06',
    what: 'takes a reply it cannot verify for a failure',
    channel: failingOnDoubt,
  },
  {
    law: 'SEAL-06',
    what: 'takes a reply it cannot verify for not found',
    channel: (channel) => ({
      ...channel,
      async query(ref: never, options?: never) {
        try {
          return await channel.query?.(ref, options);
        } catch {
          const told = { noun: 'payment', status: 'unknown', doubt: 'not-found' };
          return Object.freeze({ ...told, ref, evidence: 'none' });
        }
      },
    }),
  },
  {
    law: 'SEAL-07',
    what: 'takes any genuine reply for its own',
    parts: () => ({
      verifiesReply: () => true,
      echoOf: () => undefined,
      isAbout: () => true,
    }),
  },
];
