import { z } from 'zod';
import { type InstitutionId, toStudyId } from '../../../core/ids.js';
import { keptForms } from '../../../core/kept-forms.js';
import { listOf } from '../../../core/list-of.js';
import { answerBytes } from '../../../graph/answer-size.js';
import type { AskNodes, Question, RequestOrigin, SourceStatus } from '../../../graph/ask.js';
import { stateOf } from '../../../graph/ask.js';
import type { Page } from '../../../graph/federated.js';
import { OWN_SOURCE_FIELDS, ownSource } from '../../../graph/own-source.js';
import { mergeSorted, type SortedRows, takePage } from '../../../graph/page.js';
import { cursorOfStudy, type StudiesQuestion, type StudyReference } from './model.js';

/** Of a study's id. */
const STUDY_BYTES = 128;

const STUDIES = `query Studies($first: Int, $after: String) {
  studies(first: $first, after: $after) {
    nodes { registryId } pageInfo { hasNextPage } ${OWN_SOURCE_FIELDS}
  }
}`;

interface StudiesShard extends SortedRows<StudyReference> {
  readonly status: SourceStatus;
}

/** What the custodians were shown, merged. Without a token nobody is asked: there is no holder. */
export async function askStudies(
  nodes: AskNodes,
  requester: RequestOrigin,
  page: StudiesQuestion,
): Promise<Page<StudyReference>> {
  const answers = requester.token === undefined ? [] : await nodes.ask(requester, toQuestion(page));
  const shards = answers.flatMap(({ data }) => (data === undefined ? [] : [data]));
  const { rows, hasNextPage } = mergeSorted(shards, page.first, byId, (one) => one);
  const sources = answers.map((answer) => stateOf(answer, answer.data?.status));
  return { nodes: rows, hasNextPage, cursorOf: cursorOfStudy, sources };
}

const studiesForm = keptForms((institution: InstitutionId, first: number) => {
  const study = z
    .strictObject({ registryId: z.string().transform(toStudyId) })
    .transform(({ registryId: id }): StudyReference => ({ id }));
  return z.strictObject({
    studies: z.strictObject({
      nodes: listOf(study, first),
      pageInfo: z.strictObject({ hasNextPage: z.boolean() }),
      sources: ownSource(institution),
    }),
  });
});

function toQuestion({ first, after }: StudiesQuestion): Question<StudiesShard> {
  return {
    subgraph: 'consent',
    maxBytes: answerBytes(first, STUDY_BYTES),
    needsToken: true,
    document: STUDIES,
    variables: { first, after: after === undefined ? null : cursorOfStudy({ id: after }) },
    // Those who keep participants' records, and so are shown their consents.
    of: { roles: ['HOSPITAL'] },
    parse: (data, institution) => {
      const { studies } = studiesForm(institution, first).parse(data);
      const { nodes, pageInfo, sources } = studies;
      const ordered = nodes.every(({ id }, i) => id > (nodes[i - 1]?.id ?? after ?? ''));
      if (!ordered) throw new Error('studies in order, behind the cursor');
      return { ...takePage(nodes, pageInfo.hasNextPage), status: sources };
    },
  };
}

function byId(a: StudyReference, b: StudyReference): number {
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
