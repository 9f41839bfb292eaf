/** wechatpay simulator · v3 certificates: what a merchant downloads to recognize the platform by. */

import { notifyAddress, requiredText } from './fields.ts';
import type { PlatformKey } from './merchants.ts';
import { hex } from './numbers.ts';
import { refuse, refuseV3 } from './refusals.ts';
import type { Room } from './room.ts';
import { isoTime } from './time.ts';
import { bodyOf, openSecret, type V3Call, type V3Handler } from './v3-call.ts';
import { tellV3 } from './v3-notification.ts';

function sealedCertificate(key: PlatformKey, call: V3Call, room: Room): object {
  const nonce = hex(room.world.random.fork('certificates'), 6);
  const associatedData = 'certificate';
  const sealed = { key: call.signer.apiV3Key, nonce, associatedData };
  return {
    effective_time: isoTime(key.effectiveAt),
    encrypt_certificate: {
      algorithm: room.platform.suite.resource,
      associated_data: associatedData,
      ciphertext: room.platform.suite.sealResource(sealed, key.certificatePem ?? ''),
      nonce,
    },
    expire_time: isoTime(key.expiresAt),
    serial_no: key.id,
  };
}

const guide =
  'https://pay.weixin.qq.com/docs/merchant/products/platform-certificate/wxp-pub-key-guide.html';

/** What `algorithm_type` calls them. */
const algorithmTypes = { RSA: 'RSA', SM: 'SM2' } as const;

/** `GET /v3/certificates`, with or without `algorithm_type`. */
export const listCertificates: V3Handler = (call, room) => {
  const { algorithm_type: algorithm = 'RSA' } = call.query;
  if (![algorithmTypes[room.platform.suite.algorithm], 'ALL'].includes(algorithm)) {
    throw refuse('no-auth');
  }
  if (call.signer.mode === 'public-key') {
    throw refuseV3(404, 'RESOURCE_NOT_EXISTS', {
      message: `无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。可查看指引${guide}`,
    });
  }
  return { data: room.platform.certificates().map((key) => sealedCertificate(key, call, room)) };
};

/** `POST /v3/security/echo`: says back what it was told, and calls back where it was told to. */
export const echo: V3Handler = (call, room) => {
  const source = bodyOf(call);
  const message = requiredText(source, 'echo_message', 1_024);
  const secret = openSecret(call, source, 'encrypted_echo_message');
  const sealed =
    secret === undefined ? {} : { encrypted_echo_message: call.signer.publicHalf.seal(secret) };
  const answer = { echo_message: message, ...sealed };
  const url = notifyAddress(source, 'notify_url');
  const { signer } = call;
  const news = {
    eventType: 'SECURITY_ECHO.SUCCESS',
    originalType: 'security',
    summary: '回显成功',
  };
  const { 'wechatpay-serial': serial } = call.request.headers;
  if (url !== undefined) {
    tellV3({ ...news, resource: answer, id: message.slice(0, 64), url, signer, serial }, room);
  }
  return answer;
};
