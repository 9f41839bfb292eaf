/** conformance · money-limits: laws about amounts and currencies that are refused unsent. */
import assert from 'node:assert/strict';
import { currencyCodes, isPolyrailError } from '@polyrail/core';
import {
  amountFor,
  attempt,
  orderFor,
  paidOrder,
  pay,
  refund,
  requireError,
  sendingScenes,
  wordsOf,
} from '../acts.ts';
import type { Law } from '../law.ts';
import type { Client, Stage } from '../stage.ts';

/** Nothing of these is an amount. */
const noAmounts: readonly unknown[] = [
  0,
  -0,
  -1,
  0.5,
  12.34,
  1e-7,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.MAX_SAFE_INTEGER + 1,
  Number.MAX_VALUE,
  '1234',
  '12.34',
  1234n,
  null,
  undefined,
  true,
  [1234],
  {},
];

const shown = (value: unknown): string =>
  typeof value === 'object' ? JSON.stringify(value) : `${typeof value} ${String(value)}`;

async function requireRefused(
  client: Client,
  run: () => Promise<unknown>,
  { field, where }: { field: string; where: string },
): Promise<void> {
  client.spy.reset();
  const codes =
    field === 'amount.currency' ? ['REQUEST_INVALID', 'UNSUPPORTED'] : ['REQUEST_INVALID'];
  const error = requireError(await attempt(run), codes, where);
  const blamed = error.field === field || error.field === 'amount';
  assert.ok(blamed, `${where}: the error blames ${error.field}: ${error.message}`);
  assert.equal(client.spy.exchanges.length, 0, `${where}: something was sent all the same`);
}

/** A paid payment's refund with whatever amount, where the channel refunds. */
async function refunder(stage: Stage) {
  const { refund: offered } = stage.client.channel;
  if (offered === undefined || sendingScenes(stage).length === 0) return undefined;
  const { ref } = await paidOrder(stage);
  return (amount: unknown) =>
    refund(stage.client, { payment: ref, merchantRefundId: stage.freshId(), amount });
}

const currenciesOf = (stage: Stage): readonly string[] =>
  stage.client.channel.capabilities.currencies;

export const limitLaws: readonly Law[] = [
  {
    id: 'MONEY-01',
    sentence:
      'An amount that is not a positive whole safe number is refused before anything is sent',
    why: 'half a cent, a text or NaN becomes some amount or other on the wire',
    level: 2,
    verbs: ['pay'],
    async run(stage) {
      const { client } = stage;
      const [currency] = currenciesOf(stage);
      const back = await refunder(stage);
      for (const amount of noAmounts) {
        const money = { amount, currency };
        for (const scene of stage.scenes) {
          const request = orderFor(stage, { scene, members: { amount: money } });
          const where = `pay (${scene}) of ${shown(amount)}`;
          await requireRefused(client, () => pay(client, request), {
            field: 'amount.amount',
            where,
          });
        }
        const where = `refund of ${shown(amount)}`;
        if (back) {
          await requireRefused(client, () => back(money), { field: 'amount.amount', where });
        }
      }
    },
  },
  {
    id: 'MONEY-02',
    sentence: 'Amounts outside the bounds of the capabilities are refused, the bounds are taken',
    why: 'a bound that is stated and not kept sends payers into a refusal they cannot understand',
    level: 2,
    verbs: ['pay'],
    unless: ({ capabilities }) =>
      capabilities.amount === undefined ? 'the capabilities bound no amount' : undefined,
    async run(stage) {
      const { client } = stage;
      const { min = 1, max = 1 } = client.channel.capabilities.amount ?? {};
      const outside = [min - 1, max + 1, max * 2].filter(
        (amount) => amount > 0 && Number.isSafeInteger(amount),
      );
      for (const scene of stage.scenes) {
        for (const amount of outside) {
          const money = { ...amountFor(stage), amount };
          const where = `pay (${scene}) of ${amount}, bounds ${min} to ${max}`;
          const request = orderFor(stage, { scene, amount: money });
          await requireRefused(client, () => pay(client, request), {
            field: 'amount.amount',
            where,
          });
        }
        for (const amount of [min, max]) {
          const money = { ...amountFor(stage), amount };
          const run = () => pay(client, orderFor(stage, { scene, amount: money }));
          const attempted = await attempt(run);
          const { error } = attempted;
          const refused = isPolyrailError(error) && error.code === 'REQUEST_INVALID';
          const words = wordsOf(attempted);
          assert.ok(!refused, `pay (${scene}) of ${amount}, a bound itself: ${words}`);
        }
      }
    },
  },
  {
    id: 'MONEY-03',
    sentence: 'A currency the channel does not take is refused before anything is sent',
    why: 'a channel of one currency ignores the word and charges the number: yen become yuan',
    level: 2,
    verbs: ['pay'],
    async run(stage) {
      const { client } = stage;
      const taken = currenciesOf(stage);
      const others = currencyCodes().filter((code) => !taken.includes(code));
      const invented = ['', 'XXQ', 'cny', 'RMB', 'CNY ', '156', null, 156];
      const field = 'amount.currency';
      for (const currency of [...others, ...invented]) {
        const scene = stage.dice.pick(stage.scenes);
        const money = { amount: amountFor(stage).amount, currency };
        const where = `pay (${scene}) in ${shown(currency)}`;
        const request = orderFor(stage, { scene, members: { amount: money } });
        await requireRefused(client, () => pay(client, request), { field, where });
      }
      const back = await refunder(stage);
      if (back === undefined) return;
      const [own] = taken;
      const foreign = [...taken.filter((code) => code !== own), ...others.slice(0, 5), 'RMB'];
      for (const currency of foreign) {
        const where = `refund in ${currency} of a payment in ${own}`;
        await requireRefused(client, () => back({ amount: 1, currency }), { field, where });
      }
    },
  },
];
