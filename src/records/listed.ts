import type { DomainError } from '../core/errors.js';
import type { Pseudonym, StudyId } from '../core/ids.js';
import { undecided } from '../graph/ask.js';
import type { ParticipantRef } from './model.js';
import type { RecordsSource } from './source.js';

/**
 * A study's own list cut to these, in the order asked: whom it does not show nobody finds by name.
 *
 * @returns SOURCE_UNAVAILABLE in the place of one whom nobody shows while a source is silent.
 */
export async function listedParticipants<Opened>(
  source: Pick<RecordsSource<Opened>, 'participants'>,
  opened: Opened,
  study: StudyId,
  pseudonyms: readonly Pseudonym[],
): Promise<readonly (ParticipantRef | undefined | DomainError)[]> {
  const question = { first: pseudonyms.length, after: null, pseudonyms };
  const { nodes, sources } = await source.participants(opened, study, question);
  const shown = new Map(nodes.map((node) => [node.pseudonym, node]));
  return pseudonyms.map((pseudonym) => shown.get(pseudonym) ?? undecided(sources));
}
