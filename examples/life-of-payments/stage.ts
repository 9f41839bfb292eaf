/** examples · stage: the simulator, the merchant's program and its payer, wired together. */
import { type AlipayChannel, createAlipay } from '@polyrail/alipay';
import { type AlipaySite, startAlipay } from '@polyrail/alipay-simulator';
import { dayOf, instantOf, money, secret } from '@polyrail/core';
import { createBooks } from './books.ts';
import { type Doorbell, openDoorbell } from './doorbell.ts';
import type { Narrator } from './narrator.ts';
import { createPayer, type Payer } from './payer.ts';
import { createShop, type Shop } from './shop.ts';
import { createWatch } from './watch.ts';

export interface Stage {
  readonly site: AlipaySite;
  readonly channel: AlipayChannel;
  readonly shop: Shop;
  readonly payer: Payer;
  readonly doorbell: Doorbell;
  readonly narrator: Narrator;
  /** What every order of this shop has: half an hour to pay, and an address to be told. */
  order(id: string, yuan: string, description: string): Order;
  /** Something happens outside the merchant's program; what it makes the channel push is told. */
  world(
    told: { verb: string; id?: string; note: string },
    deed: () => Promise<unknown>,
  ): Promise<void>;
  /** Moves the simulator's clock, which the merchant's program shares. */
  passTime(ms: number, note: string): Promise<void>;
  close(): Promise<void>;
}

type Order = ReturnType<typeof orderOf>;

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

function orderOf(about: { id: string; yuan: string; description: string }, now: number) {
  return {
    merchantPaymentId: about.id,
    amount: money(about.yuan, 'CNY'),
    description: about.description,
    expiresAt: instantOf(now + 30 * minuteMs),
  };
}

/** The simulator of this run: a fixed seed, and ten in the morning at the shop, so no run is late. */
async function startSite(): Promise<AlipaySite> {
  const today = dayOf(Date.now(), 'Asia/Shanghai');
  return startAlipay({ seed: 1, startAt: Date.parse(`${today}T10:00:00.000+08:00`) });
}

/** Key mode: what Alipay's console hands out is a pair of public keys. */
function keyChannel({ credentials, clock }: AlipaySite): AlipayChannel {
  const { appId, sellerId, merchantPrivateKey, platformPublicKey, gatewayUrl } = credentials;
  return createAlipay(
    {
      appId,
      sellerId,
      merchantKey: secret(merchantPrivateKey),
      platformKey: platformPublicKey,
      gatewayUrl,
    },
    { clock },
  );
}

export async function openStage(narrator: Narrator): Promise<Stage> {
  const site = await startSite();
  const channel = keyChannel(site);
  const books = createBooks();
  const doorbell = await openDoorbell(channel, books);
  const hear = async () => {
    await site.notifier.idle();
    for (const line of doorbell.takeLines()) narrator.line(line);
  };
  return {
    site,
    channel,
    doorbell,
    narrator,
    shop: createShop({ channel, books, watch: createWatch({ books, narrator, afterVerb: hear }) }),
    payer: createPayer(site.url),
    order: (id, yuan, description) => orderOf({ id, yuan, description }, site.clock.now()),
    async world({ verb, id = '', note }, deed) {
      narrator.line({ actor: 'world', verb, id, note });
      await deed();
      await hear();
    },
    async passTime(ms, note) {
      const shopTime = instantOf(site.clock.now() + ms + 8 * hourMs).slice(11, 16);
      narrator.line({ actor: 'world', verb: 'the clock', note: `${note} (${shopTime})` });
      await site.clock.advance(ms);
      await hear();
    },
    async close() {
      await channel[Symbol.asyncDispose]();
      await site.stop();
      await doorbell.close();
    },
  };
}
