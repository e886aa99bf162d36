import type { Pseudonym, StudyId } from '../../core/ids.js';
import { type Answer, type AskNodes, type RequestOrigin, undecided } from '../../graph/ask.js';
import { type Page, wholePage } from '../../graph/federated.js';
import { mergeSorted } from '../../graph/page.js';
import type { KindName, RowOf } from '../kinds/kinds.js';
import type { Demographics, ParticipantRef } from '../model/model.js';
import { compareTexts, cursorOfCustodian, cursorOfParticipant } from '../model/order.js';
import {
  demographicsQuestion,
  lookupQuestion,
  type ParticipantsShard,
  participantsQuestion,
} from './network-question.js';
import { mergeTimeline, timelineQuestion, unionOf } from './network-timeline.js';
import type {
  ParticipantsQuestion,
  RecordPage,
  RecordQuestion,
  RecordsSource,
} from './records-source.js';

/**
 * The records of all hospitals' nodes, asked in the requester's name and merged. Nothing is decided
 * here: each node releases what its own gate allows. If a node fails, only its own rows are
 * missing.
 */
export class NetworkRecords implements RecordsSource<RequestOrigin> {
  readonly #nodes: AskNodes;

  constructor(nodes: AskNodes) {
    this.#nodes = nodes;
  }

  async participants(
    requester: RequestOrigin,
    studies: readonly StudyId[],
    question: ParticipantsQuestion,
  ): Promise<readonly Page<ParticipantRef>[]> {
    const answers = await this.#nodes.ask(requester, participantsQuestion(studies, question));
    return studies.map((_, place) => mergeParticipants(answers, place, question));
  }

  async lookup(requester: RequestOrigin, pseudonyms: readonly Pseudonym[]) {
    const answers = await this.#nodes.ask(requester, lookupQuestion(pseudonyms));
    return pseudonyms.map((_, place) => {
      const known = answers.flatMap(({ data }) => data?.[place] ?? []);
      const joined = known.reduce<ParticipantRef | undefined>(
        (a, b) => (a ? join(a, b) : b),
        undefined,
      );
      return joined ?? undecided(answers);
    });
  }

  async demographics(
    requester: RequestOrigin,
    pseudonyms: readonly Pseudonym[],
  ): Promise<readonly Page<Demographics>[]> {
    const answers = await this.#nodes.ask(requester, demographicsQuestion(pseudonyms));
    return pseudonyms.map((_, place) => {
      const rows = answers.flatMap(({ data }) => data?.[place]?.rows ?? []);
      const sources = answers.map(({ institution, status, latencyMs, data }) => ({
        institution,
        status: data?.[place]?.status ?? status,
        latencyMs,
      }));
      return wholePage(rows, sources, cursorOfCustodian);
    });
  }

  async timeline<Name extends KindName>(
    requester: RequestOrigin,
    kind: Name,
    pseudonyms: readonly Pseudonym[],
    question: RecordQuestion,
  ): Promise<readonly RecordPage<RowOf<Name>>[]> {
    const answers = await this.#nodes.ask(requester, timelineQuestion(kind, pseudonyms, question));
    return pseudonyms.map((_, place) => mergeTimeline(answers, place, question));
  }
}

/** Merges the nodes' answers for one study of the question. */
function mergeParticipants(
  answers: readonly Answer<readonly ParticipantsShard[]>[],
  place: number,
  { first }: ParticipantsQuestion,
): Page<ParticipantRef> {
  const shards = answers.flatMap(({ data }) => data?.[place] ?? []);
  const { rows, hasNextPage } = mergeSorted(shards, first, byPseudonym, join);
  return {
    nodes: rows,
    hasNextPage,
    cursorOf: cursorOfParticipant,
    sources: answers.map(({ institution, status, latencyMs, data }) => ({
      institution,
      status: data?.[place]?.status ?? status,
      latencyMs,
    })),
  };
}

function byPseudonym(a: ParticipantRef, b: ParticipantRef): number {
  return compareTexts(a.pseudonym, b.pseudonym);
}

/** The same person at two hospitals is one participant. */
function join(a: ParticipantRef, b: ParticipantRef): ParticipantRef {
  return { ...a, withheld: unionOf([a.withheld, b.withheld]) };
}
