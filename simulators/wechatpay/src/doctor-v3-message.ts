/** wechatpay simulator · doctor-v3-message: why a client does not believe an answer or a notification. */
import {
  beliefBytes,
  type ClientBelief,
  diagnose,
  type Explanation,
  type Found,
  type LinesDraft,
  lineSegments,
  linesDraft,
  openSignature,
  shapeFound,
  tell,
} from '@polyrail/simulator/doctor';
import { apartMs, windowMs } from './doctor-authorization.ts';
import { keyBelief, pastedKey } from './doctor-keys.ts';
import { type V3Context, v3Causes, v3Lines } from './doctor-v3-causes.ts';
import { earlierOf, messageHolders, platformHolders, platformMemory } from './doctor-witness.ts';
import { digestOfSuite, secretsIn, v3Words } from './doctor-words.ts';
import type { Room } from './room.ts';
import { readContent } from './v3-request.ts';

export interface V3Message {
  readonly kind: 'reply' | 'notification';
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Of a notification: where it was sent. */
  readonly url?: string;
}

interface Options {
  readonly belief?: ClientBelief;
  readonly causes?: typeof v3Causes;
  /** Default: the engine's. */
  readonly variantsInPairs?: number;
}

type Told = V3Context['instead'][number];

/** What of a notification may have been taken for the whole of it. */
function insides(body: Uint8Array, { merchants, platform }: Room): readonly Told[] {
  const resource: unknown = readContent(body)?.['resource'];
  if (typeof resource !== 'object' || resource === null) return [];
  const member = (name: string) => String(Reflect.get(resource, name) ?? '');
  const sealed = {
    nonce: member('nonce'),
    associatedData: member('associated_data'),
    ciphertext: member('ciphertext'),
  };
  const opened = merchants.flatMap(({ signer }): readonly Told[] => {
    const plain = platform.suite.openResource({ ...sealed, key: signer.apiV3Key });
    return plain === undefined ? [] : [['the decrypted resource', plain]];
  });
  return [
    ...opened,
    ['the resource', JSON.stringify(resource)],
    ['the ciphertext', sealed.ciphertext],
  ];
}

/** The probes WeChat Pay sends to see whether anybody verifies. */
const probed: Found = {
  cause: 'sign-probe',
  rule: 'The signature begins with WECHATPAY/SIGNTEST/: a probe of whether you verify',
  advice:
    'Refuse it like any other wrong signature: repeat the request, or answer the notification with ' +
    '4xx or 5xx. What comes then is signed well.',
};

/** What headers say that does not fit the key that signed. */
function serialFound(serial: string, signerId: string | undefined): readonly Found[] {
  if (signerId === undefined || serial === signerId) return [];
  const rule = `Wechatpay-Serial names ${serial || 'nothing'}, but ${signerId} signed`;
  const advice = 'Do not verify with any key but the named one; refuse what names another.';
  return [{ cause: 'wrong-serial', rule, advice }];
}

function staleFound(timestamp: string, room: Room): readonly Found[] {
  const apart = apartMs(timestamp, room);
  if (apart <= windowMs) return [];
  const rule = `The message is ${Math.round(apart / 1_000)} s old, more than five minutes`;
  const advice =
    'Nothing is wrong if it was fresh when it came; else set your clock, and refuse what is stale.';
  return [{ cause: 'stale-time', rule, advice }];
}

const unsigned = (kind: V3Message['kind']): Explanation =>
  tell({
    verdict: 'unsigned',
    found: [],
    intro: 'There is no Wechatpay-Signature among the headers.',
    advice:
      kind === 'reply'
        ? 'Errors (4xx, 5xx) and downloaded bills carry none: give the headers of a 2xx as they came.'
        : 'Do not believe it. If a proxy or a framework drops headers, let Wechatpay-* through.',
    secrets: secretsIn([]),
  });

/** Why an answer or a notification of API v3 does not verify, or what a client did wrong with it. */
export function explainV3Message(
  message: V3Message,
  room: Room,
  { belief = {}, causes = v3Causes, variantsInPairs }: Options = {},
): Explanation {
  const { kind, headers, body, url } = message;
  const header = (name: string) => headers[`wechatpay-${name}`] ?? '';
  const [signature, timestamp] = [header('signature'), header('timestamp')];
  if (signature === '') return unsigned(kind);
  const text = Buffer.from(body).toString('utf8');
  const opened = openSignature(signature, messageHolders(room));
  const whose = platformHolders(room).filter((one) => one.whose === opened[0]?.holder.whose)[0];
  const named = platformHolders(room).find(({ id }) => id === header('serial'));
  const shown = beliefBytes(belief);
  const pasted = pastedKey(belief.key, room);
  const path = url?.replace(/^[a-z]+:\/\/[^/?#]*/i, '').replace(/#.*$/s, '');
  const isProbe = signature.startsWith('WECHATPAY/SIGNTEST/');
  const wanted = digestOfSuite[room.platform.suite.algorithm];
  const ask = (more: readonly Found[]) =>
    diagnose<LinesDraft, V3Context>({
      kind,
      problem: {
        draft: linesDraft([
          { parameter: v3Lines.timestamp, text: timestamp },
          { parameter: v3Lines.nonce, text: header('nonce') },
          { parameter: v3Lines.body, text },
        ]),
        causes,
        context: {
          origins: [],
          earlier: earlierOf(room, platformMemory),
          instead: insides(body, room),
          bytes: body,
          ...(path === undefined ? {} : { address: path }),
          ...(shown === undefined ? {} : { shown: Buffer.from(shown).toString('utf8') }),
        },
        segments: lineSegments,
        ...(variantsInPairs === undefined ? {} : { variantsInPairs }),
      },
      signature,
      wanted,
      opened,
      shape: isProbe ? probed : shapeFound(signature, { wanted, words: v3Words }),
      words: v3Words,
      secrets: secretsIn([['body', text]]),
      known: [
        ...serialFound(header('serial'), whose?.id),
        ...keyBelief(pasted, whose ?? named, room),
        ...more,
      ],
      ...(shown === undefined ? {} : { belief: { text: shown } }),
    });
  const told = ask([]);
  const nothing = told.verdict === 'genuine' && told.causes.length === 0 && shown === undefined;
  const stale = nothing ? staleFound(timestamp, room) : [];
  return stale.length === 0 ? told : ask(stale);
}
