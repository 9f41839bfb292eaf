/** alipay simulator · doctor-form: what the doctor knows beside a form, and how its names are sorted. */
import { ascii, type Order, orderBy, otherOrders, type Pair } from '@polyrail/simulator/doctor';

/** As the documents list the common parameters. */
export const documented: readonly string[] = (
  'app_id method format return_url charset sign_type sign timestamp version notify_url ' +
  'app_auth_token biz_content'
).split(' ');
const place = (name: string): number => {
  const index = documented.indexOf(name);
  return index < 0 ? documented.length : index;
};

/** Wrong ones. */
export const formOrders: readonly Order[] = [
  ...otherOrders,
  {
    how: 'sorted, biz_content last',
    sort: (pairs) => [
      ...ascii.sort(pairs).filter(({ name }) => name !== 'biz_content'),
      ...pairs.filter(({ name }) => name === 'biz_content'),
    ],
  },
  orderBy('as the documents list them', (left, right) => place(left.name) - place(right.name)),
];

/** What the causes may know beside the message. */
export interface FormContext {
  readonly kind: 'request' | 'notification';
  /** All methods and app ids of this gateway. */
  readonly methods: readonly string[];
  readonly appIds: readonly string[];
  /** Texts of earlier messages of this app, the newest first. */
  readonly earlier: readonly Earlier[];
  /** What stands in the query of the address a notification was sent to. */
  readonly ownPairs: readonly Pair[];
  /** AES under the app's key; absent without one. */
  decrypt?(text: string): string | undefined;
  encrypt?(text: string): string;
}

export interface Earlier {
  readonly text: string;
  readonly sign: string;
}
