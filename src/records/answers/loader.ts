import DataLoader from 'dataloader';
import { canonicalJson } from '../../core/canonical.js';
import type { Pseudonym, StudyId } from '../../core/ids.js';
import type { SubgraphContext } from '../../graph/context.js';
import type { Page } from '../../graph/federated.js';
import { MAX_PAGE } from '../../graph/page.js';
import { perRequest } from '../../graph/per-request.js';
import type { KindName, RowOf } from '../kinds/kinds.js';
import type { Demographics, ParticipantRef } from '../model/model.js';
import { listedParticipants, type NamedParticipant } from './listed.js';
import {
  type ParticipantsQuestion,
  type RecordPage,
  type RecordQuestion,
  type RecordsSource,
  studiesPerQuestion,
} from './records-source.js';

/**
 * What resolvers read through. Calls made at the same time are joined into one question per kind.
 */
export interface Loader<Opened> {
  /** A page of one study's participants. */
  participants(
    context: SubgraphContext<Opened>,
    study: StudyId,
    question: ParticipantsQuestion,
  ): Promise<Page<ParticipantRef>>;
  participant(
    context: SubgraphContext<Opened>,
    pseudonym: Pseudonym,
  ): Promise<ParticipantRef | undefined>;
  /**
   * One of a study's participants, as the study's list would show it.
   *
   * @throws DomainError SOURCE_UNAVAILABLE if no source shows it and one does not answer.
   */
  participantOf(
    context: SubgraphContext<Opened>,
    study: StudyId,
    pseudonym: Pseudonym,
  ): Promise<ParticipantRef | undefined>;
  demographics(context: SubgraphContext<Opened>, pseudonym: Pseudonym): Promise<Page<Demographics>>;
  timeline<Name extends KindName>(
    context: SubgraphContext<Opened>,
    kind: Name,
    pseudonym: Pseudonym,
    question: RecordQuestion,
  ): Promise<RecordPage<RowOf<Name>>>;
}

/**
 * Batches the reads of one request: the same field of N participants, or of N studies, is one call
 * to the source, whatever its path or alias. Nothing is kept after the request.
 */
export function createLoader<Opened>(source: RecordsSource<Opened>): Loader<Opened> {
  const loadersOf = perRequest((_: SubgraphContext<Opened>) => new Map<string, unknown>());

  function load<Key extends string, Value>(
    context: SubgraphContext<Opened>,
    question: string,
    key: Key,
    read: (keys: readonly Key[]) => Promise<readonly (Value | Error)[]>,
    maxBatchSize = MAX_PAGE,
  ): Promise<Value> {
    const loaders = loadersOf(context);
    let loader = loaders.get(question) as DataLoader<Key, Value> | undefined;
    if (loader === undefined) {
      loader = new DataLoader<Key, Value>(read, { maxBatchSize });
      loaders.set(question, loader);
    }
    return loader.load(key);
  }

  return {
    participants: (context, study, question) =>
      load(
        context,
        canonicalJson(['participants', question]),
        study,
        (all) => source.participants(context.opened, all, question),
        studiesPerQuestion(question),
      ),
    participant: (context, pseudonym) =>
      load<Pseudonym, ParticipantRef | undefined>(context, 'participant', pseudonym, (all) =>
        source.lookup(context.opened, all),
      ),
    participantOf: (context, study, pseudonym) =>
      load<string, ParticipantRef | undefined>(
        context,
        'participant of a study',
        canonicalJson([study, pseudonym]),
        (all) => listedParticipants(source, context.opened, all.map(toNamed)),
      ),
    demographics: (context, pseudonym) =>
      load(context, 'demographics', pseudonym, (all) => source.demographics(context.opened, all)),
    timeline: (context, kind, pseudonym, question) =>
      load(context, canonicalJson([kind, question]), pseudonym, (all) =>
        source.timeline(context.opened, kind, all, question),
      ),
  };
}

function toNamed(key: string): NamedParticipant {
  const [study, pseudonym] = JSON.parse(key) as [StudyId, Pseudonym];
  return { study, pseudonym };
}
