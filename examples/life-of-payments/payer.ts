/** examples · payer: somebody with a browser and a phone, who follows the next action over HTTP. */
import type { NextAction } from '@polyrail/core';

export interface Payer {
  /** Opens what the merchant was told to hand over, and presses a button. */
  follow(action: NextAction | undefined, decision: 'approve' | 'decline'): Promise<string>;
  /** Opens it and leaves it open; the returned function presses a button later. */
  open(action: NextAction | undefined): Promise<(decision: 'approve') => Promise<string>>;
}

const form = (fields: Readonly<Record<string, string>>): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: String(new URLSearchParams(fields)),
  // Back at the merchant's page there is nothing that could be believed.
  redirect: 'manual',
});

async function textOf(url: string, init: RequestInit = {}): Promise<string> {
  const reply = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
  return reply.text();
}

/** The cashier page behind a code, a form, an address or an order string. */
async function cashierOf(action: NextAction, site: string): Promise<string> {
  switch (action.kind) {
    case 'qr':
      return textOf(`${site}/_sim/cashier?qr=${encodeURIComponent(action.text)}`);
    case 'redirect':
      return textOf(action.url);
    case 'form':
      return textOf(action.url, form(action.fields));
    case 'sdk': {
      if (typeof action.parameters !== 'string') break;
      const phone = await textOf(`${site}/_sim/app`, { method: 'POST', body: action.parameters });
      return textOf((JSON.parse(phone) as { cashier: string }).cashier);
    }
    default:
  }
  throw new Error(`No payer can follow ${action.kind}`);
}

/** A payer of the simulator at this origin. */
export function createPayer(site: string): Payer {
  async function open(action: NextAction | undefined) {
    if (action === undefined) throw new Error('There is nothing to follow');
    const page = await cashierOf(action, site);
    const [, ticket] = /name="ticket" value="([^"]+)"/.exec(page) ?? [];
    if (ticket === undefined) throw new Error('The cashier page has no button to press');
    return (decision: 'approve' | 'decline') =>
      textOf(`${site}/_sim/cashier`, form({ ticket, decision }));
  }
  return {
    open,
    follow: async (action, decision) => (await open(action))(decision),
  };
}
