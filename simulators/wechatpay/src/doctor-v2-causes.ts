/** wechatpay simulator · doctor-v2-causes: what clients get wrong with the pairs that API v2 signs. */
import { createHash } from 'node:crypto';
import {
  type Cause,
  charsetCause,
  commonCauses,
  counted,
  droppedCause,
  each,
  emptyCause,
  encodingCause,
  escapedCause,
  escapedSentCause,
  joiningCause,
  lineBreaksCause,
  normalizationCause,
  orderCause,
  otherOrders,
  type PairsDraft,
  replaced,
  rewriting,
  rewritings,
  signIncluded,
  valueIn,
} from '@polyrail/simulator/doctor';

/** What the causes may know beside the message. */
export interface V2Context {
  /** The key of v2 that is due. */
  readonly apiKey: string;
  readonly apiV3Key: string;
  /** Keys of v2 of other merchants, by their numbers. */
  readonly others: readonly (readonly [mchid: string, apiKey: string])[];
  /** Values as they stand in the document, with its sections and entities. */
  readonly raw: Readonly<Record<string, string>>;
}

type V2Cause = Cause<PairsDraft, V2Context>;

/** What stands behind the pairs. */
export const keyTail = (apiKey: string): string => `&key=${apiKey}`;

/** Members clients often hold without a value. */
const optional: readonly string[] = (
  'attach device_info detail goods_tag fee_type limit_pay openid product_id receipt scene_info ' +
  'profit_sharing time_start time_expire sub_appid sub_mch_id refund_desc notify_url sign_type'
).split(' ');

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

const wrongKey: V2Cause = {
  id: 'wrong-key',
  rule: 'Another key than the API key of v2 stands behind &key=',
  advice:
    'API v2 has a key of its own (APIv2密钥), set apart from the APIv3 key in the console: 32 ' +
    'characters, taken as they are.',
  *variants(draft, { apiKey, apiV3Key, others }) {
    if (draft.after !== keyTail(apiKey)) return;
    const keys: readonly (readonly [how: string, key: string])[] = [
      ['the APIv3 key', apiV3Key],
      ...others.map(([mchid, key]) => [`the key of merchant ${mchid}`, key] as const),
      ['the key with a line end', `${apiKey}\n`],
      ['the key with a blank', `${apiKey} `],
      ['the key in upper case', apiKey.toUpperCase()],
      ['the key in lower case', apiKey.toLowerCase()],
      ['the MD5 of the key', md5(apiKey)],
      ['the MD5 of the key, in upper case', md5(apiKey).toUpperCase()],
      ['nothing', ''],
      ['null', 'null'],
      ['undefined', 'undefined'],
    ];
    for (const [detail, key] of keys) yield { draft: { ...draft, after: keyTail(key) }, detail };
  },
};

const keyPlace: V2Cause = {
  id: 'key-joined',
  rule: 'The key was not joined as &key= behind the last pair',
  advice: 'Sort and join the pairs first; then put &key= and the API key behind them.',
  *variants(draft, { apiKey }) {
    if (draft.after !== keyTail(apiKey)) return;
    const tails: readonly (readonly [how: string, tail: string])[] = [
      ['left out', ''],
      ['without &key= before it', apiKey],
      ['with & but without key=', `&${apiKey}`],
      ['with key= but without &', `key=${apiKey}`],
      ['as &KEY=', `&KEY=${apiKey}`],
      ['as &apiKey=', `&apiKey=${apiKey}`],
      ['as &api_key=', `&api_key=${apiKey}`],
      ['as &paternerKey=', `&paternerKey=${apiKey}`],
      ['with & behind it', `&key=${apiKey}&`],
    ];
    for (const [detail, after] of tails) yield { draft: { ...draft, after }, detail };
    const pairs = [...draft.pairs, { name: 'key', value: apiKey }];
    yield { draft: { ...draft, pairs, after: '' }, detail: 'sorted in among the pairs' };
    const before = `key=${apiKey}&`;
    yield { draft: { ...draft, before, after: '' }, detail: 'before the pairs' };
  },
};

