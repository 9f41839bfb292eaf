/** simulator · doctor route: takes what a person or a program shows, and asks the channel's doctor. */
import { problem } from '../problem.ts';
import type { Exchange, SimulatedReply, SimulatedRequest } from '../simulator.ts';
import type { Explanation } from './engine.ts';
import { type DoctorInput, type DoctorMessage, readInput } from './input.ts';
import { doctorPage } from './page.ts';

export const doctorPath = '/_sim/doctor';

const names = ['kind', 'method', 'url', 'headers', 'body', 'bodyBase64'] as const;
const clientNames = ['text', 'textBase64', 'key', 'charset', 'signType'] as const;

/** Flat fields, as a form sends them, or the nested ones of JSON. */
function inputOf(fields: Readonly<Record<string, unknown>>): DoctorInput {
  const nested = fields['client'];
  const client = typeof nested === 'object' && nested !== null ? nested : fields;
  const texts = (from: object, wanted: readonly string[]) =>
    Object.fromEntries(
      wanted.flatMap((name) => {
        const value: unknown = Reflect.get(from, name);
        const headers = name === 'headers' && typeof value === 'object' && value !== null;
        return (typeof value === 'string' && value !== '') || headers ? [[name, value]] : [];
      }),
    );
  const { kind, ...rest } = texts(fields, names);
  const known = kind === 'request' || kind === 'reply' || kind === 'notification';
  return { ...rest, ...(known ? { kind } : {}), client: texts(client, clientNames) };
}

const wantsPage = ({ headers }: SimulatedRequest): boolean =>
  /text\/html/.test(headers['accept'] ?? '');

/** Browsers send CR LF for every line end, and files end with one that nobody sent. */
function tidied(request: SimulatedRequest, fields: URLSearchParams): Record<string, string> {
  const browser = wantsPage(request);
  return Object.fromEntries(
    [...fields].map(([name, value]) => {
      const text = browser ? value.replaceAll('\r\n', '\n') : value;
      return [name, name === 'body' || name === 'url' ? text.replace(/[\r\n]+$/, '') : text];
    }),
  );
}

function fieldsOf(request: SimulatedRequest): Readonly<Record<string, unknown>> {
  const { headers, body, query } = request;
  const text = Buffer.from(body).toString('utf8');
  if (!/json/i.test(headers['content-type'] ?? '') && !text.startsWith('{')) {
    return tidied(request, new URLSearchParams(text === '' ? query : text));
  }
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === 'object' && read !== null) return { ...read };
  } catch {
    // Told below, as for any other body that is no object.
  }
  throw problem({ field: 'body', rule: 'a JSON object, or a form', message: 'It cannot be read.' });
}

function reply(status: number, type: string, text: string): SimulatedReply {
  const headers = { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' };
  return { status, headers, body: text };
}

/** Errors of the one who asks, in the shape of the other control routes. */
function complaint(error: unknown): SimulatedReply {
  const message = error instanceof Error ? error.message : String(error);
  const field: unknown = Reflect.get(Object(error), 'field');
  return reply(400, 'application/json', `${JSON.stringify({ error: { field, message } })}\n`);
}

export interface Doctor {
  /**
   * Explains a raw request, reply or notification, from what a client believes about it.
   *
   * @throws Error when a private key is among what is shown
   */
  explain(input: DoctorInput): Promise<Explanation>;
  /** `GET` shows a form, `POST` explains; JSON unless a browser asks. */
  route(request: SimulatedRequest, exchange: Exchange): Promise<SimulatedReply>;
}

/** The doctor of a channel that explains its own messages. */
export function createDoctor(
  explainMessage: (message: DoctorMessage) => Explanation | Promise<Explanation>,
): Doctor {
  const explain = async (input: DoctorInput): Promise<Explanation> =>
    explainMessage(readInput(input));
  return {
    explain,
    async route(request, exchange) {
      // What is shown to the doctor is nobody else's business.
      exchange.describe({ operation: 'doctor', request: { method: request.method } });
      const page = wantsPage(request);
      if (request.method !== 'POST') {
        const fields = { fields: [...names, ...clientNames], post: doctorPath };
        return page
          ? reply(200, 'text/html', doctorPage({}))
          : reply(200, 'application/json', `${JSON.stringify(fields)}\n`);
      }
      try {
        const explanation = await explain(inputOf(fieldsOf(request)));
        exchange.describe({ reply: explanation });
        return page
          ? reply(200, 'text/html', doctorPage({ explanation }))
          : reply(200, 'application/json', `${JSON.stringify(explanation)}\n`);
      } catch (error) {
        return complaint(error);
      }
    },
  };
}
