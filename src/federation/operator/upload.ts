import { createHash, type Hash, timingSafeEqual } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '../../core/errors.js';
import { isBehindGzip, unpackGzip } from '../../core/import/gzip/unpack-gzip.js';
import { HttpRefusal } from '../http/refusal.js';
import { codingOf } from '../http/unpack.js';
import { type Digest, digestsOf } from './content-digest.js';

/** Left free on the disk, for the database and the log: more than all uploads write between two looks. */
const RESERVED_BYTES = 256 * 1024 * 1024;
/** Written by one upload before it looks again how much room the disk has. */
const LOOK_EVERY_BYTES = 16 * 1024 * 1024;
const CODINGS: ReadonlySet<string> = new Set(['identity', 'gzip', 'x-gzip']);

/** A body that arrived whole, and lies in a file. */
export interface Upload {
  /** As it was sent. */
  readonly bytes: number;
  /** Of these, hexadecimal. */
  readonly sha256: string;
}

/**
 * Writes the body of a request into a new file that this user alone can read, unpacked, in memory that does
 * not depend on its length.
 *
 * @param mostBytes - of what is sent, and of what that unpacks to.
 * @throws HttpRefusal 415 for another coding than gzip; DomainError INPUT_TOO_LARGE {most}, STATE_UNWRITABLE
 *   if the disk has no room; BAD_INPUT {digest | encoding | body} for one that is not what it says, is packed
 *   twice or was cut off. The file is gone then.
 */
export async function receiveUpload(
  { raw, headers }: Pick<FastifyRequest, 'raw' | 'headers'>,
  path: string,
  mostBytes: number,
): Promise<Upload> {
  const coding = codingOf({ headers });
  if (!CODINGS.has(coding)) {
    throw new HttpRefusal(415, { coding: 'unknown' }, { 'accept-encoding': 'gzip' });
  }
  const digests = digestsOf(headers['content-digest']);
  const said = Number(headers['content-length'] ?? 0);
  if (said > mostBytes) throw tooLarge(mostBytes);
  await requireRoom(path, said);
  const sent = sentBody(raw, mostBytes, digests);
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
  const closed = new Promise<void>((resolve) => void file.once('close', resolve));
  try {
    const unpacked = coding === 'identity' ? [] : unpackGzip();
    await pipeline([sent.body, ...unpacked, plainBody(path, mostBytes), file]);
    sent.requireDigests();
    return { bytes: sent.bytes(), sha256: sent.sha256() };
  } catch (failure) {
    // A refusal can come before the file is opened: what is removed only then would stay.
    file.destroy();
    await closed;
    await rm(path, { force: true });
    throw refusalOf(failure);
  }
}

async function requireRoom(path: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path));
  if (bavail * bsize < bytes + RESERVED_BYTES) {
    throw new DomainError('STATE_UNWRITABLE', { disk: 'has no room' });
  }
}

/** What comes, counted and hashed. It ends with a failure where the client leaves before the end. */
function sentBody(raw: Readable, mostBytes: number, digests: readonly Digest[]) {
  const hash = createHash('sha256');
  const others: readonly (Digest & { readonly hash: Hash })[] = digests.map((one) => {
    return { ...one, hash: createHash(one.algorithm) };
  });
  let bytes = 0;
  const body = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.byteLength;
      hash.update(chunk);
      for (const one of others) one.hash.update(chunk);
      if (bytes > mostBytes) done(tooLarge(mostBytes));
      else done(null, chunk);
    },
  });
  const cutOff = () => {
    if (!raw.readableEnded) body.destroy(new DomainError('BAD_INPUT', { body: 'was cut off' }));
  };
  raw.once('error', cutOff).once('close', cutOff);
  // Not as part of the pipeline: a refusal would close the connection before it is told.
  raw.pipe(body);
  return {
    body,
    bytes: () => bytes,
    sha256: () => hash.digest('hex'),
    requireDigests() {
      for (const { value, hash: found } of others) {
        const own = found.digest();
        if (own.length === value.length && timingSafeEqual(own, value)) continue;
        throw new DomainError('BAD_INPUT', { digest: 'is another' });
      }
    },
  };
}

/**
 * Bounds what is written, and refuses what is packed in itself: the importer would unpack it. How long it
 * unpacks to, nobody knows before, so that the disk's room is looked at on the way.
 */
function plainBody(path: string, mostBytes: number): Transform {
  let bytes = 0;
  let unlooked = 0;
  let start = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.byteLength;
      unlooked += chunk.byteLength;
      if (start.length < 2) start = Buffer.concat([start, chunk.subarray(0, 2)]);
      if (bytes > mostBytes) done(tooLarge(mostBytes));
      else if (start[0] === 0x1f && start[1] === 0x8b) {
        done(
          new DomainError('BAD_INPUT', { encoding: 'gzip that Content-Encoding does not name' }),
        );
      } else if (unlooked < LOOK_EVERY_BYTES) done(null, chunk);
      else {
        unlooked = 0;
        requireRoom(path, 0).then(() => done(null, chunk), done);
      }
    },
    flush(done) {
      done(bytes === 0 ? new DomainError('BAD_INPUT', { body: 'is empty' }) : null);
    },
  });
}

function refusalOf(failure: unknown): unknown {
  if (failure instanceof DomainError) return failure;
  if (isBehindGzip(failure)) {
    return new DomainError('BAD_INPUT', { encoding: 'gzip with more behind it' });
  }
  const { code } = failure as NodeJS.ErrnoException;
  if (code?.startsWith('Z_')) return new DomainError('BAD_INPUT', { encoding: 'is no gzip' });
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new DomainError('STATE_UNWRITABLE', { disk: 'has no room' });
  }
  return failure;
}

function tooLarge(most: number): DomainError {
  return new DomainError('INPUT_TOO_LARGE', { most });
}
