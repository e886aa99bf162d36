import { undecided } from '../graph/ask.js';
import { toGtin, toSerial } from './gs1.js';
import type { Lot } from './model.js';
import type { LotKey } from './source.js';

/** @returns null for a lot that no source knows. @throws DomainError SOURCE_UNAVAILABLE */
export function orUnknown(found: Lot): Lot | null {
  if (found.holders.length > 0) return found;
  const silence = undecided(found.sources);
  if (silence !== undefined) throw silence;
  return null;
}

/** Whether a lot can have this key. No source is asked for an impossible one. */
export function isLotKey({ gtin, lot }: LotKey): boolean {
  try {
    return toGtin(gtin) === gtin && toSerial(lot, 'lot') === lot;
  } catch {
    return false;
  }
}
