/** alipay simulator · doctor-variants: values of this channel that clients sign otherwise. */
import {
  counted,
  type PairsDraft,
  replaced,
  type Variant,
  valueIn,
} from '@polyrail/simulator/doctor';
import type { FormContext } from './doctor-form.ts';
import { parseTime, timeText } from './time.ts';

/** Parameters clients often hold without a value. */
export const optional: readonly string[] = (
  'notify_url return_url app_auth_token auth_token terminal_type terminal_info prod_code ' +
  'target_app_id biz_content app_cert_sn alipay_root_cert_sn encrypt_type format'
).split(' ');

/** Values that are JSON objects: `biz_content` first. */
export const jsonNames = ({ pairs }: PairsDraft): readonly string[] =>
  pairs
    .filter(({ value }) => /^\s*[{[]/.test(value))
    .map(({ name }) => name)
    .sort((left, right) => Number(right === 'biz_content') - Number(left === 'biz_content'));

const zoneHours = 14;
const secondsAround = 600;

function* otherTimes(text: string): Generator<readonly [value: string, how: string]> {
  yield [text.replace(' ', 'T'), 'with T between day and time'];
  const at = parseTime(text);
  if (at === undefined) return;
  yield [String(at), 'in milliseconds'];
  yield [String(at / 1_000), 'in seconds'];
  yield [text.slice(0, 16), 'without seconds'];
  for (let second = 1; second <= secondsAround; second += 1) {
    for (const moved of [-second, second]) {
      yield [
        timeText(at + moved * 1_000),
        `${Math.abs(moved)} s ${moved < 0 ? 'earlier' : 'later'}`,
      ];
    }
  }
  for (let hour = -zoneHours; hour <= zoneHours; hour += 1) {
    for (const second of [0, -1, 1, -2, 2]) {
      yield [timeText(at + hour * 3_600_000 + second * 1_000), `of a zone ${hour} h away`];
    }
  }
}

const spellings: Readonly<Record<string, readonly string[]>> = {
  charset: ['utf-8', 'UTF-8', 'utf8', 'UTF8', 'gbk', 'GBK', 'gb2312', 'GB2312'],
  format: ['JSON', 'json', 'Json'],
  sign_type: ['RSA2', 'RSA', 'rsa2', 'SM2', 'SHA256withRSA'],
  version: ['1.0', '2.0', '1', '3.0'],
};

const schemes = (url: string): readonly string[] => [
  url.replace(/\/$/, ''),
  `${url}/`,
  url.replace(/^https:/i, 'http:'),
  url.replace(/^http:/i, 'https:'),
  url.replace(/[?#].*$/, ''),
];

function* changedValues(
  draft: PairsDraft,
  { methods, appIds }: FormContext,
): Generator<readonly [name: string, value: string]> {
  for (const { name, value } of draft.pairs.filter((pair) => counted(draft, pair))) {
    const known = name === 'method' ? methods : name === 'app_id' ? appIds : spellings[name];
    for (const one of known ?? []) if (one !== value) yield [name, one];
    if (/^https?:/i.test(value)) for (const one of schemes(value)) yield [name, one];
    for (const one of [value.trim(), ` ${value}`, `${value} `, `${value}\n`, `${value}\r\n`]) {
      yield [name, one];
    }
    yield [name, value.toLowerCase()];
    yield [name, value.toUpperCase()];
  }
}

export function* changed(draft: PairsDraft, context: FormContext): Generator<Variant<PairsDraft>> {
  for (const [name, value] of changedValues(draft, context)) {
    if (value === valueIn(draft, name)) continue;
    yield { draft: replaced(draft, name, value), detail: `${name} was ${JSON.stringify(value)}` };
  }
  const { value: time = '' } = draft.pairs.find(({ name }) => name === 'timestamp') ?? {};
  for (const [value, how] of otherTimes(time)) {
    const detail = `timestamp was ${value} (${how})`;
    yield { draft: replaced(draft, 'timestamp', value), detail };
  }
}
