import { clockOf } from '../../../src/core/clock.js';
import { toInstitutionId } from '../../../src/core/ids.js';
import { openFreshPglite } from '../store/fresh-pglite.js';
import { linkable } from './link-key.js';

/** A clock that only a test moves. */
export function settableClock(iso: string) {
  let nowMs = Date.parse(iso);
  const clock = clockOf(() => nowMs);
  function advance(ms: number): void {
    nowMs += ms;
  }
  return { clock, advance };
}

/** One institution's register on an embedded database in memory. */
export async function openHospital(id = 'riverside-hospital') {
  const server = await openFreshPglite();
  const { clock, advance } = settableClock('2026-06-01T12:00:00Z');
  const institution = toInstitutionId(id);
  const context = linkable({ db: await server.open(institution), institution, clock });
  return { context, advance, close: () => server.close() };
}
