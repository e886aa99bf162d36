import type { Pseudonym, StudyId } from '../core/ids.js';
import type { AskNodes, Requester } from '../graph/ask.js';
import type { Page } from '../graph/federated.js';
import { encodeCursor, mergeSorted } from '../graph/page.js';
import type {
  ClinicalRecord,
  Condition,
  Demographics,
  Dispense,
  Observation,
  ParticipantRef,
} from './model.js';
import { demographicsQuestion, lookupQuestion, participantsQuestion } from './network-question.js';
import { mergeTimeline, type TimelineWire, timelineQuestion, unionOf } from './network-timeline.js';
import { compareTexts } from './order.js';
import type { PageQuestion, RecordsSource, TimelineRead } from './source.js';
import {
  CONDITION_FIELDS,
  conditionOf,
  DISPENSE_FIELDS,
  dispenseOf,
  OBSERVATION_FIELDS,
  observationOf,
} from './wire.js';

const CONDITIONS: TimelineWire<Condition> = {
  field: 'conditions',
  filter: 'ConditionFilter',
  range: 'recorded',
  rowFields: CONDITION_FIELDS,
  rowOf: conditionOf,
};
const OBSERVATIONS: TimelineWire<Observation> = {
  field: 'observations',
  filter: 'ObservationFilter',
  range: 'effective',
  rowFields: OBSERVATION_FIELDS,
  rowOf: observationOf,
};
const DISPENSES: TimelineWire<Dispense> = {
  field: 'dispenses',
  filter: 'MedicationFilter',
  range: 'recorded',
  rowFields: DISPENSE_FIELDS,
  rowOf: dispenseOf,
};

/**
 * The records of all hospitals' nodes, asked in the requester's name and merged. It decides
 * nothing: each node opens what its own gate lets it. A node that fails costs its own rows.
 */
export class NetworkRecords implements RecordsSource<Requester> {
  readonly #nodes: AskNodes;
  readonly conditions: TimelineRead<Requester, Condition>;
  readonly observations: TimelineRead<Requester, Observation>;
  readonly dispenses: TimelineRead<Requester, Dispense>;

  constructor(nodes: AskNodes) {
    this.#nodes = nodes;
    this.conditions = this.#timeline(CONDITIONS);
    this.observations = this.#timeline(OBSERVATIONS);
    this.dispenses = this.#timeline(DISPENSES);
  }

  async participants(
    requester: Requester,
    study: StudyId,
    page: PageQuestion,
  ): Promise<Page<ParticipantRef>> {
    const answers = await this.#nodes.ask(requester, participantsQuestion(study, page));
    const shards = answers.flatMap(({ data }) => (data === undefined ? [] : [data]));
    const { rows, hasNextPage } = mergeSorted(shards, page.first, byPseudonym, join);
    const last = rows.at(-1);
    return {
      nodes: rows,
      hasNextPage,
      endCursor: last === undefined ? null : encodeCursor([last.pseudonym]),
      sources: answers.map(({ institution, status, latencyMs, data }) => ({
        institution,
        status: data?.status ?? status,
        latencyMs,
      })),
    };
  }

  async lookup(requester: Requester, pseudonyms: readonly Pseudonym[]) {
    const answers = await this.#nodes.ask(requester, lookupQuestion(pseudonyms));
    return pseudonyms.map((_, place) => {
      const known = answers.flatMap(({ data }) => data?.[place] ?? []);
      return known.reduce<ParticipantRef | undefined>((a, b) => (a ? join(a, b) : b), undefined);
    });
  }

  async demographics(
    requester: Requester,
    pseudonyms: readonly Pseudonym[],
  ): Promise<readonly (readonly Demographics[])[]> {
    const answers = await this.#nodes.ask(requester, demographicsQuestion(pseudonyms));
    return pseudonyms.map((_, place) => answers.flatMap(({ data }) => data?.[place] ?? []));
  }

  #timeline<Row extends ClinicalRecord>(wire: TimelineWire<Row>): TimelineRead<Requester, Row> {
    return async (requester, pseudonyms, question) => {
      const asked = timelineQuestion(wire, pseudonyms, question);
      const answers = await this.#nodes.ask(requester, asked);
      return pseudonyms.map((_, place) => mergeTimeline(answers, place, question));
    };
  }
}

function byPseudonym(a: ParticipantRef, b: ParticipantRef): number {
  return compareTexts(a.pseudonym, b.pseudonym);
}

/** The same person at two hospitals is one participant. */
function join(a: ParticipantRef, b: ParticipantRef): ParticipantRef {
  return { ...a, withheld: unionOf([a.withheld, b.withheld]) };
}
