/** simulator · mounts: the two ends of a connection that has no socket. */
import { Duplex } from 'node:stream';
import { turns } from '../wall.ts';

interface Side {
  readonly stream: Duplex;
  /** Tells whoever wrote last at the other end that it was taken. */
  taken: () => void;
}

const nothing = () => undefined;
const brokenPipe = () => Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });

function createSide(other: () => Side): Side {
  let hungUp = false;
  /** What was written arrives first, and the end a turn later, as it does from a network. */
  const hangUp = async () => {
    if (hungUp) return;
    hungUp = true;
    await turns(1);
    if (!other().stream.destroyed) other().stream.push(null);
  };
  const take = () => {
    const { taken } = side;
    side.taken = nothing;
    taken();
  };
  const side: Side = {
    taken: nothing,
    stream: new Duplex({
      read: take,
      write(chunk: Buffer, _encoding, done) {
        const peer = other();
        if (peer.stream.destroyed) return done(brokenPipe());
        peer.taken = done;
        peer.stream.push(chunk);
        return undefined;
      },
      final(done) {
        void hangUp();
        done();
      },
      destroy(error, done) {
        void hangUp();
        take();
        done(error);
      },
    }),
  };
  return side;
}

/** Bytes written at one end are read at the other, in order; either may hang up. */
export function createLine(): readonly [near: Duplex, far: Duplex] {
  const near: Side = createSide(() => far);
  const far: Side = createSide(() => near);
  return [near.stream, far.stream];
}
