import { z } from 'zod';
import type { InstitutionId, Pseudonym } from '../../core/ids.js';
import { keptForms } from '../../core/kept-forms.js';
import { listOf } from '../../core/list-of.js';
import { isoFromSeconds } from '../../core/time.js';
import { answerBytes } from '../../graph/answer-size.js';
import type { Answer, Question, SourceStatus } from '../../graph/ask.js';
import { ownSource } from '../../graph/own-source.js';
import { mergeSorted, type SortedRows, takePage } from '../../graph/page.js';
import type { FilterShape } from '../kinds/kind.js';
import { KINDS, type KindName, type KindOf, type RowOf } from '../kinds/kinds.js';
import type { ClinicalRecord, RecordContent, Withheld as WithheldEntry } from '../model/model.js';
import {
  comparePlaces,
  compareRecords,
  cursorOf,
  placeOf,
  placeOfCursor,
  type RowPlace,
} from '../model/order.js';
import { rowForm, rowSelection } from '../model/wire-element.js';
import type { RecordPage, RecordQuestion } from './records-source.js';
import {
  answering,
  entitiesOf,
  PAGE_FIELDS,
  PageInfo,
  Pseudonym as PseudonymText,
  WITHHELD_FIELDS,
  Withheld,
} from './wire.js';

/** Size of a row with several codings, components or notes. Most rows need a tenth of it. */
const ROW_BYTES = 8 * 1024;

/** What one node says of one participant: its rows, and whether any consent was presented to it. */
export interface TimelineShard<Row> extends SortedRows<Row> {
  readonly status: SourceStatus;
  readonly withheld: readonly WithheldEntry[];
}

/** One fixed document per kind, and one call for all participants. */
export function timelineQuestion<Name extends KindName>(
  name: Name,
  pseudonyms: readonly Pseudonym[],
  question: RecordQuestion,
): Question<readonly (TimelineShard<RowOf<Name>> | undefined)[]> {
  const kind: KindOf<Name> = KINDS[name];
  return {
    subgraph: 'records',
    maxBytes: pseudonyms.length * answerBytes(question.first, ROW_BYTES),
    needsToken: true,
    holderOnly: true,
    document: documentOf(kind),
    variables: {
      representations: pseudonyms.map((pseudonym) => ({ __typename: 'Participant', pseudonym })),
      where: filterOf(kind.filter, question),
      first: question.first,
      after: question.after,
    },
    of: { roles: ['HOSPITAL'] },
    parse: (data, institution) => {
      const form = answerForm(name, institution, question.first, pseudonyms.length);
      const entities = form.parse(data)._entities as readonly (WireParticipant<
        RowOf<Name>
      > | null)[];
      return entities.map((one, i) => shardOf(one, pseudonyms[i], question));
    },
  };
}

/** Merges the nodes' answers for one participant of the question. */
export function mergeTimeline<Row extends ClinicalRecord>(
  answers: readonly Answer<readonly (TimelineShard<Row> | undefined)[]>[],
  place: number,
  question: RecordQuestion,
): RecordPage<Row> {
  const shards = answers.flatMap(({ data }) => data?.[place] ?? []);
  const { rows, hasNextPage } = mergeSorted(shards, question.first, compareRecords);
  return {
    nodes: rows,
    hasNextPage,
    cursorOf,
    withheld: unionOf(shards.map(({ withheld }) => withheld)),
    sources: answers.map(({ institution, status, latencyMs, data }) => ({
      institution,
      status: data === undefined ? status : (data[place]?.status ?? 'NOT_PRESENTED'),
      latencyMs,
    })),
  };
}

/** Everything that any node withholds. Nodes that hold the same consents withhold the same. */
export function unionOf(lists: readonly (readonly WithheldEntry[])[]): readonly WithheldEntry[] {
  const entries = lists
    .flat()
    .map((entry) => [`${entry.dataClass} ${entry.reason}`, entry] as const);
  return [...new Map(entries).values()];
}

function documentOf<Name extends KindName>({ name, field, wire }: KindOf<Name>): string {
  return `query ($representations: [_Any!]!, $where: ${name}Filter, $first: Int, $after: String) {
  _entities(representations: $representations) {
    ... on Participant {
      pseudonym
      page: ${field}(where: $where, first: $first, after: $after) {
        nodes { ${rowSelection(wire)} } ${PAGE_FIELDS} ${WITHHELD_FIELDS}
      }
    }
  }
}`;
}

function filterOf({ range }: FilterShape, question: RecordQuestion) {
  const { codes, categories, value, from, until } = question;
  const period = {
    from: from === null ? null : isoFromSeconds(from),
    until: until === null ? null : isoFromSeconds(until),
  };
  return {
    codes,
    [range]: period,
    ...(categories === null ? {} : { categories }),
    ...(value === null ? {} : { value }),
  };
}

function participantOf<Row extends ClinicalRecord>(
  row: z.ZodType<Row>,
  institution: InstitutionId,
  most: number,
) {
  return z.strictObject({
    pseudonym: PseudonymText,
    page: z.strictObject({
      nodes: listOf(row, most),
      pageInfo: PageInfo,
      sources: ownSource(institution),
      withheld: Withheld,
    }),
  });
}

type WireParticipant<Row extends ClinicalRecord> = z.infer<ReturnType<typeof participantOf<Row>>>;

const rowForms = keptForms((name: KindName, institution: InstitutionId) =>
  rowForm<RecordContent>(KINDS[name].wire as never, institution),
);

/** The key guarantees that the rows are of this kind, which the compiler cannot follow. */
const answerForm = keptForms(
  (name: KindName, institution: InstitutionId, most: number, count: number) =>
    entitiesOf(participantOf(rowForms(name, institution), institution, most), count),
);

function shardOf<Row extends ClinicalRecord>(
  entity: WireParticipant<Row> | null,
  asked: Pseudonym | undefined,
  question: RecordQuestion,
): TimelineShard<Row> | undefined {
  const participant = answering(entity, asked);
  if (participant === undefined) return undefined;
  const { nodes, pageInfo, sources, withheld } = participant.page;
  requirePage(nodes, question.first, placeOfCursor(question.after));
  return { ...takePage(nodes, pageInfo.hasNextPage), status: sources, withheld };
}

/** A page that is unsorted or too long would corrupt the merge with other nodes' rows. */
function requirePage(
  rows: readonly ClinicalRecord[],
  size: number,
  after: RowPlace | undefined,
): void {
  let before = after;
  for (const row of rows) {
    const place = placeOf(row);
    if (before !== undefined && comparePlaces(before, place) >= 0) throw new Error('rows in order');
    before = place;
  }
  if (rows.length > size) throw new Error('no more rows than asked for');
}
