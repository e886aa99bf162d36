import { z } from 'zod';
import type { DomainError } from '../core/errors.js';
import { EVIDENCE_FIELDS } from '../core/evidence/evidence-wire.js';
import type { InstitutionId, StudyId } from '../core/ids.js';
import { keptForms } from '../core/kept-forms.js';
import { listOf } from '../core/list-of.js';
import { answerBytes, EVIDENCE_BYTES } from '../graph/answer-size.js';
import {
  type Answer,
  type AskNodes,
  type Question,
  type RequestOrigin,
  undecided,
} from '../graph/ask.js';
import type { Page } from '../graph/federated.js';
import { encodeCursor, mergeSorted, type SortedRows, takePage } from '../graph/page.js';
import type { KeptTrial } from './model.js';
import { cursorOfTrial, type TrialQuery, type TrialsSource } from './source.js';
import { TRIAL_FIELDS, TrialRow, toKeptTrial } from './wire.js';

/** Evidence is made only on request. */
const EVIDENCE = `evidence @include(if: $evidence) { ${EVIDENCE_FIELDS} }`;

const LIST = `query ($where: TrialFilter, $first: Int, $after: String, $evidence: Boolean! = false) {
  trials(where: $where, first: $first, after: $after) {
    nodes { ${TRIAL_FIELDS} ${EVIDENCE} }
    pageInfo { hasNextPage }
  }
}`;

const BY_IDS = `query ($representations: [_Any!]!, $evidence: Boolean! = false) {
  _entities(representations: $representations) { ... on Trial { ${TRIAL_FIELDS} ${EVIDENCE} } }
}`;

type IsListed = (institution: InstitutionId) => boolean;

/** The trials of all sponsors' nodes, merged by id. A trial that two nodes keep is shown once. */
export class NetworkTrials implements TrialsSource<RequestOrigin> {
  readonly #nodes: AskNodes;

  readonly #isListed: IsListed;

  /** @param isListed - whether the ledger lists an institution that a node's trial names. */
  constructor(nodes: AskNodes, isListed: IsListed) {
    this.#nodes = nodes;
    this.#isListed = isListed;
  }

  async list(requester: RequestOrigin, query: TrialQuery): Promise<Page<KeptTrial>> {
    const answers = await this.#nodes.ask(requester, toListQuestion(query));
    const shards = answers.flatMap(({ data }) => (data === undefined ? [] : [data]));
    const { rows, hasNextPage } = mergeSorted(shards, query.size, byId, keepFirst);
    return {
      nodes: rows.map((row) => this.#withListed(row)),
      hasNextPage,
      cursorOf: cursorOfTrial,
      sources: answers.map(({ institution, status, latencyMs }) => ({
        institution,
        status,
        latencyMs,
      })),
    };
  }

  async byIds(
    requester: RequestOrigin,
    ids: readonly StudyId[],
    { evidence }: Pick<TrialQuery, 'evidence'>,
  ): Promise<readonly (KeptTrial | undefined | DomainError)[]> {
    const answers = await this.#nodes.ask(requester, toIdsQuestion(ids, evidence));
    return ids.map((_, i) => {
      const kept = firstKept(answers, i);
      return kept === undefined ? undecided(answers) : this.#withListed(kept);
    });
  }

  /**
   * A node may name any institution: one that is not in this network becomes null, as the schema
   * says.
   */
  #withListed(trial: KeptTrial): KeptTrial {
    const listed = (id: InstitutionId | null) => (id !== null && this.#isListed(id) ? id : null);
    const sites = trial.sites.map((site) => ({ ...site, institution: listed(site.institution) }));
    return { ...trial, sponsor: listed(trial.sponsor), sites };
  }
}

/** Size of a trial with long criteria and a few hundred sites. */
const TRIAL_BYTES = 64 * 1024;

function bytesOf(trials: number, evidence: boolean): number {
  return answerBytes(trials, TRIAL_BYTES + (evidence ? EVIDENCE_BYTES : 0));
}

function toListQuestion(query: TrialQuery): Question<SortedRows<KeptTrial>> {
  const { where, size, after, evidence } = query;
  const cursor = after === undefined ? null : encodeCursor([after]);
  return {
    subgraph: 'trials',
    maxBytes: bytesOf(size, evidence),
    needsToken: false,
    document: LIST,
    variables: { where, first: size, after: cursor, evidence },
    of: { roles: ['SPONSOR'] },
    parse: (data, institution) => {
      const { trials } = listAnswer(size).parse(data);
      const rows = trials.nodes.map((row) => toKeptTrial(row, institution));
      requirePage(rows, size, after);
      return takePage(rows, trials.pageInfo.hasNextPage);
    },
  };
}

function toIdsQuestion(
  ids: readonly StudyId[],
  evidence: boolean,
): Question<readonly (KeptTrial | undefined)[]> {
  return {
    subgraph: 'trials',
    maxBytes: bytesOf(ids.length, evidence),
    needsToken: false,
    document: BY_IDS,
    variables: { representations: ids.map((id) => ({ __typename: 'Trial', id })), evidence },
    of: { roles: ['SPONSOR'] },
    parse: (data, institution) => {
      const rows = idsAnswer(ids.length).parse(data)._entities;
      return rows.map((row, i) => toAsked(row, ids[i], institution));
    },
  };
}

const listAnswer = keptForms((size: number) =>
  z.object({
    trials: z.object({
      nodes: listOf(TrialRow, size),
      pageInfo: z.object({ hasNextPage: z.boolean() }),
    }),
  }),
);
const idsAnswer = keptForms((count: number) =>
  z.object({ _entities: listOf(TrialRow.nullable(), count, count) }),
);

function toAsked(
  row: z.infer<typeof TrialRow> | null,
  asked: StudyId | undefined,
  institution: InstitutionId,
): KeptTrial | undefined {
  if (row === null) return undefined;
  if (row.id !== asked) throw new Error('an entity answers the representation at its place');
  return toKeptTrial(row, institution);
}

/** A page that is unsorted or too long would corrupt the merge with other nodes' rows. */
function requirePage(rows: readonly KeptTrial[], size: number, after: string | undefined): void {
  const ordered = rows.every(({ id }, i) => id > (rows[i - 1]?.id ?? after ?? ''));
  if (!ordered || rows.length > size) throw new Error('a page has its size and order');
}

function byId(a: KeptTrial, b: KeptTrial): number {
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

/** Answers are in order of institution, so every gateway shows the same one of two. */
function keepFirst(first: KeptTrial): KeptTrial {
  return first;
}

function firstKept(
  answers: readonly Answer<readonly (KeptTrial | undefined)[]>[],
  place: number,
): KeptTrial | undefined {
  for (const { data } of answers) {
    const kept = data?.[place];
    if (kept !== undefined) return kept;
  }
  return undefined;
}
