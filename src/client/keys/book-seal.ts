import { base64url } from 'jose';
import { z } from 'zod';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import { MAX_TIME_SECONDS, type Seconds } from '../../core/time.js';
import { BACKUP_FORM, MAX_BACKUP_CHARACTERS } from '../../core/wallet-backup.js';
import { parseCanonicalDecimal } from '../../zk/arithmetic/field.js';
import { DEVICES, SERIAL_LIMIT } from '../../zk/serial.js';
import { PURPOSE_BITS, type Purpose } from '../../zk/vocabulary.js';
import type { SerialBook } from './serial-book.js';
import type { SignedSerial } from './signed-serials.js';

/** Where a backup belongs. It opens nowhere else, so that no backup is taken for another. */
export interface BackupPosition {
  /** studyField. */
  readonly study: bigint;
  readonly institution: InstitutionId;
  /** 1 for the first one at the institution, then one more for each. */
  readonly sequence: number;
}

const FORM = 'assent/book/1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** A book is padded to a multiple of this, so that 20 consents look the same as none. */
const STEP_BYTES = 4_096;
const MAX_BYTES = Math.floor((MAX_BACKUP_CHARACTERS * 3) / 4) - NONCE_BYTES - TAG_BYTES;

const decimal = z.string().transform(parseCanonicalDecimal);
const BookForm = z.strictObject({
  form: z.literal(FORM),
  devices: z.array(
    z.strictObject({
      id: z.string().regex(/^[0-9a-f]{32}$/),
      number: z
        .int()
        .min(0)
        .max(DEVICES - 1),
    }),
  ),
  signed: z.array(
    z.strictObject({
      serial: decimal.refine((serial) => serial < SERIAL_LIMIT),
      requester: decimal,
      purposes: z.array(z.enum(Object.keys(PURPOSE_BITS) as [Purpose, ...Purpose[]])),
      until: z.int().min(0).max(MAX_TIME_SECONDS),
    }),
  ),
});

/**
 * Seals a book for one institution: AES-256-GCM with a random nonce, the position as associated data.
 * The institution learns that there is a book, when it changes, and its size in steps of 4 KiB.
 *
 * @param key - 32 bytes: the bookKey of the study.
 * @returns base64url of nonce, ciphertext and tag.
 * @throws DomainError INPUT_TOO_LARGE for more than 48 KiB, about 250 consents that are still
 *   valid.
 */
export async function sealBook(
  book: SerialBook,
  key: Uint8Array,
  position: BackupPosition,
  nowSeconds: Seconds,
): Promise<string> {
  const nonce = globalThis.crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const bytes = padded(writeBook(book, nowSeconds));
  const sealed = await globalThis.crypto.subtle.encrypt(
    algorithm(nonce, position),
    await importKey(key, 'encrypt'),
    bytes,
  );
  return base64url.encode(new Uint8Array([...nonce, ...new Uint8Array(sealed)]));
}

/**
 * Opens a sealed book.
 *
 * @throws DomainError SEALED_UNREADABLE for another key or position, or a single changed bit.
 */
export async function openBook(
  backup: string,
  key: Uint8Array,
  position: BackupPosition,
): Promise<SerialBook> {
  const isFormed = BACKUP_FORM.test(backup) && backup.length <= MAX_BACKUP_CHARACTERS;
  if (!isFormed) throw new DomainError('SEALED_UNREADABLE', { form: FORM });
  try {
    const bytes = base64url.decode(backup);
    const nonce = bytes.slice(0, NONCE_BYTES);
    const opened = await globalThis.crypto.subtle.decrypt(
      algorithm(nonce, position),
      await importKey(key, 'decrypt'),
      bytes.slice(NONCE_BYTES),
    );
    const { devices, signed } = BookForm.parse(JSON.parse(new TextDecoder().decode(opened)));
    return { devices, signed };
  } catch {
    throw new DomainError('SEALED_UNREADABLE', { form: FORM });
  }
}

/** Writes a book. If it is too long, consents that can no longer be registered are left out. */
function writeBook(book: SerialBook, nowSeconds: Seconds): Uint8Array {
  const whole = encode(book);
  if (whole.length <= MAX_BYTES) return whole;
  const valid = book.signed.filter(({ until }) => until > nowSeconds);
  const shorter = encode({ ...book, signed: valid });
  if (shorter.length <= MAX_BYTES) return shorter;
  throw new DomainError('INPUT_TOO_LARGE', { argument: 'backup', most: MAX_BYTES });
}

function encode({ devices, signed }: SerialBook): Uint8Array {
  const text = JSON.stringify({
    form: FORM,
    devices: devices.map(({ id, number }) => ({ id, number })),
    signed: signed.map(inDecimals),
  });
  return new TextEncoder().encode(text);
}

function inDecimals({ serial, requester, purposes, until }: SignedSerial) {
  return { serial: String(serial), requester: String(requester), purposes, until };
}

/** Padded with spaces, in which JSON may end. */
function padded(text: Uint8Array): Uint8Array<ArrayBuffer> {
  const steps = Math.ceil(text.length / STEP_BYTES);
  const bytes = new Uint8Array(steps * STEP_BYTES).fill(' '.charCodeAt(0));
  bytes.set(text);
  return bytes;
}

function algorithm(iv: Uint8Array<ArrayBuffer>, { study, institution, sequence }: BackupPosition) {
  const position = [FORM, study, institution, sequence].join('|');
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(position) };
}

function importKey(key: Uint8Array, use: 'encrypt' | 'decrypt') {
  return globalThis.crypto.subtle.importKey('raw', new Uint8Array(key), 'AES-GCM', false, [use]);
}
