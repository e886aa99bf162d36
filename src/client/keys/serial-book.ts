import { DEVICES } from '../../zk/serial.js';
import type { SignedSerial } from './signed-serials.js';

/** One of the devices that hold a participant's seed, as it is known in one study. */
export interface Device {
  /** 128 random bits, hex; different for every device and every study. */
  readonly id: string;
  /** Its number inside serials. Also random, so that serials reveal nothing about devices. */
  readonly number: number;
}

/**
 * What a seed has signed in one study: the part that all its devices share and that is backed up.
 */
export interface SerialBook {
  /** A device that had to choose another number is listed with both. */
  readonly devices: readonly Device[];
  readonly signed: readonly SignedSerial[];
}

/** The book of one device. */
export interface OwnBook extends SerialBook {
  readonly device: Device;
}

/**
 * Where a device keeps its books, one per study. Not secret, but a book reveals whom a person deals
 * with.
 */
export interface BookStore {
  /** @returns undefined if this device does not know what the seed has signed in that study. */
  read(study: bigint): Promise<OwnBook | undefined>;
  /**
   * Replaces a book with the result of `change`, and resolves once it would survive a crash. Must
   * be atomic, even across windows of the device, or two consents could get the same serial. If
   * `change` throws, nothing changes.
   */
  update(study: bigint, change: (book: OwnBook | undefined) => OwnBook): Promise<OwnBook>;
}

/** Books in memory, which last as long as the process. */
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

/** An empty book, for a device that chooses a number that no other device has. */
export function newBook(others: SerialBook = { devices: [], signed: [] }): OwnBook {
  const id = randomId();
  const device = { id, number: freeNumber(id, others.devices) };
  return { device, devices: [...others.devices, device], signed: others.signed };
}

/**
 * A book with everything that another one contains. Books only grow, so that two devices lose
 * nothing by writing at the same time, and an old copy removes nothing.
 *
 * If two devices have the same number, the one with the greater id chooses another.
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

/** The book with a signed consent added. */
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
