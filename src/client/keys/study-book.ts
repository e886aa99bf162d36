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

/** What came of restoring a book. */
export interface RestoredBook {
  /** Whose backups it was made of, with those that say that they never kept one. */
  readonly answered: readonly InstitutionId[];
  /** Consents that only these know of are missing. */
  readonly unanswered: readonly { readonly institution: InstitutionId; readonly code: ErrorCode }[];
  /** Who answered with less than the others, for example with an old backup. */
  readonly behind: readonly InstitutionId[];
}

/** The book of a study: what a seed has signed there, on whichever device. */
export interface StudyBook {
  /** Whether this device may sign: it knows what was signed before. */
  isOpen(): Promise<boolean>;
  /** All that was signed, registered or not. @throws DomainError WALLET_NOT_RESTORED */
  signed(): Promise<readonly SignedSerial[]>;
  /**
   * Opens the book on a device to which the seed was typed in. All that backups say is added up, so
   * that an institution that answers with an old one takes nothing away.
   *
   * @param options.answers - how many institutions have to answer; as many as copies are kept unless
   * the person decides that fewer will do.
   * @throws DomainError BACKUP_INCOMPLETE if they are fewer.
   */
  restore(options?: { readonly answers?: number }): Promise<RestoredBook>;
  /** Opens the book of a seed that was made just now and has signed nothing in this study. */
  begin(): Promise<void>;
  /**
   * Opens the book although no backup can be had any more.
   *
   * @param known - what can still be told, for instance by listMine. No later consent ends a paper
   * that was never registered: nobody knows its serial.
   */
  declareLost(known: readonly SignedSerial[]): Promise<void>;
  /**
   * Has the backups say what this device knows, and this device what they say.
   *
   * @returns who keeps one now.
   * @throws DomainError WALLET_NOT_RESTORED, BACKUP_INCOMPLETE
   */
  backUp(): Promise<readonly InstitutionId[]>;
}

/**
 * Writes down the next consent, here and in the backups, before it is signed.
 *
 * @param make - what of a consent is written down, of its serial; what it throws writes nothing.
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

/** The book of a study, as the wallet shows it to its person. */
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
