/** alipay simulator · v3 request: what a REST request says, and the very bytes it signed. */
import type { SimulatedRequest } from '@polyrail/simulator';
import { decodeText } from '@polyrail/simulator';
import { type Content, type Envelope, formPairs, multipartPairs, readContent } from './envelope.ts';
import { v3OperationOf } from './v3-paths.ts';

/** The `Authorization` header: scheme, one blank, pairs, and the signature at the end. */
export interface Authorization {
  readonly scheme: string;
  /** Everything before `,sign=`: signed as it stands, in whatever order its pairs are. */
  readonly text: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly sign: string;
  /** False when it cannot mean one thing only: too long, or a name given twice. */
  readonly sound: boolean;
}

/** What a V3 signature is about. */
export interface V3Signed {
  readonly authorization: Authorization;
  readonly verb: string;
  /** Path and query as on the wire. */
  readonly target: string;
  /** The whole body, or the part `data` of a multipart one. */
  readonly body: Uint8Array;
  readonly appAuthToken?: string;
}

export interface V3Request {
  readonly signed: V3Signed;
  /** The same in the names of the other protocol, so that handlers need not know which it was. */
  readonly envelope: Envelope;
  /** `AES` asks for an encrypted answer, also where there is no body to encrypt. */
  readonly encryption: string;
  readonly contentType: string;
}

const maximumHeader = 8_192;
const signMark = ',sign=';

/** Fail-closed: garbage gives no signature and no app, never an exception. */
export function parseAuthorization(header: string): Authorization {
  const blank = header.indexOf(' ');
  const scheme = blank < 0 ? header : header.slice(0, blank);
  const rest = blank < 0 ? '' : header.slice(blank + 1);
  // The Base64 behind it may hold anything but a comma: the first mark is the mark.
  const mark = rest.indexOf(signMark);
  const text = mark < 0 ? rest : rest.slice(0, mark);
  const sign = mark < 0 ? '' : rest.slice(mark + signMark.length);
  if (header.length > maximumHeader) {
    return { scheme: scheme.slice(0, 64), text: '', fields: {}, sign: '', sound: false };
  }
  const fields: Record<string, string> = Object.create(null);
  let sound = true;
  for (const pair of text.split(',')) {
    const equals = pair.indexOf('=');
    if (equals < 1) continue;
    const name = pair.slice(0, equals).trim();
    if (name in fields) sound = false;
    else fields[name] = pair.slice(equals + 1).trim();
  }
  return { scheme, text, fields, sign, sound };
}

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Five lines, each with its line end; the last one only where a token was sent. */
export function v3SignedBytes({ authorization, verb, target, ...rest }: V3Signed): Uint8Array {
  const { body, appAuthToken } = rest;
  const head = latin(`${authorization.text}\n${verb}\n${target}\n`);
  const token = appAuthToken === undefined ? '' : `${appAuthToken}\n`;
  return Buffer.concat([head, body, latin(`\n${token}`)]);
}

/** The part that is signed and read: files beside it are neither. */
function signedBody({ headers, body }: SimulatedRequest): Uint8Array {
  const contentType = headers['content-type'] ?? '';
  if (!/^multipart\//i.test(contentType)) return body;
  const raw = Buffer.from(body).toString('latin1');
  const data = multipartPairs(raw, contentType).find(([name]) => name === 'data');
  return data?.[1] ?? new Uint8Array();
}

function queryContent(query: string): Content {
  const content: Record<string, string> = Object.create(null);
  for (const [name, value] of formPairs(query)) {
    if (content[name] === undefined || content[name] === '') {
      content[name] = decodeText(value, 'utf-8');
    }
  }
  return content;
}

function contentOf(request: SimulatedRequest, text: string): Content | undefined {
  if (request.method === 'GET') return queryContent(request.query);
  return text === '' ? {} : readContent(text);
}

const opened = new WeakMap<SimulatedRequest, V3Request>();

function open(request: SimulatedRequest): V3Request {
  const { headers, path, method: verb, target } = request;
  const authorization = parseAuthorization(headers['authorization'] ?? '');
  const { app_id: appId = '', app_cert_sn: certificate = '' } = authorization.fields;
  const body = signedBody(request);
  const text = decodeText(body, 'utf-8');
  const { 'alipay-app-auth-token': token = '' } = headers;
  const { 'alipay-encrypt-type': encryption = '' } = headers;
  const parameters = {
    app_id: appId,
    method: v3OperationOf(path)?.method ?? '',
    app_cert_sn: certificate,
    alipay_root_cert_sn: headers['alipay-root-cert-sn'] ?? '',
    app_auth_token: token,
    sign_type: 'RSA2',
    charset: 'utf-8',
    ...(encryption === '' || body.length === 0
      ? {}
      : { encrypt_type: encryption, biz_content: text }),
  };
  return {
    signed: {
      authorization,
      verb,
      target,
      body,
      ...(token === '' ? {} : { appAuthToken: token }),
    },
    envelope: { parameters, charset: 'utf-8', content: contentOf(request, text) },
    encryption,
    contentType: headers['content-type'] ?? '',
  };
}

/** Opened once per request; never throws, whatever arrived. */
export function openV3(request: SimulatedRequest): V3Request {
  const known = opened.get(request);
  if (known !== undefined) return known;
  const made = open(request);
  opened.set(request, made);
  return made;
}
