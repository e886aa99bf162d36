import type { DomainError } from '../../core/errors.js';
import type { Pseudonym, StudyId } from '../../core/ids.js';
import { undecided } from '../../graph/ask.js';
import type { Page } from '../../graph/federated.js';
import type { ParticipantRef } from '../model/model.js';
import { type RecordsSource, studiesPerQuestion } from './records-source.js';

/** A participant asked for by name. */
export interface NamedParticipant {
  readonly study: StudyId;
  readonly pseudonym: Pseudonym;
}

/**
 * Each study's list restricted to these participants, in the order asked. A participant whom the
 * list does not show cannot be found by name either. Many studies are asked about in one question.
 *
 * @param named - MAX_PAGE at most.
 * @returns SOURCE_UNAVAILABLE in place of a participant whom no source shows while one does not
 *   answer.
 */
export async function listedParticipants<Opened>(
  source: Pick<RecordsSource<Opened>, 'participants'>,
  opened: Opened,
  named: readonly NamedParticipant[],
): Promise<readonly (ParticipantRef | undefined | DomainError)[]> {
  const pseudonyms = [...new Set(named.map(({ pseudonym }) => pseudonym))].sort();
  const question = { first: pseudonyms.length, after: null, pseudonyms };
  const pages = new Map<StudyId, ListedPage>();
  const ask = async (studies: readonly StudyId[]) => {
    const lists = await source.participants(opened, studies, question);
    for (const [i, study] of studies.entries()) {
      const { nodes = [], sources = [] } = lists[i] ?? {};
      pages.set(study, { shown: new Map(nodes.map((node) => [node.pseudonym, node])), sources });
    }
  };
  const studies = [...new Set(named.map(({ study }) => study))];
  await Promise.all(inGroups(studies, studiesPerQuestion(question)).map(ask));
  return named.map(({ study, pseudonym }) => {
    const { shown, sources = [] } = pages.get(study) ?? {};
    return shown?.get(pseudonym) ?? undecided(sources);
  });
}

interface ListedPage {
  readonly shown: ReadonlyMap<Pseudonym, ParticipantRef>;
  readonly sources: Page<ParticipantRef>['sources'];
}

function inGroups<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const groups: (readonly Item[])[] = [];
  for (let i = 0; i < items.length; i += size) groups.push(items.slice(i, i + size));
  return groups;
}
