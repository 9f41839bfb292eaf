/** simulator · control requests: how a client that never heard of us steers a run, as templates. */

/** A request whose `url` and `body` are templates over `{tradeNo}`, `{amount}` and `{date}`. */
export interface ControlRequest {
  readonly method: 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Forms, not JSON: templates with other braces than those of the names trip simple clients. */
const headers = { 'content-type': 'application/x-www-form-urlencoded' };

/** For a discovery document: the payer pays or declines, a day's statements become ready. */
export function controlRequests(
  baseUrl: string,
): Readonly<Record<'pay' | 'decline' | 'settle', ControlRequest>> {
  const request = (path: string, body: string): ControlRequest => ({
    method: 'POST',
    url: `${baseUrl}/_sim/${path}`,
    headers,
    body,
  });
  return {
    pay: request('payer', 'id={tradeNo}&decision=approve'),
    decline: request('payer', 'id={tradeNo}&decision=decline'),
    settle: request('settle', 'date={date}'),
  };
}
