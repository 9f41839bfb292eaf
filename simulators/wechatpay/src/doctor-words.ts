/** wechatpay simulator · doctor-words: what WeChat Pay calls whatever the doctor speaks of, and hides. */
import { secretFinder, type Words } from '@polyrail/simulator/doctor';

/** Beside the names every journal masks. */
export const secretFields: readonly string[] = [
  ...['apiV3Key', 'apiKey', 'auth_code', 'signature', 'user_name', 're_user_name', 'encrypted'],
  ...['encrypted_echo_message', 'real_name', 'transfer_name', 'bank_account', 'ciphertext'],
];

/** The secret values among named ones, also inside JSON. */
export const secretsIn = secretFinder(secretFields);

/** The digest of each family, in Node's spelling. */
export const digestOfSuite = { RSA: 'sha256', SM: 'sm3' } as const;

const common = { platform: 'WeChat Pay', party: 'merchant' } as const;

export const v3Words: Words = {
  ...common,
  partyId: 'mchid and serial_no',
  signature: 'Authorization, as signature="…"',
  digests: { sha256: 'WECHATPAY2-SHA256-RSA2048', sm3: 'WECHATPAY2-SM2-WITH-SM3' },
  says: 'what this merchant signs with is',
  md5: 'as API v2 takes',
  register:
    'Sign with the private key of the certificate whose serial number stands in serial_no. ' +
    '`openssl pkey -in apiclient_key.pem -pubout -outform DER | sha256sum` prints its fingerprint.',
  nobody: (whose) =>
    `Nobody's key known here made the signature: it is another key than ${whose}, or the ` +
    'signature was damaged on the way.',
};

export const v2Words: Words = {
  ...common,
  partyId: 'mch_id',
  signature: 'sign',
  digests: { MD5: 'MD5', 'HMAC-SHA256': 'HMAC-SHA256' },
  says: 'sign_type says',
  md5: '',
  register:
    'Compare what you sign with the expected text: sorted name=value pairs, then &key= and the ' +
    'API key of v2 as the console has it.',
  nobody: () =>
    'Neither a key known here nor a usual mistake, nor two of them, explains the signature: it was ' +
    'made with another API key, over another text, or it was damaged on the way.',
};
