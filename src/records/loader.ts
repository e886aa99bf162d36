import DataLoader from 'dataloader';
import { canonicalJson } from '../core/canonical.js';
import type { Pseudonym, StudyId } from '../core/ids.js';
import type { SubgraphContext } from '../graph/context.js';
import type { Page } from '../graph/federated.js';
import { MAX_PAGE } from '../graph/page.js';
import type { KindName, RowOf } from './kinds.js';
import { listedParticipants } from './listed.js';
import type { Demographics, ParticipantRef } from './model.js';
import type { RecordPage, RecordQuestion, RecordsSource } from './source.js';

/** What resolvers read: each call waits for those beside it, so that a kind is asked for once. */
export interface Loader<Opened> {
  participant(
    context: SubgraphContext<Opened>,
    pseudonym: Pseudonym,
  ): Promise<ParticipantRef | undefined>;
  /**
   * One of a study's participants, as the study's list would show it.
   *
   * @throws DomainError SOURCE_UNAVAILABLE where nobody shows it and a source is silent.
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

type AnyLoader = DataLoader<Pseudonym, unknown>;

/**
 * Batches the reads of one request per question: the same field of N participants is one call to
 * the source, however it is reached or aliased. Nothing is kept beyond the request.
 */
export function createLoader<Opened>(source: RecordsSource<Opened>): Loader<Opened> {
  const loadersOf = new WeakMap<object, Map<string, AnyLoader>>();

  function load<Value>(
    context: SubgraphContext<Opened>,
    question: string,
    pseudonym: Pseudonym,
    read: (pseudonyms: readonly Pseudonym[]) => Promise<readonly (Value | Error)[]>,
  ): Promise<Value> {
    const loaders = loadersOf.get(context) ?? new Map<string, AnyLoader>();
    loadersOf.set(context, loaders);
    let loader = loaders.get(question);
    if (loader === undefined) {
      loader = new DataLoader<Pseudonym, unknown>(read, { maxBatchSize: MAX_PAGE });
      loaders.set(question, loader);
    }
    return loader.load(pseudonym) as Promise<Value>;
  }

  return {
    participant: (context, pseudonym) =>
      load<ParticipantRef | undefined>(context, 'participant', pseudonym, (all) =>
        source.lookup(context.opened, all),
      ),
    participantOf: (context, study, pseudonym) =>
      load<ParticipantRef | undefined>(context, `participant of ${study}`, pseudonym, (all) =>
        listedParticipants(source, context.opened, study, all),
      ),
    demographics: (context, pseudonym) =>
      load(context, 'demographics', pseudonym, (all) => source.demographics(context.opened, all)),
    timeline: (context, kind, pseudonym, question) =>
      load(context, canonicalJson([kind, question]), pseudonym, (all) =>
        source.timeline(context.opened, kind, all, question),
      ),
  };
}
