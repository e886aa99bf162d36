import type { Restored } from '../../consent/anchoring/restored.js';
import type { InstitutionId } from '../../core/ids.js';
import { isoFromSeconds } from '../../core/time.js';

/** What `assent register accept-restore` says: what is here, and that all else is lost. */
export function linesOfRestored(
  institution: InstitutionId,
  { anchors, known, endsAt, anchoredAt, leaves, entries }: Restored,
): readonly string[] {
  const since = endsAt === undefined ? 'the beginning' : isoFromSeconds(endsAt);
  return [
    `${institution} goes on with ${known} of its ${anchors} anchors; ${anchors - known} are lost`,
    `lost is what was registered, linked, imported or released here from ${since} to ${isoFromSeconds(anchoredAt)}, and since`,
    `the shard has ${leaves} leaves: consents at higher places are lost, and their participants register them again`,
    `the log of disclosures has ${entries.DISCLOSURES} entries and that of records ${entries.RECORDS}; the other institutions know how many there were`,
    'withdrawals and erasures come back from the other institutions before the node serves',
    'the others name this institution EVIDENCE_INCONSISTENT until they have renewed its keys by a vote, and the gap for ever',
  ];
}
