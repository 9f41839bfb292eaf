/** attack · notifications: messages that are forged, kept, or meant for somebody else. */
import {
  type Case,
  dossier,
  minuteMs,
  otherId,
  type PushPlan,
  partnered,
  peers,
  plain,
  probed,
  pushed,
  pushOf,
  siteAt,
  transaction,
  wanted,
  withText,
} from './case.ts';
import {
  altered,
  attacker,
  mchId,
  merchant,
  otherApiV3Key,
  platform,
  unsigned,
} from './forging.ts';

/** The offset of the first digit of the amount in the ciphertext: that of the plaintext. */
const amountAt = Buffer.from(plain).indexOf('"total":100') + '"total":'.length;
const flipAmount = (bytes: Buffer): Buffer => {
  const made = Buffer.from(bytes);
  made[amountAt] = (made[amountAt] ?? 0) ^ 0x31 ^ 0x39;
  return made;
};
const withoutTag = (tag: Buffer) => (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -16), tag]);

/** The seal around these is sound: the tag is all that stands. */
const resourceAttacks = (nowMs: number): readonly Case[] => {
  const tag = (id: string, lie: string, change: (bytes: Buffer) => Buffer) =>
    pushed(nowMs, { id, lie, source: peers }, { change: (it) => altered(it, change) });
  return [
    tag('gcm-flip', 'amount flipped in the ciphertext, its tag kept', flipAmount),
    tag('gcm-zero-tag', 'amount flipped, the tag all zeros', (bytes) =>
      withoutTag(Buffer.alloc(16))(flipAmount(bytes)),
    ),
    tag('gcm-no-tag', 'the tag cut off', withoutTag(Buffer.alloc(0))),
    tag('gcm-short-tag', 'four bytes of the tag left', (bytes) => bytes.subarray(0, -12)),
    pushed(
      nowMs,
      {
        id: 'gcm-associated',
        lie: 'sealed as a refund, told as a payment',
        source: dossier('A4.3'),
      },
      { resource: { kind: 'refund' }, change: (it) => ({ ...it, associated_data: 'transaction' }) },
    ),
    pushed(
      nowMs,
      { id: 'gcm-nonce-16', lie: 'a nonce of 16 bytes', source: `gopay#540 in ${peers}` },
      { resource: { nonce: '0123456789abcdef' } },
    ),
    pushed(
      nowMs,
      { id: 'gcm-nonce-0', lie: 'a nonce of no bytes', source: `gopay#540 in ${peers}` },
      { change: (it) => ({ ...it, nonce: '' }) },
    ),
    pushed(
      nowMs,
      { id: 'plain-resource', lie: 'says algorithm NONE, and is not encrypted', source: peers },
      {
        change: (it) => ({
          ...it,
          algorithm: 'NONE',
          ciphertext: Buffer.from(plain).toString('base64'),
        }),
      },
    ),
    pushed(
      nowMs,
      { id: 'other-key', lie: "another merchant's genuine notification", source: dossier('C5.5') },
      { resource: { key: otherApiV3Key } },
    ),
  ];
};

const refundOfV2 = `<xml><return_code>SUCCESS</return_code><mch_id>${mchId}</mch_id><req_info>T8</req_info></xml>`;

type Plan = PushPlan & { readonly source?: string };

const signatureAttacks = (nowMs: number): readonly Case[] => {
  const one = (id: string, lie: string, { source = wanted(3), ...plan }: Plan) =>
    pushed(nowMs, { id, lie, source }, plan);
  const another = pushOf(nowMs, { told: { ...transaction, out_trade_no: otherId } });
  return [
    one('no-signature', 'nobody signed it', { after: ({ body }) => ({ headers: {}, body }) }),
    one('stranger', "a stranger's signature under WeChat Pay's serial", {
      seal: { by: attacker, serial: platform.serial },
    }),
    one('own-key', "signed with the merchant's own key, and says so", { seal: { by: merchant } }),
    one('prototype-serial', 'names the serial `__proto__`', {
      seal: { by: attacker, serial: '__proto__' },
    }),
    one('sha-1', 'signed over SHA-1, and says so', {
      seal: { hash: 'sha1', scheme: 'WECHATPAY2-SHA1-RSA2048' },
    }),
    one('body-changed', 'another event than was signed', {
      after: withText((text) => text.replace('TRANSACTION', 'REFUND')),
    }),
    one('body-swapped', 'the body of one message under the seal of another', {
      after: ({ headers }) => ({ headers, body: another.body }),
    }),
    one('body-rewritten', 'the same JSON in other bytes', {
      after: withText((text) => JSON.stringify(JSON.parse(text), null, 1)),
      source: dossier('C5.1'),
    }),
    one('probe', "WeChat Pay's own probe, WECHATPAY/SIGNTEST/…", {
      after: probed,
      source: wanted(4),
    }),
    one('stale', 'signed ten minutes ago', { skewMs: -10 * minuteMs, source: dossier('A3') }),
    one('future', 'signed in ten minutes', { skewMs: 10 * minuteMs, source: dossier('A3') }),
    one('v2-xml', 'an unsigned refund of API v2', {
      after: () => unsigned(refundOfV2),
      source: dossier('C5.9'),
    }),
  ];
};

/** Sound in every byte, and meant for somebody else. */
const identityAttacks = (nowMs: number): readonly Case[] => {
  const one = (id: string, lie: string, told: object) =>
    pushed(nowMs, { id, lie, source: wanted(20) }, { told });
  const provided = {
    does: 'receive',
    site: siteAt(nowMs),
    certificates: 'known',
    provider: true,
  } as const;
  const wrongSub = { ...partnered, sub_mchid: '1900000999' };
  return [
    one('other-mchid', 'tells of another merchant', { ...transaction, mchid: '1900000999' }),
    one('other-appid', 'tells of another application', { ...transaction, appid: 'wx0000000000' }),
    {
      id: 'other-sub-mchid',
      lie: 'tells a service provider of another sub-merchant',
      source: wanted(20),
      attack: { ...provided, messages: [pushOf(nowMs, { told: wrongSub })] },
      twin: { ...provided, messages: [pushOf(nowMs, { told: partnered })] },
    },
  ];
};

export const notificationAttacks = (nowMs: number): readonly Case[] => [
  ...resourceAttacks(nowMs),
  ...signatureAttacks(nowMs),
  ...identityAttacks(nowMs),
];
