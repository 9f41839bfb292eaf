/** alipay · gateway-codes: what the gateway says before any business is asked (dossier §9.1, §9.4). */
import { each, refused, unclear, type Verdict } from '@polyrail/kit/verdict';

/** The `code` of an answer: all but 20000 say that the call never reached the business. */
export const gatewayCodes: Readonly<Record<string, Verdict>> = {
  '20000': unclear,
  '20001': refused('credential-invalid'),
  '40001': refused('parameter-invalid'),
  '40002': refused('parameter-invalid'),
  '40003': refused('credential-invalid'),
  '40005': refused('rate-limited'),
  '40006': refused('permission-denied'),
};

/**
 * The gateway's own sub_codes, the same names in both protocols: bare in V3, and in v1 with a prefix
 * `isv.`, `isp.` or `aop.`. They say more than the code they stand beside.
 */
export const gatewaySubCodes: Readonly<Record<string, Verdict>> = {
  // The platform stumbled, or does not know itself what was answered.
  ...each(unclear, 'unknow-error unknown-sub-code invalid-response-data'),

  ...each(refused('rate-limited'), 'app-call-limited method-call-limited'),
  ...each(refused('risk-blocked'), 'suspected-attack'),
  ...each(
    refused('credential-invalid'),
    `missing-app-access-token missing-signature missing-signature-type
    missing-default-signature-type missing-signature-key missing-signature-config
    invalid-signature-type invalid-signature-type-said-interface invalid-signature
    unsupported-expired-app-key-sign app-key-security-risk app-cert-expired app-cert-not-exist
    alipay-cert-not-exist missing-app-cert-sn missing-alipay-cert-sn missing-alipay-root-cert-sn
    invalid-alipay-root-cert-sn missing-encrypt-type missing-encrypt-key invalid-encrypt-type
    invalid-encrypt missing-session missing-app-id invalid-app-id invalid-auth-token
    auth-token-time-out invalid-app-auth-token invalid-app-auth-token-no-api
    app-auth-token-time-out access-data-time-out decryption-error
    decryption-error-missing-encrypt-type decryption-error-not-valid-encrypt-type
    decryption-error-not-valid-encrypt-key decryption-error-unknown`,
  ),
  ...each(
    refused('permission-denied'),
    `insufficient-isv-permissions illegal-client-ip insufficient-user-permissions
    self-invoke-forbidden app-auth-invoke-limit app-api-punished forbidden-api invalid-app-state
    invalid-subscribe-relations not-support-app-auth unsupport-operation invalid-partnerid
    no-product-reg-by-partner sevice-not-been-subscribed-to invalid-auth-relations invalid-product
    invalid-app-auth-relations app-unbind-partner app-invalid-oid exceed-api-balance
    inner-app-no-access invalid-inner-invoke-scene invalid-app-api-field-config`,
  ),
  ...each(
    refused('parameter-invalid'),
    `invalid-parameter upload-fail invalid-file-extension invalid-file-size file-check-fail
    missing-method missing-platform invalid-platform invalid-method invalid-app-method invalid-format
    invalid-request-data missing-timestamp invalid-timestamp illegal-timestamp missing-version
    invalid-version unsupported-version invalid-encoding invalid-charset invalid-digest-type
    invalid-digest openid-error app-openid-not-match missing-app-uid code-invalid illegal-json
    illegal-card-no method-forbidden-batch-invoke exist-blank-sub-request-id
    exist-repeated-sub-request-id`,
  ),
};
