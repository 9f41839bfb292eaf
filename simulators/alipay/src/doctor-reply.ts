/** alipay simulator · doctor-reply: why a client does not believe a reply of Alipay's. */
import { X509Certificate } from 'node:crypto';
import { type Charset, charsetOf, decodeText } from '@polyrail/simulator';
import {
  beliefBytes,
  type Cause,
  type ClientBelief,
  diagnose,
  type Explanation,
  type Found,
  type KeyHolder,
  noSecrets,
  openSignature,
  sameKey,
  shapeFound,
  tell,
} from '@polyrail/simulator/doctor';
import { decryptText } from './cipher.ts';
import { readPastedKey } from './doctor-keys.ts';
import { type Member, membersOf, nodeSegments } from './doctor-node.ts';
import { type NodeContext, type NodeDraft, nodeCauses } from './doctor-node-causes.ts';
import { secretsIn } from './doctor-secrets.ts';
import { explainLines, type LinesContext, type LinesQuestion, lineNames } from './doctor-v3.ts';
import { platformHolders } from './doctor-witness.ts';
import { digestNames, words } from './doctor-words.ts';
import type { Room } from './room.ts';
import { isSignType, type SignType } from './seal.ts';

export interface ReplyMessage {
  readonly body: Uint8Array;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

const found = (cause: string, rule: string, advice: string): Found => ({ cause, rule, advice });
const certificateAdvice =
  'Pick the certificate by alipay_cert_sn; download an unknown one with ' +
  'alipay.open.app.alipaycert.download, and check that it chains to the root.';

/** What is wrong with the key a client verifies with, given who signed. */
export async function keyBelief(
  room: Room,
  pasted: string | undefined,
  signer: KeyHolder | undefined,
): Promise<readonly Found[]> {
  if (pasted === undefined || pasted.trim() === '') return [];
  const { key, sm2, found: format } = readPastedKey(pasted);
  const is = (holder: KeyHolder) =>
    key === undefined ? holder.sm2?.point === sm2?.point : sameKey(holder.key, key);
  if ((key === undefined && sm2 === undefined) || (signer !== undefined && is(signer))) {
    return format;
  }
  const holder = (await platformHolders(room)).find(is);
  if (holder?.role === 'other') {
    const rule = `You verify with the public key of ${holder.whose}, not with Alipay's`;
    const advice = "Configure Alipay's public key: the console shows it where you upload yours.";
    return [...format, found('own-key', rule, advice)];
  }
  if (holder?.role === 'expected') {
    const rule = 'You verify with another key of Alipay than the one that signed';
    return [...format, found('wrong-certificate', rule, certificateAdvice)];
  }
  const root = new X509Certificate(room.platform.rootPem).publicKey;
  if (key !== undefined && sameKey(root, key)) {
    const rule = "You verify with the root's key: it signs certificates, not messages";
    return [...format, found('root-certificate', rule, certificateAdvice)];
  }
  const rule = "You verify with a key that is none of Alipay's here";
  return [
    ...format,
    found('unknown-key', rule, "Configure this Alipay's public key: see discovery."),
  ];
}

/** What a client says it verifies by, if it is not what signed. */
function typeBelief({ signType: believed = '' }: ClientBelief, signed: SignType): readonly Found[] {
  if (!isSignType(believed) || believed === signed) return [];
  const rule = `You verify as ${believed}, but it was signed as ${signed}`;
  return [found('digest', rule, 'Replies are signed as the request was: by its sign_type.')];
}

const typeOf = (digest: string | undefined): SignType =>
  (Object.keys(digestNames) as SignType[]).find((type) => digestNames[type] === digest) ?? 'RSA2';

const stringOf = (members: readonly Member[], name: string): string => {
  const raw = members.findLast((member) => member.name === name)?.raw ?? '';
  return raw.startsWith('"') ? raw.slice(1, -1).replaceAll('\\/', '/') : '';
};

/** Any app's key will do to read what nobody's key signed: texts are only compared. */
const decrypts =
  ({ merchants }: Room, charset: Charset) =>
  (text: string): string | undefined =>
    merchants
      .map(({ encryptKey }) => decryptText(encryptKey, text, charset))
      .find((plain) => plain !== undefined && /^\s*[{[]/.test(plain));

interface Node {
  readonly node: Member;
  readonly members: readonly Member[];
  readonly body: string;
  readonly charset: Charset;
}

function readNode({ body: bytes, headers }: ReplyMessage, belief: ClientBelief): Node | undefined {
  const label = /charset=([\w-]+)/i.exec(headers['content-type'] ?? '')?.[1] ?? belief.charset;
  const charset = charsetOf(label ?? '') ?? 'utf-8';
  const body = decodeText(bytes, charset);
  const members = membersOf(body);
  const node = members.find(({ name }) => name.endsWith('_response'));
  return node && { node, members, body, charset };
}

const duplicated = found(
  'duplicate-node',
  'There are two nodes of the same name: somebody put one in',
  'Do not believe it: a reply has one node, and a parser may pick the wrong one.',
);

interface Options {
  readonly belief?: ClientBelief;
  readonly causes?: readonly Cause<NodeDraft, NodeContext>[];
  readonly lineCauses?: LinesQuestion['causes'];
}

/** Why a raw reply of `/gateway.do` does not verify, or what a client did wrong with it. */
async function explainNode(
  { body: bytes, read: { node, members, body, charset } }: ReplyMessage & { readonly read: Node },
  room: Room,
  { belief = {}, causes = nodeCauses }: Options,
): Promise<Explanation> {
  const signature = stringOf(members, 'sign');
  const holders = await platformHolders(room);
  const [opened] = openSignature(signature, holders);
  const signType = typeOf(opened?.digest);
  const signer = opened?.holder.role === 'expected' ? opened.holder : holders[0];
  const twice = members.filter(({ name }) => name === node.name).length > 1;
  const text = beliefBytes(belief);
  const explanation = diagnose<NodeDraft, NodeContext>({
    kind: 'reply',
    problem: {
      draft: { text: node.raw, charset, before: '', after: '' },
      causes,
      context: { body, bytes, node, decrypt: decrypts(room, charset) },
      segments: (draft) => nodeSegments(draft.text),
    },
    signature,
    wanted: digestNames[signType],
    shape: shapeFound(signature, { wanted: digestNames[signType], words }),
    opened: openSignature(signature, holders),
    owner: holders[0],
    words,
    secrets: secretsIn([['node', node.raw]]),
    belief: text === undefined ? {} : { text },
    known: [
      ...(twice ? [duplicated] : []),
      ...(await keyBelief(room, belief.key, signer)),
      ...typeBelief(belief, signType),
    ],
  });
  return twice ? { ...explanation, verdict: 'forged' } : explanation;
}

/** A V3 answer is sealed by its headers. */
async function explainV3Reply(
  { body, headers }: ReplyMessage,
  room: Room,
  { belief = {}, lineCauses }: Options,
): Promise<Explanation> {
  const signature = headers['alipay-signature'] ?? '';
  const holders = await platformHolders(room);
  const [opened] = openSignature(signature, holders);
  const signer = opened?.holder.role === 'expected' ? opened.holder : holders[0];
  const text = beliefBytes(belief);
  const context: LinesContext = { origins: [], scheme: '', decrypt: decrypts(room, 'utf-8') };
  return explainLines({
    kind: 'reply',
    lines: [
      { parameter: lineNames.timestamp, text: headers['alipay-timestamp'] ?? '' },
      { parameter: lineNames.nonce, text: headers['alipay-nonce'] ?? '' },
      { parameter: lineNames.body, text: Buffer.from(body).toString('utf8') },
    ],
    context,
    signature,
    holders,
    proven: false,
    belief: text === undefined ? {} : { text },
    known: await keyBelief(room, belief.key, signer),
    ...(lineCauses && { causes: lineCauses }),
  });
}

const unreadable = (): Explanation =>
  tell({
    verdict: 'unsigned',
    found: [],
    intro: 'There is no node and no signature in it: it is no reply of the gateway, or was cut.',
    advice: 'Give the raw body, from its first brace to its last; of V3 the headers as well.',
    secrets: noSecrets,
  });

/** Why a client does not believe a raw reply, whichever protocol it is of. */
export async function explainReply(
  message: ReplyMessage,
  room: Room,
  options: Options = {},
): Promise<Explanation> {
  const v3 = Object.keys(message.headers).some((name) => /^alipay-(?:sig|nonce|time)/.test(name));
  if (v3) return explainV3Reply(message, room, options);
  const read = readNode(message, options.belief ?? {});
  return read === undefined ? unreadable() : explainNode({ ...message, read }, room, options);
}
