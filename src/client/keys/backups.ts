import type { ErrorCode } from '../../core/error-codes.js';
import { DomainError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Seconds } from '../../core/time.js';
import type { EddsaPublicKey, EddsaSignature } from '../../zk/eddsa.js';
import { openBook, sealBook } from './book-seal.js';
import { type BookStore, mergeBooks, newBook, type SerialBook } from './serial-book.js';
import type { StudyKeys, StudyName } from './study-keys.js';

/** How a wallet signs for an institution that keeps a backup of its book. */
export interface BackupSigner {
  readonly name: StudyName;
  readonly publicKey: EddsaPublicKey;
  /** Signs a request to keep a backup in place of the previous one. */
  signBackup(institution: InstitutionId, sequence: number, backup: string): EddsaSignature;
  /** Signs a request for the backup, now, in the session of that holder. */
  signBackupRead(
    institution: InstitutionId,
    holder: bigint,
  ): {
    readonly at: Seconds;
    readonly signature: EddsaSignature;
  };
}

/** What an institution keeps. Sequence 0 and null mean that it never kept a backup. */
export interface KeptBackup {
  readonly sequence: number;
  readonly backup: string | null;
}

/** An institution that keeps backups for participants who are linked there. */
export interface BackupPlace {
  readonly institution: InstitutionId;
  /** @throws DomainError PSEUDONYM_NOT_LINKED, SOURCE_FAILED */
  read(signer: BackupSigner): Promise<KeptBackup>;
  /** @throws DomainError BACKUP_NOT_NEWER, PSEUDONYM_NOT_LINKED, SOURCE_FAILED */
  keep(signer: BackupSigner, next: { sequence: number; backup: string }): Promise<void>;
}

/**
 * Where the book of a study is backed up. 'NONE' is the person's decision: if this device loses the
 * book, the consents that it signed can no longer be withdrawn.
 */
export type Backups =
  | 'NONE'
  | {
      /**
       * Only places where the participant is linked: others would learn a pseudonym that they need
       * not know.
       */
      readonly places: readonly [BackupPlace, ...BackupPlace[]];
      /** How many must keep it before a signature is given out: 2 if there are two. */
      readonly copies?: number;
    };

/** The book of one study, and its backups. */
export interface BackedUpBook {
  readonly keys: StudyKeys;
  readonly signer: BackupSigner;
  readonly store: BookStore;
  readonly backups: Backups;
  readonly nowSeconds: Seconds;
}

/** An institution that answered, and the book in its backup; null: none yet. */
interface Answered {
  readonly place: BackupPlace;
  readonly sequence: number;
  readonly book: SerialBook | null;
}

/** The backups of one book that could be read. */
export interface ReadBackups {
  readonly answered: readonly Answered[];
  /** Institutions that did not answer, with the code of the failure. */
  readonly unanswered: readonly { readonly institution: InstitutionId; readonly code: ErrorCode }[];
}

/** Two devices that write at once retry in turn; more rounds than this cannot be a coincidence. */
const ROUNDS = 4;

/** Each institution once: two routes to the same one are a single copy. */
export function placesOf(backups: Backups): readonly BackupPlace[] {
  const places = backups === 'NONE' ? [] : backups.places;
  return [...new Map(places.map((place) => [place.institution, place])).values()];
}

export function copiesOf(backups: Backups): number {
  if (backups === 'NONE') return 0;
  return backups.copies ?? Math.min(2, placesOf(backups).length);
}

/** Asks every place, and opens its backup. A backup that does not open counts as no answer. */
export async function readBackups(
  { keys, signer }: Pick<BackedUpBook, 'keys' | 'signer'>,
  places: readonly BackupPlace[],
): Promise<ReadBackups> {
  const all = await Promise.all(
    places.map((place) =>
      orCode(place, async (): Promise<Answered> => {
        const { sequence, backup } = await place.read(signer);
        if (backup === null) return { place, sequence: 0, book: null };
        const position = { study: keys.study, institution: place.institution, sequence };
        return { place, sequence, book: await openBook(backup, keys.bookKey, position) };
      }),
    ),
  );
  return {
    answered: all.flatMap((one) => ('code' in one ? [] : [one])),
    unanswered: all.flatMap((one) => ('code' in one ? [one] : [])),
  };
}

/** Adds to this device's book what other devices have written into the backups. */
export async function mergeInto(
  { keys, store }: Pick<BackedUpBook, 'keys' | 'store'>,
  { answered }: Pick<ReadBackups, 'answered'>,
): Promise<void> {
  const books = answered.flatMap(({ book }) => (book === null ? [] : [book]));
  await store.update(keys.study, (own) => books.reduce(mergeBooks, own ?? newBook(books[0])));
}

/**
 * Has every place that answered keep this device's book. If another device was faster, its book is
 * read, merged and kept together with this one.
 *
 * A place that did not answer is not written to: another device's entries there could be lost.
 *
 * @returns the institutions that keep it now.
 * @throws DomainError BACKUP_INCOMPLETE if they are fewer than the required copies.
 */
export async function keepBackups(
  book: BackedUpBook,
  read: ReadBackups,
): Promise<readonly InstitutionId[]> {
  const kept: InstitutionId[] = [];
  let waiting = read.answered;
  for (let round = 0; round < ROUNDS && waiting.length > 0; round += 1) {
    const outcomes = await Promise.all(waiting.map((one) => keepAt(book, one)));
    kept.push(...outcomes.flatMap((one) => ('code' in one ? [] : [one.institution])));
    const overtaken = waiting.filter(({ place }) =>
      outcomes.some(
        (one) =>
          'code' in one && one.code === 'BACKUP_NOT_NEWER' && one.institution === place.institution,
      ),
    );
    const again = await readBackups(
      book,
      overtaken.map(({ place }) => place),
    );
    if (again.answered.length > 0) await mergeInto(book, again);
    waiting = again.answered;
  }
  const copies = copiesOf(book.backups);
  if (kept.length < copies) {
    throw new DomainError('BACKUP_INCOMPLETE', { kept: kept.length, copies });
  }
  return kept;
}

async function keepAt(book: BackedUpBook, { place, sequence: last }: Answered) {
  const { keys, signer, store, nowSeconds } = book;
  const { institution } = place;
  return orCode(place, async () => {
    const own = await store.read(keys.study);
    if (own === undefined) throw new DomainError('WALLET_NOT_RESTORED');
    const sequence = last + 1;
    const position = { study: keys.study, institution, sequence };
    const backup = await sealBook(own, keys.bookKey, position, nowSeconds);
    await place.keep(signer, { sequence, backup });
    return { institution };
  });
}

async function orCode<Result>({ institution }: BackupPlace, work: () => Promise<Result>) {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof DomainError)) throw thrown;
    return { institution, code: thrown.code };
  }
}
