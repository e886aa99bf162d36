import { Transform } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGunzip, type Gunzip } from 'node:zlib';

/** Of what is behind the last member of gzip: zeros fill a block of a tape, and mean nothing. */
export class BytesBehindGzip extends Error {
  constructor() {
    super('bytes behind the last member of gzip');
  }
}

/**
 * Whether a pipeline of unpackGzip failed by what is behind the last member. Where that comes late, the
 * inflater's own failure may be heard before ours.
 */
export function isBehindGzip(failure: unknown): boolean {
  return (
    failure instanceof BytesBehindGzip ||
    (failure as NodeJS.ErrnoException).code === 'ERR_STREAM_PUSH_AFTER_EOF'
  );
}

/**
 * What inflates a stream of gzip, in this order, for a pipeline. Node's own reads no further than the first
 * zero behind a member and drops what follows without a word.
 *
 * @returns streams that fail with BytesBehindGzip where other bytes than zeros follow the last member, and
 *   with an error of node:zlib where it is no gzip or is cut off.
 */
export function unpackGzip(): readonly [Transform, Gunzip, Transform] {
  const gunzip = createGunzip();
  const packed = lastByteOf();
  const plain = new Transform({
    transform: (chunk, _encoding, done) => done(null, chunk),
    flush(done) {
      // It may end before all has come.
      finished(packed.stream, { readable: false }).then(() => {
        done(packed.end() > gunzip.bytesWritten ? new BytesBehindGzip() : null);
      }, done);
    },
  });
  gunzip.once('error', (failure: NodeJS.ErrnoException) => {
    // A member that comes when it has ended already.
    if (failure.code === 'ERR_STREAM_PUSH_AFTER_EOF') plain.destroy(new BytesBehindGzip());
  });
  return [packed.stream, gunzip, plain];
}

/** @throws BytesBehindGzip if more than zeros are behind the part that was inflated. */
export function requireAllInflated(packed: Buffer, inflatedBytes: number): void {
  if (packed.subarray(inflatedBytes).some((byte) => byte !== 0)) throw new BytesBehindGzip();
}

/** Passes bytes on, and knows where the last of them ends that is not zero. */
function lastByteOf() {
  let [bytes, end] = [0, 0];
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const last = chunk.findLastIndex((byte) => byte !== 0);
      if (last >= 0) end = bytes + last + 1;
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, end: () => end };
}
