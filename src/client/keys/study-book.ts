import type { ErrorCode } from '../../core/error-codes.js';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import {
  type BackedUpBook,
  copiesOf,
  keepBackups,
  mergeInto,
  placesOf,
  type ReadBackups,
  readBackups,
} from './backups.js';
import { mergeBooks, newBook, type OwnBook, withSigned } from './serial-book.js';
import { nextSerial, type SignedSerial, supersededBy } from './signed-serials.js';

/** The result of restoring a book. */
export interface RestoredBook {
  /** Institutions that answered, including those that say that they never kept a backup. */
  readonly answered: readonly InstitutionId[];
  /** Institutions that did not answer: consents that only these know of are missing. */
  readonly unanswered: readonly { readonly institution: InstitutionId; readonly code: ErrorCode }[];
  /** Institutions that answered with less than the others, for example with an old backup. */
  readonly behind: readonly InstitutionId[];
}

/** The book of a study: what a seed has signed there, on any device. */
export interface StudyBook {
  /** Whether this device may sign, because it knows what was signed before. */
  isOpen(): Promise<boolean>;
  /** All that was signed, registered or not. @throws DomainError WALLET_NOT_RESTORED */
  signed(): Promise<readonly SignedSerial[]>;
  /**
   * Opens the book on a device where the seed was entered. All backups are merged, so that an
   * institution that answers with an old one removes nothing.
   *
   * @param options.answers - how many institutions must answer; by default as many as keep copies,
   *   unless the person accepts fewer.
   * @throws DomainError BACKUP_INCOMPLETE if fewer answer.
   */
  restore(options?: { readonly answers?: number }): Promise<RestoredBook>;
  /** Opens the book of a new seed, which has signed nothing in this study. */
  begin(): Promise<void>;
  /**
   * Opens the book although no backup is available any more.
   *
   * @param known - what is still known, for instance from listMine. A consent that was never
   *   registered can no longer be replaced, because nobody knows its serial.
   */
  declareLost(known: readonly SignedSerial[]): Promise<void>;
  /**
   * Merges this device's book and the backups, both ways.
   *
   * @returns the institutions that keep a backup now.
   * @throws DomainError WALLET_NOT_RESTORED, BACKUP_INCOMPLETE
   */
  backUp(): Promise<readonly InstitutionId[]>;
}

/**
 * Records the next consent, here and in the backups, before it is signed.
 *
 * @param make - makes the consent and its entry for a serial; if it throws, nothing is recorded.
 * @returns the serials that the consent replaces, those of other devices included.
 * @throws DomainError WALLET_NOT_RESTORED, BACKUP_INCOMPLETE
 */
export async function enterConsent<Made extends { readonly entry: SignedSerial }>(
  book: BackedUpBook,
  make: (serial: bigint) => Made,
): Promise<Made & { readonly superseded: readonly bigint[] }> {
  const { store, keys } = book;
  await requireOpen(book);
  const read = await learn(book);
  let made: Made | undefined;
  await store.update(keys.study, (known) => {
    const own = requireBook(known);
    made = make(nextSerial(own.signed, own.device.number, book.nowSeconds));
    return withSigned(own, made.entry);
  });
  if (made === undefined) throw new DomainError('INTERNAL');
  await keepBackups(book, read);
  const { signed } = await requireOpen(book);
  const superseded = supersededBy(signed, made.entry).map(({ serial }) => serial);
  return { ...made, superseded };
}

/** The book of a study, as the wallet offers it to its owner. */
export function studyBook(current: () => BackedUpBook): StudyBook {
  return {
    async isOpen() {
      const { store, keys } = current();
      return (await store.read(keys.study)) !== undefined;
    },
    signed: async () => (await requireOpen(current())).signed,
    restore: (options) => restoreBook(current(), options?.answers),
    begin: () => openWith(current(), []),
    declareLost: (known) => openWith(current(), known),
    async backUp() {
      const book = current();
      await requireOpen(book);
      return keepBackups(book, await learn(book));
    },
  };
}

async function restoreBook(
  book: BackedUpBook,
  answers = Math.max(1, copiesOf(book.backups)),
): Promise<RestoredBook> {
  const read = await readBackups(book, placesOf(book.backups));
  const answered = read.answered.map(({ place }) => place.institution);
  if (answered.length === 0 || answered.length < answers) {
    throw new DomainError('BACKUP_INCOMPLETE', { answered: answered.length, answers });
  }
  await mergeInto(book, read);
  return { answered, unanswered: read.unanswered, behind: behindOf(read) };
}

async function openWith(
  { store, keys }: BackedUpBook,
  signed: readonly SignedSerial[],
): Promise<void> {
  await store.update(keys.study, (own) => mergeBooks(own ?? newBook(), { devices: [], signed }));
}

/** Reads the backups before writing: another device may have signed since. */
async function learn(book: BackedUpBook): Promise<ReadBackups> {
  const read = await readBackups(book, placesOf(book.backups));
  if (read.answered.length > 0) await mergeInto(book, read);
  return read;
}

function behindOf({ answered }: ReadBackups): readonly InstitutionId[] {
  const sizeOf = (serials: readonly SignedSerial[]) =>
    new Set(serials.map(({ serial }) => serial)).size;
  const all = sizeOf(answered.flatMap(({ book }) => book?.signed ?? []));
  return answered
    .filter(({ book }) => sizeOf(book?.signed ?? []) < all)
    .map(({ place }) => place.institution);
}

async function requireOpen({ store, keys }: BackedUpBook): Promise<OwnBook> {
  return requireBook(await store.read(keys.study));
}

function requireBook(book: OwnBook | undefined): OwnBook {
  if (book === undefined) throw new DomainError('WALLET_NOT_RESTORED');
  return book;
}