const signType: V2Cause = {
  id: 'sign-type',
  rule: 'sign_type was left out of the signed text',
  advice:
    'Everything that is sent and has a value is signed, sign_type too; only sign is left out.',
  *variants(draft) {
    if (draft.omitted.includes('sign_type') || valueIn(draft, 'sign_type') === '') return;
    yield { draft: { ...draft, omitted: [...draft.omitted, 'sign_type'] } };
  },
};

const written: V2Cause = {
  id: 'xml-escaped',
  rule: 'Values were signed as they stand in the XML',
  advice: 'Sign the bare values; CDATA sections and entities belong to the document alone.',
  *variants(draft, { raw }) {
    yield* rewriting(draft, (value, { name }) => raw[name] ?? value, 'with its CDATA or entities');
    yield* rewriting(draft, (value) => `<![CDATA[${value}]]>`, 'within CDATA');
    yield* escapedCause.variants(draft, undefined);
  },
};

const included: V2Cause = {
  id: 'sign-included',
  rule: 'sign itself was in the signed text',
  advice: 'Leave sign out, also an empty one and the one of the request before.',
  variants: (draft) => signIncluded(draft, []),
};

const camel = (name: string): string =>
  name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const names: V2Cause = {
  id: 'names',
  rule: 'The members were signed under other names',
  advice: 'Sign the names as they are sent: appid, mch_id, nonce_str.',
  *variants(draft) {
    const renamed = (change: (name: string) => string) => ({
      ...draft,
      pairs: draft.pairs.map((pair) => ({ ...pair, name: change(pair.name) })),
    });
    yield { draft: renamed(camel), detail: 'in camel case' };
    yield { draft: renamed((name) => (name === 'appid' ? 'appId' : name)), detail: 'appId' };
    const called = (name: string) => (name === 'appid' ? 'appId' : camel(name));
    yield { draft: renamed(called), detail: 'in camel case, and appId' };
    yield { draft: renamed((name) => name.toUpperCase()), detail: 'in upper case' };
  },
};

const json: V2Cause = {
  id: 'json-rewritten',
  rule: 'JSON was written anew between signing and sending',
  advice: 'Turn the object into text once; sign and send that very text.',
  *variants(draft) {
    for (const { name, value } of draft.pairs.filter((pair) => counted(draft, pair))) {
      if (!/^\s*[{[]/.test(value)) continue;
      for (const { text, how } of rewritings(value)) {
        yield { draft: replaced(draft, name, text), detail: `${name}, ${how}` };
      }
    }
  },
};

const yuan = (value: string): string =>
  /^\d{1,12}$/.test(value) ? (Number(value) / 100).toFixed(2) : value;

const trims: readonly (readonly [how: string, (value: string) => string])[] = [
  ['without the blanks around it', (value) => value.trim()],
  ['with a blank behind it', (value) => `${value} `],
  ['in upper case', (value) => value.toUpperCase()],
  ['in lower case', (value) => value.toLowerCase()],
  ['without the slash at its end', (value) => value.replace(/\/$/, '')],
];

const altered: V2Cause = {
  id: 'changed',
  rule: 'A value was changed between signing and sending',
  advice: 'Sign last: take time, nonce and every value once, sign, and change nothing after it.',
  *variants(draft) {
    yield* each(draft, trims);
    const fees = (value: string, { name }: { readonly name: string }) =>
      name.endsWith('_fee') ? yuan(value) : value;
    yield* rewriting(draft, fees, 'in yuan');
    yield* rewriting(
      draft,
      (value, { name }) => (name.endsWith('_fee') ? `${value}.0` : value),
      'as a floating number',
    );
  },
};

/** Special causes before general ones. */
export const v2Causes: readonly V2Cause[] = [
  signType,
  wrongKey,
  keyPlace,
  orderCause(otherOrders),
  emptyCause(optional),
  included,
  written,
  {
    ...escapedSentCause,
    id: 'xml-escaped-sent',
    rule: 'Values were signed raw, but arrived with entities within CDATA',
    advice: 'Either CDATA or entities: within a CDATA section nothing is escaped.',
  },
  encodingCause,
  {
    ...charsetCause,
    advice: 'Sign and send UTF-8, whatever the program or the database uses.',
  },
  lineBreaksCause,
  normalizationCause,
  json,
  names,
  joiningCause,
  droppedCause([['nonce_str', 'sign_type']]),
  ...commonCauses<PairsDraft>(),
  altered,
];
