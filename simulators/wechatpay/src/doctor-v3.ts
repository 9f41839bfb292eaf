/** wechatpay simulator · doctor-v3: why a request of API v3 does not verify, or that it does. */
import type { SimulatedRequest } from '@polyrail/simulator';
import {
  type Belief,
  diagnose,
  type Explanation,
  type Found,
  type KeyHolder,
  type LinesDraft,
  lineSegments,
  linesDraft,
  noSecrets,
  openSignature,
  shapeFound,
  tell,
} from '@polyrail/simulator/doctor';
import { headerFound, malformedFound } from './doctor-authorization.ts';
import { type V3Context, v3Causes, v3Lines } from './doctor-v3-causes.ts';
import { earlierOf, requestHolders } from './doctor-witness.ts';
import { digestOfSuite, secretsIn, v3Words } from './doctor-words.ts';
import type { Room } from './room.ts';
import { parseAuthorization, signedBody, v3SignedBytes } from './v3-request.ts';

/** Real hosts: some clients sign the address they know. */
const origins = ['https://api.mch.weixin.qq.com', 'https://api2.mch.weixin.qq.com'] as const;

const utf8 = (latin: string): string => Buffer.from(latin, 'latin1').toString('utf8');
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

export interface RequestOptions {
  readonly belief?: Belief;
  readonly known?: readonly Found[];
  /** Keys a client believes to sign with. */
  readonly holders?: readonly KeyHolder[];
  readonly causes?: typeof v3Causes;
  /** Default: the engine's. */
  readonly variantsInPairs?: number;
}

const unknownMerchant = (mchid: string): Found => ({
  cause: 'unknown-merchant',
  rule: `No merchant here is called ${mchid}`,
  advice:
    'Send the mchid that /_sim/discovery hands out, the same in Authorization and in the body.',
});

const mistaken = (one: Found): Explanation =>
  tell({ verdict: 'mistaken', found: [one], secrets: noSecrets });

function contextOf(request: SimulatedRequest, room: Room, mchid: string): V3Context {
  const { body, query, headers } = request;
  const signed = signedBody(request);
  const host = headers['host'] ?? '';
  const own = [room.world.baseUrl(), ...(host === '' ? [] : [`http://${host}`, `https://${host}`])];
  return {
    origins: [...own, ...origins],
    earlier: earlierOf(room, mchid),
    instead: [
      ...(query === '' ? [] : ([['the query', query]] as const)),
      ...(signed === body ? [] : ([['the whole upload', textOf(body)]] as const)),
    ],
    bytes: signed,
  };
}

/** Why the signature of a request does not verify, or what else its header has wrong. */
export function explainV3Request(
  request: SimulatedRequest,
  room: Room,
  options: RequestOptions = {},
): Explanation {
  const { authorization: header = '' } = request.headers;
  const authorization = parseAuthorization(header);
  if (authorization === undefined) return mistaken(malformedFound(header));
  const { timestamp, nonce, signature, mchid } = authorization;
  const merchant = room.merchants.find((one) => one.mchid === mchid);
  if (merchant === undefined) return mistaken(unknownMerchant(mchid));
  const { method, target } = request;
  const body = signedBody(request);
  const holders = [...requestHolders(room, merchant), ...(options.holders ?? [])];
  const { belief, known = [], variantsInPairs } = options;
  const shown = belief?.text === undefined ? {} : { shown: textOf(belief.text) };
  const { scheme, algorithm } = room.platform.suite;
  const wanted = digestOfSuite[algorithm];
  return diagnose<LinesDraft, V3Context>({
    kind: 'request',
    problem: {
      draft: linesDraft([
        { parameter: v3Lines.method, text: method },
        { parameter: v3Lines.target, text: utf8(target) },
        { parameter: v3Lines.timestamp, text: timestamp },
        { parameter: v3Lines.nonce, text: nonce },
        { parameter: v3Lines.body, text: textOf(body) },
      ]),
      causes: options.causes ?? v3Causes,
      context: { ...contextOf(request, room, mchid), ...shown },
      segments: lineSegments,
      ...(variantsInPairs === undefined ? {} : { variantsInPairs }),
    },
    signature,
    wanted,
    opened: openSignature(signature, holders),
    shape: shapeFound(signature, { wanted, words: v3Words }),
    owner: holders[0],
    words: v3Words,
    secrets: secretsIn([...new URLSearchParams(request.query), ['body', textOf(body)]]),
    proven: merchant.signer.publicHalf.verifies(
      v3SignedBytes({ method, target, timestamp, nonce, body }),
      signature,
    ),
    known: [...headerFound(authorization, { merchant, room, scheme }), ...known],
    ...(belief === undefined ? {} : { belief }),
  });
}
