/** alipay simulator · gateway: what every request must pass before its business is looked at. */
import { charsetOf, encodeText } from '@polyrail/simulator';
import { noteOf } from '@polyrail/simulator/doctor';
import { decryptText } from './cipher.ts';
import { refuse, type SubCode } from './codes.ts';
import { explainRequest } from './doctor-request.ts';
import { remember } from './doctor-witness.ts';
import { type Content, type Envelope, readContent } from './envelope.ts';
import type { Merchant } from './merchants.ts';
import type { Room } from './room.ts';
import { isSignType, type ReplySeal, requestText, type SignType, verifies } from './seal.ts';
import { parseTime } from './time.ts';

/** The app a request names. */
export function admit({ parameters }: Envelope, room: Room): Merchant {
  const appId = parameters['app_id'];
  if (!appId) throw refuse('isv.missing-app-id');
  const merchant = room.merchants.find((one) => one.appId === appId);
  if (merchant === undefined) throw refuse('isv.invalid-app-id');
  return merchant;
}

/** Whether a request names its app's certificate. */
export const inCertificateMode = ({ parameters }: Envelope): boolean =>
  (parameters['app_cert_sn'] ?? '') !== '';

export function replySeal(envelope: Envelope): ReplySeal {
  const { sign_type: wanted = '' } = envelope.parameters;
  return {
    signType: isSignType(wanted) ? wanted : 'RSA2',
    charset: envelope.charset,
    certificates: inCertificateMode(envelope),
  };
}

type Check = (envelope: Envelope, room: Room, merchant: Merchant) => SubCode | undefined;

const charsetCheck: Check = ({ parameters }) => {
  const { charset = '' } = parameters;
  return charset === '' || charsetOf(charset) !== undefined ? undefined : 'isv.invalid-charset';
};

const timestampCheck: Check = ({ parameters }, { options, world }) => {
  const { timestamp = '' } = parameters;
  if (timestamp === '') return 'isv.missing-timestamp';
  const at = parseTime(timestamp);
  if (at === undefined) return 'isv.invalid-timestamp';
  // Quirk: clients send the time of their own zone; only who asks for it gets them refused.
  const { clockSkewMs } = options;
  const far = clockSkewMs !== undefined && Math.abs(world.wallNow() - at) > clockSkewMs;
  return far ? 'isv.invalid-timestamp' : undefined;
};

export const certificateCheck: Check = ({ parameters }, { platform }, merchant) => {
  const { app_cert_sn: app = '', alipay_root_cert_sn: root = '' } = parameters;
  if (app === '' && root === '') return undefined;
  // The certificates minted here are RSA ones: none belongs to an SM2 key.
  if (parameters['sign_type'] === 'SM2') return 'isv.app-cert-not-exist';
  if (app === '') return 'isv.missing-app-cert-sn';
  if (root === '') return 'isv.missing-alipay-root-cert-sn';
  if (app !== merchant.certificateSn) return 'isv.app-cert-not-exist';
  return root === platform.rootSn ? undefined : 'isv.invalid-alipay-root-cert-sn';
};

/** In the order in which the gateway complains. */
const formChecks: readonly Check[] = [
  ({ parameters: { version = '' } }) => {
    if (version === '') return 'isv.missing-version';
    return version === '1.0' ? undefined : 'isv.invalid-version';
  },
  ({ parameters: { format = '' } }) =>
    /^(json)?$/i.test(format) ? undefined : 'isv.invalid-format',
  charsetCheck,
  timestampCheck,
  ({ parameters: { sign_type: wanted = '' } }) => {
    if (wanted === '') return 'isv.missing-signature-type';
    return isSignType(wanted) ? undefined : 'isv.invalid-signature-type';
  },
  certificateCheck,
  ({ parameters: { sign = '' } }) => (sign === '' ? 'isv.missing-signature' : undefined),
];

function checkSignature(envelope: Envelope, room: Room, merchant: Merchant): void {
  const { parameters, charset } = envelope;
  const { sign = '', sign_type: signType = 'RSA2' } = parameters;
  const text = requestText(parameters);
  const how = { signType: signType as SignType, key: merchant.publicKey };
  if (verifies(how, encodeText(text, charset), sign)) {
    remember(room, merchant.appId, { text, sign });
    return;
  }
  const shown = text.replaceAll('&', '&amp;');
  throw refuse('isv.invalid-signature', {
    text: `验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配，网关生成的验签字符串为：${shown}`,
    note: noteOf(explainRequest(envelope, { room, merchant })),
  });
}

/** Whom a verified request acts for: the app's own merchant, or the one whose token it brings. */
function actingFor({ parameters }: Envelope, merchant: Merchant): Merchant {
  const { app_auth_token: token = '' } = parameters;
  if (token === '') return merchant;
  if (merchant.actsFor?.token !== token) throw refuse('aop.invalid-app-auth-token');
  return merchant.actsFor.merchant;
}

const isEncrypted = ({ parameters }: Envelope): boolean => parameters['encrypt_type'] === 'AES';

const decrypted = new WeakMap<Envelope, Content | 'unreadable'>();

function decryptedContent(envelope: Envelope, merchant: Merchant): Content | undefined {
  const known = decrypted.get(envelope);
  if (known !== undefined) return known === 'unreadable' ? undefined : known;
  const { parameters, charset } = envelope;
  const text = decryptText(merchant.encryptKey, parameters['biz_content'] ?? '', charset);
  const content = text === undefined ? undefined : readContent(text);
  decrypted.set(envelope, content ?? 'unreadable');
  return content;
}

/** What a request says, decrypted but not yet believed; `undefined` if nobody can read it. */
export function readableContent(envelope: Envelope, room: Room): Content | undefined {
  if (!isEncrypted(envelope)) return envelope.content;
  const appId = envelope.parameters['app_id'];
  const merchant = room.merchants.find((one) => one.appId === appId);
  return merchant && decryptedContent(envelope, merchant);
}

function contentOf(envelope: Envelope, merchant: Merchant): Content {
  const { encrypt_type: encryption = '' } = envelope.parameters;
  if (encryption !== '' && encryption !== 'AES') throw refuse('isv.invalid-encrypt-type');
  if (isEncrypted(envelope)) {
    const content = decryptedContent(envelope, merchant);
    if (content === undefined) throw refuse('isv.decryption-error-unknown');
    return content;
  }
  const { content } = envelope;
  if (content === undefined) throw refuse('isv.invalid-parameter', { text: '+：biz_content' });
  return content;
}

/** What a verified request brings to its business. */
export interface Opened {
  /** The one whose orders they are. */
  readonly merchant: Merchant;
  readonly content: Content;
  /** Set when the request was encrypted, so that its answer is as well. */
  readonly encryptKey?: string;
}

/** Permission first, then what is inside: of a request whose signature was verified. */
export function openContent(envelope: Envelope, merchant: Merchant): Opened {
  const acting = actingFor(envelope, merchant);
  const content = contentOf(envelope, merchant);
  const { encryptKey } = merchant;
  return { merchant: acting, content, ...(isEncrypted(envelope) ? { encryptKey } : {}) };
}

/** Everything between the app and the business. */
export function openRequest(envelope: Envelope, room: Room, merchant: Merchant): Opened {
  for (const check of formChecks) {
    const subCode = check(envelope, room, merchant);
    if (subCode !== undefined) throw refuse(subCode);
  }
  checkSignature(envelope, room, merchant);
  return openContent(envelope, merchant);
}
