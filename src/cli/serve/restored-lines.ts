import type { Restored } from '../../consent/anchoring/restored.js';
import type { InstitutionId } from '../../core/ids.js';
import { isoFromSeconds } from '../../core/time.js';

/** What `assent register accept-restore` prints: what the backup has, and what is lost. */
export function linesOfRestored(
  institution: InstitutionId,
  { anchors, known, endsAt, anchoredAt, leaves, entries }: Restored,
): readonly string[] {
  const since = endsAt === undefined ? 'the beginning' : isoFromSeconds(endsAt);
  return [
    `${institution} continues with ${known} of its ${anchors} anchors; ${anchors - known} ` +
      'are lost',
    `lost: whatever was registered, linked, imported or released here from ${since} to ` +
      `${isoFromSeconds(anchoredAt)}, and since`,
    `the shard has ${leaves} leaves: consents at higher indexes are lost, and their ` +
      'participants must register them again',
    `the log of disclosures has ${entries.DISCLOSURES} entries and that of records ${entries.RECORDS}; the other institutions know how many there were`,
    'withdrawals and erasures come back from the other institutions before the node serves',
    'the others name this institution EVIDENCE_INCONSISTENT until they have renewed its keys by a vote, and the gap for ever',
  ];
}
