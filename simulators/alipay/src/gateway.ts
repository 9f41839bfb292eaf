/** alipay simulator · gateway: what every request must pass before its business is looked at. */
import { type Charset, charsetOf, encodeText } from './charset.ts';
import { refuse, type SubCode } from './codes.ts';
import type { Content, Envelope } from './envelope.ts';
import { explainSignature } from './explain.ts';
import type { Merchant } from './merchants.ts';
import type { Room } from './room.ts';
import { isSignType, requestText, type SignType, verifies } from './seal.ts';
import { parseTime } from './time.ts';

/** How the reply is sealed; known as soon as the app is. */
export interface ReplySeal {
  readonly merchant: Merchant;
  readonly signType: SignType;
  readonly charset: Charset;
  /** Certificate mode: the reply names the platform's certificate. */
  readonly certificates: boolean;
}

/** The app a request names. */
export function admit({ parameters }: Envelope, room: Room): Merchant {
  const appId = parameters['app_id'];
  if (!appId) throw refuse('isv.missing-app-id');
  const merchant = room.merchants.find((one) => one.appId === appId);
  if (merchant === undefined) throw refuse('isv.invalid-app-id');
  return merchant;
}

export function replySeal(envelope: Envelope, merchant: Merchant): ReplySeal {
  const { sign_type: wanted = '', app_cert_sn: certificate = '' } = envelope.parameters;
  return {
    merchant,
    signType: isSignType(wanted) ? wanted : 'RSA2',
    charset: envelope.charset,
    certificates: certificate !== '',
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

const certificateCheck: Check = ({ parameters }, { platform }, merchant) => {
  const { app_cert_sn: app = '', alipay_root_cert_sn: root = '' } = parameters;
  if (app === '' && root === '') return undefined;
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

function checkSignature(envelope: Envelope, merchant: Merchant): void {
  const { parameters, charset } = envelope;
  const { sign = '', sign_type: signType = 'RSA2' } = parameters;
  const text = requestText(parameters);
  const how = { signType: signType as SignType, key: merchant.publicKey };
  if (verifies(how, encodeText(text, charset), sign)) return;
  const shown = text.replaceAll('&', '&amp;');
  throw refuse('isv.invalid-signature', {
    text: `验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配，网关生成的验签字符串为：${shown}`,
    note: `Expected: ${text}\nReceived: ${explainSignature(envelope, merchant)}`,
  });
}

/** Everything between the app and the business; returns the parsed `biz_content`. */
export function checkEnvelope(envelope: Envelope, room: Room, merchant: Merchant): Content {
  for (const check of formChecks) {
    const subCode = check(envelope, room, merchant);
    if (subCode !== undefined) throw refuse(subCode);
  }
  checkSignature(envelope, merchant);
  const { parameters, content } = envelope;
  // No app of this simulator acts for others, and none has an AES key.
  if (parameters['app_auth_token']) throw refuse('aop.invalid-app-auth-token');
  const { encrypt_type: encryption = '' } = parameters;
  if (encryption === 'AES') throw refuse('isv.decryption-error-unknown');
  if (encryption !== '') throw refuse('isv.invalid-encrypt-type');
  if (content === undefined) throw refuse('isv.invalid-parameter', { text: '+：biz_content' });
  return content;
}
