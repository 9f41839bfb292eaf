/** kit · transport: one request and its reply, from waiting for a socket to the last byte. */
import type { ExchangeOptions, TransportReply } from '@polyrail/core';
import { isPolyrailError } from '@polyrail/core';
import type { Dispatcher } from 'undici';
import { type Body, type BodySource, createBody } from './body.ts';
import { abandoned, aborted, bodyTooLong, type Label, noReply, notSent } from './failure.ts';

export interface TripLimits {
  readonly maxBodyBytes: number;
  /** How long a request may wait for its first byte to leave. */
  readonly startTimeoutMs: number;
  /** How long a body too large to buffer may stay untouched. */
  readonly bodyTimeoutMs: number;
}

export interface Trip {
  readonly label: Label;
  readonly limits: TripLimits;
  readonly options: ExchangeOptions;
  settle(reply: TransportReply): void;
  refuse(error: unknown): void;
}

type HeaderValues = Readonly<Record<string, string | string[] | undefined>>;

/** Repeated headers joined; no prototype, so that no header name can be mistaken for a member. */
function headersOf(values: HeaderValues): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (const name in values) {
    const value = values[name];
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return headers;
}

const codeError = (code: string): object => ({ code });

export interface Handler extends Dispatcher.DispatchHandler {
  /** Called once after the dispatch: watches over a request that still waits for a socket. */
  begin(): void;
  /** What an error means, by how far the exchange had come. */
  stop(error: unknown): void;
}

type Controller = Dispatcher.DispatchController;

/** Where an exchange stands, and every way it can end; the first end counts. */
function createCourse(trip: Trip) {
  const { label, limits, options } = trip;
  const { signal } = options;
  let phase: 'waiting' | 'sent' | 'replied' | 'over' = 'waiting';
  let controller: Controller | undefined;
  let body: Body | undefined;
  let timer: NodeJS.Timeout | undefined;

  const finish = () => {
    phase = 'over';
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  };
  const fail = (error: unknown) => {
    if (phase === 'over') return;
    finish();
    if (body === undefined) trip.refuse(error);
    else body.fail(error);
  };
  /** Fails the exchange and drops the connection: what is still to come must not be read. */
  const hangUp = (error: Error) => {
    fail(error);
    controller?.abort(error);
  };
  function onAbort(): void {
    hangUp(phase === 'waiting' ? aborted(label) : abandoned(label));
  }
  const giveUpUnread = () => {
    if (!body?.isTaken()) hangUp(noReply(label, codeError('UND_ERR_BODY_TIMEOUT')));
  };
  const source: BodySource = {
    pause: () => controller?.pause(),
    resume: () => controller?.resume(),
    leave: () => hangUp(abandoned(label)),
    ignored() {
      timer = setTimeout(giveUpUnread, limits.bodyTimeoutMs);
      timer.unref();
    },
  };
  return {
    fail,
    hangUp,
    finish,
    phase: () => phase,
    watch() {
      if (signal?.aborted) return onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      if (phase !== 'waiting') return;
      const giveUp = () => fail(notSent(label, codeError('UND_ERR_CONNECT_TIMEOUT')));
      timer = setTimeout(giveUp, limits.startTimeoutMs);
    },
    leaves(given: Controller) {
      clearTimeout(timer);
      controller = given;
      phase = 'sent';
    },
    arrives(status: number, values: HeaderValues): Body {
      phase = 'replied';
      body = createBody(source);
      trip.settle({ status, headers: headersOf(values), body });
      return body;
    },
  };
}

/**
 * The handler of one exchange. `onRequestStart` runs on a connected socket right before the request
 * is written; throwing there drops the request and leaves the socket as it was.
 */
export function createHandler(trip: Trip): Handler {
  const { label, limits, options } = trip;
  const course = createCourse(trip);
  let body: Body | undefined;
  let receivedBytes = 0;
  const stop = (error: unknown) => {
    course.fail(course.phase() === 'waiting' ? notSent(label, error) : noReply(label, error));
  };
  return {
    stop,
    begin() {
      if (course.phase() !== 'over') course.watch();
    },
    onRequestStart(controller) {
      if (course.phase() === 'over') throw aborted(label);
      course.leaves(controller);
      try {
        options.onFirstByte?.();
      } catch (error) {
        const refusal = isPolyrailError(error) ? error : notSent(label, error);
        course.fail(refusal);
        throw refusal;
      }
      // Given up while the byte was announced: nobody may think that it surely stayed here.
      if (course.phase() === 'over') throw abandoned(label);
    },
    onResponseStart(_controller, status, values) {
      // An informational reply (1xx) announces the real one.
      if (course.phase() !== 'sent' || status < 200) return;
      if (Number(values['content-length'] ?? 0) > limits.maxBodyBytes) {
        course.hangUp(bodyTooLong(label, limits.maxBodyBytes));
        return;
      }
      body = course.arrives(status, values);
    },
    onResponseData(_controller, chunk) {
      if (course.phase() !== 'replied') return;
      receivedBytes += chunk.byteLength;
      if (receivedBytes > limits.maxBodyBytes) {
        course.hangUp(bodyTooLong(label, limits.maxBodyBytes));
        return;
      }
      body?.push(chunk);
    },
    onResponseEnd() {
      if (course.phase() !== 'replied') return;
      course.finish();
      body?.end();
    },
    onResponseError: (_controller, error) => stop(error),
  };
}
