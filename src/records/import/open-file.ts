import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { sha256Hex } from '../../core/canonical.js';
import { DomainError } from '../../core/errors.js';
import { unpackGzip } from '../../core/import/gzip/unpack-gzip.js';
import { isPacked } from '../../core/import/import-files.js';
import type { Origin } from './bundle.js';

/** Bytes at each end of a file that tell it from another of the same size and time. */
const BLOCK_BYTES = 64 * 1024;
/** Bytes read at a time. */
const CHUNK_BYTES = 256 * 1024;

/** A file of lines: its identity, and what is needed to read it. */
export interface LinesFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Digest of size, modification time, first and last block: it changes with the file. */
  readonly identity: string;
  readonly read: Pick<Origin, 'server' | 'longIds'>;
}

/**
 * @param read - the options it is read with: an import with other options does not resume this one.
 * @throws DomainError FILE_UNREADABLE.
 */
export async function findLinesFile(
  path: string,
  read: Pick<Origin, 'server' | 'longIds'>,
): Promise<LinesFile> {
  return reading(async () => {
    const handle = await open(path);
    try {
      const { size, mtimeMs } = await handle.stat();
      const first = await blockAt(handle, 0);
      const last = await blockAt(handle, Math.max(0, size - BLOCK_BYTES));
      const how = JSON.stringify([size, mtimeMs, read.server, read.longIds]);
      const identity = sha256Hex(how, first, last);
      return { path, sizeBytes: size, identity, read };
    } finally {
      await handle.close();
    }
  });
}

/**
 * The bytes of a file from an offset on, decompressed if it is gzip, at the reader's pace.
 *
 * @param onRead - called with the number of bytes read from the file itself.
 * @throws DomainError FILE_UNREADABLE, also in the middle of it.
 */
export async function* bytesOf(
  path: string,
  fromByte: number,
  onRead: (bytes: number) => void = () => undefined,
): AsyncGenerator<Buffer> {
  const packed = await isPacked(path);
  const start = packed ? 0 : fromByte;
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES, start });
  const bytes = packed ? pipeline([file, ...unpackGzip()], () => undefined) : file;
  // A compressed file can only be read from its beginning.
  let skip = fromByte - start;
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      onRead(start + file.bytesRead);
      if (skip < chunk.length) yield chunk.subarray(skip);
      skip = Math.max(0, skip - chunk.length);
    }
  } catch (cause) {
    throw new DomainError('FILE_UNREADABLE', {}, cause);
  } finally {
    file.destroy();
  }
}

/** @throws DomainError FILE_UNREADABLE if the file is no longer the one that was found. */
export async function requireUnchanged(file: LinesFile): Promise<void> {
  const { identity } = await findLinesFile(file.path, file.read);
  if (identity === file.identity) return;
  throw new DomainError('FILE_UNREADABLE', { detail: 'the file changed while it was read' });
}

const RESOURCE_TYPE = /"resourceType"\s*:\s*"([A-Za-z]{1,40})"/;

/** The resourceType of the first resource in a file; undefined if none is found. */
export async function firstTypeIn(path: string): Promise<string | undefined> {
  try {
    for await (const chunk of bytesOf(path, 0)) {
      return RESOURCE_TYPE.exec(chunk.toString('utf8', 0, BLOCK_BYTES))?.[1];
    }
  } catch {
    // The import itself reports why it cannot be read.
  }
  return undefined;
}

/** Size of a file in bytes; 0 if it cannot be read. */
export async function sizeBytesOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

async function blockAt(handle: FileHandle, position: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(BLOCK_BYTES), { position });
  return buffer.subarray(0, bytesRead);
}

async function reading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new DomainError('FILE_UNREADABLE', {}, cause);
  }
}
