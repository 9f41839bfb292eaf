/** wechatpay simulator · v3 gateway: what a request must pass before its business is looked at. */
import type { SimulatedRequest } from '@polyrail/simulator';
import { noteOf } from '@polyrail/simulator/doctor';
import { windowMs } from './doctor-authorization.ts';
import { explainV3Request } from './doctor-v3.ts';
import { remember } from './doctor-witness.ts';
import type { Merchant } from './merchants.ts';
import { type Refusal, refusalOf, refuseV3 } from './refusals.ts';
import type { Room } from './room.ts';
import { type Authorization, parseAuthorization, signedBody, v3SignedBytes } from './v3-request.ts';
import type { V3Route } from './v3-routes.ts';
import type { Suite } from './v3-suite.ts';

const signInternal = 268443699;

const signError = (message: string, more: Partial<Refusal> = {}): Error =>
  refuseV3(401, 'SIGN_ERROR', { message, internal: signInternal, ...more });

const malformed = 'Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》';

/** Quirk: orders word it otherwise, and such an answer has no `Request-ID`. */
function requireAuthorization(
  { headers }: SimulatedRequest,
  route: V3Route,
  { scheme }: Suite,
): Authorization {
  const { authorization: header = '' } = headers;
  const parsed = parseAuthorization(header);
  if (parsed === undefined) {
    if (route.gateway === 'pay') throw signError('签名信息错误，验签失败', { anonymous: true });
    throw signError(malformed);
  }
  if (parsed.scheme !== scheme) throw signError('HTTP头Authorization认证类型不正确');
  return parsed;
}

/** Quirk: checked before everything else, not for orders. */
function requireHeaders({ headers }: SimulatedRequest, route: V3Route): void {
  if (route.gateway === 'pay') return;
  if (headers['accept'] && headers['user-agent']) return;
  throw refuseV3(400, 'INVALID_REQUEST', { message: 'Http头缺少Accept或User-Agent' });
}

/** Which clock a request is dated by: the nearer one; a client may live by either. */
function clockOf(timestamp: string, room: Room): { clock: 'wall' | 'virtual'; apartMs: number } {
  const at = Number(timestamp) * 1_000;
  const virtual = Math.abs(room.world.clock.now() - at);
  const wall = Math.abs(room.world.wallNow() - at);
  return virtual <= wall
    ? { clock: 'virtual', apartMs: virtual }
    : { clock: 'wall', apartMs: wall };
}

const longestShown = 512;

/** What this gateway says it verified: the text, cut, and its whole length in bytes. */
function signInformation(request: SimulatedRequest, data: Buffer): object {
  const text = data.toString('utf8');
  return {
    method: request.method,
    url: request.target,
    sign_message_length: data.length,
    truncated_sign_message: text.slice(0, longestShown),
  };
}

interface Checked {
  readonly route: V3Route;
  readonly authorization: Authorization;
  readonly merchant: Merchant;
  readonly room: Room;
}

function requireSignature(
  request: SimulatedRequest,
  { route, authorization, merchant, room }: Checked,
): void {
  const { method, target } = request;
  const { timestamp, nonce, signature } = authorization;
  const body = signedBody(request);
  const signed = { method, target, timestamp, nonce, body };
  const data = v3SignedBytes(signed);
  if (merchant.signer.publicHalf.verifies(data, signature)) {
    const text = Buffer.from(body).toString('utf8');
    remember(room, merchant.mchid, { method, target, timestamp, nonce, body: text });
    return;
  }
  const note = noteOf(explainV3Request(request, room));
  if (route.gateway === 'pay') throw signError('签名错误', { note });
  throw signError('错误的签名，验签失败', {
    note,
    detail: {
      detail: { issue: 'sign not match' },
      field: 'signature',
      location: 'authorization',
      sign_information: signInformation(request, data),
    },
  });
}

const wrongSerial = '商户证书序列号有误。请使用签名私钥匹配的证书序列号';
const nobody = '商户未申请过证书。请到商户平台上申请证书授权机构颁发的证书。';

/** A refusal with what the doctor says of the request. */
const explained = (error: Error, request: SimulatedRequest, room: Room): Error => {
  const refusal = refusalOf(error);
  if (refusal?.status !== 401 || refusal.note !== undefined) return error;
  const { status, code, ...rest } = refusal;
  return refuseV3(status, code, { ...rest, note: noteOf(explainV3Request(request, room)) });
};

/** Everything between the path and the business, in the order the channel has. */
export function admit(
  request: SimulatedRequest,
  { route, room }: { route: V3Route; room: Room },
): Merchant {
  try {
    return admitted(request, { route, room });
  } catch (error) {
    throw error instanceof Error ? explained(error, request, room) : error;
  }
}

function admitted(
  request: SimulatedRequest,
  { route, room }: { route: V3Route; room: Room },
): Merchant {
  requireHeaders(request, route);
  const authorization = requireAuthorization(request, route, room.platform.suite);
  const { timestamp, serial, mchid, nonce } = authorization;
  if (!/^\d{1,12}$/.test(timestamp) || nonce.length > 128) throw signError(malformed);
  const { clock, apartMs } = clockOf(timestamp, room);
  if (apartMs > windowMs) {
    throw signError('Http头Authorization中的timestamp与发起请求的时间不得超过5分钟');
  }
  const merchant = room.merchants.find((one) => one.mchid === mchid);
  if (merchant === undefined) throw signError(nobody);
  if (serial.toUpperCase() !== merchant.signer.serial) throw signError(wrongSerial);
  requireSignature(request, { route, authorization, merchant, room });
  merchant.signer.lives = clock;
  return merchant;
}
