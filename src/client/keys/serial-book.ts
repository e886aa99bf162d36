import { DEVICES } from '../../zk/serial.js';
import type { SignedSerial } from './signed-serials.js';

/** One of the devices that hold a participant's seed, as it is known in one study. */
export interface Device {
  /** 128 random bits, hex: no two devices have the same, nor one device in two studies. */
  readonly id: string;
  /** Its place in serials. Random too, so that it says nothing to whoever sees serials. */
  readonly number: number;
}

/** What a seed has signed in one study: the part that all its devices share, and that is backed up. */
export interface SerialBook {
  /** A device that had to choose another number stands here with both. */
  readonly devices: readonly Device[];
  readonly signed: readonly SignedSerial[];
}

/** A book as one device has it. */
export interface OwnBook extends SerialBook {
  readonly device: Device;
}

/**
 * Where a device keeps its books, one a study. Not secret, but a book does say whom one has dealings
 * with.
 */
export interface BookStore {
  /** Undefined: this device does not know what the seed has signed in that study. */
  read(study: bigint): Promise<OwnBook | undefined>;
  /**
   * Puts what `change` makes of a book in its place, and is done when it will survive a crash. No
   * other change comes between, from another window of the device neither, or two consents get one
   * serial. If `change` throws, nothing is changed.
   */
  update(study: bigint, change: (book: OwnBook | undefined) => OwnBook): Promise<OwnBook>;
}

/** Books that last as long as the process. */
export function memoryBooks(): BookStore {
  const books = new Map<bigint, OwnBook>();
  return {
    read: async (study) => books.get(study),
    update: async (study, change) => {
      const book = change(books.get(study));
      books.set(study, book);
      return book;
    },
  };
}

/** A book in which nothing is signed, for a device that chooses a number that none of others has. */
export function newBook(others: SerialBook = { devices: [], signed: [] }): OwnBook {
  const id = randomId();
  const device = { id, number: freeNumber(id, others.devices) };
  return { device, devices: [...others.devices, device], signed: others.signed };
}

/**
 * A book with all that another one says: books only grow, so that two devices lose nothing by writing
 * at the same time, and an old copy takes nothing away.
 *
 * Of two devices with one number, the one whose id is greater chooses another.
 */
export function mergeBooks(own: OwnBook, other: SerialBook): OwnBook {
  const signed = unionBy(own.signed, other.signed, (one) => `${one.serial}|${one.requester}`);
  const devices = unionBy(own.devices, other.devices, nameOf);
  const { id, number } = own.device;
  const yields = devices.some((one) => one.number === number && one.id < id);
  if (!yields) return { ...own, devices, signed };
  const device = { id, number: freeNumber(id, devices) };
  return { device, devices: [...devices, device], signed };
}

/** Writes a signed consent down. */
export function withSigned(book: OwnBook, entry: SignedSerial): OwnBook {
  return { ...book, signed: [...book.signed, entry] };
}

function freeNumber(id: string, devices: readonly Device[]): number {
  const taken = new Set(devices.filter((one) => one.id !== id).map(({ number }) => number));
  for (;;) {
    const [number = 0] = globalThis.crypto.getRandomValues(new Uint16Array(1));
    if (!taken.has(number % DEVICES)) return number % DEVICES;
  }
}

function randomId(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function nameOf({ id, number }: Device): string {
  return `${id}|${number}`;
}

function unionBy<Item>(
  one: readonly Item[],
  other: readonly Item[],
  keyOf: (item: Item) => string,
): readonly Item[] {
  const known = new Set(one.map(keyOf));
  return [...one, ...other.filter((item) => !known.has(keyOf(item)))];
}
