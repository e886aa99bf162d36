import DataLoader from 'dataloader';
import type { GraphQLSchema } from 'graphql';
import { DomainError } from '../core/errors.js';
import { type StudyId, toStudyId } from '../core/ids.js';
import { createBuilder, toSubgraph } from '../graph/builder.js';
import type { SubgraphContext } from '../graph/context.js';
import { addFederatedTypes } from '../graph/federated.js';
import { decodeCursor, pageSize } from '../graph/page.js';
import { perRequest } from '../graph/per-request.js';
import { isSelected } from '../graph/selection.js';
import { AFTER, firstWords, QUERY, STUDY_ID } from '../graph/words.js';
import type { KeptTrial } from './model.js';
import { isTrialId, type TrialsSource } from './source.js';
import { addTrialType } from './type.js';

/** Default number of rows in a page of trials. */
const DEFAULT_PAGE = 20;

/** Maximum characters of a condition filter: longer than any condition's name. */
const MAX_CONDITION = 200;

/** The trials subgraph over a node's database or over the network: the same schema either way. */
export function trialsSubgraph<Opened>(source: TrialsSource<Opened>): GraphQLSchema {
  const builder = createBuilder<Opened>();
  const federated = addFederatedTypes(builder);
  const { TrialRef, StatusEnum, PhaseEnum } = addTrialType(builder, federated);
  const lookUp = createLookUp(source);

  builder.asEntity(TrialRef, {
    key: builder.selection<{ id: string }>('id'),
    resolveReference: ({ id }, context, info) =>
      isTrialId(id) ? lookUp(context, id, isSelected(info, 'evidence')) : undefined,
  });

  const TrialFilterInput = builder.inputType('TrialFilter', {
    description: 'Which trials. A trial must meet every condition given.',
    fields: (t) => ({
      condition: t.string({
        description: `Part of the name of a condition or keyword, in any case, ${MAX_CONDITION} characters at most. Absent: any.`,
      }),
      status: t.field({ type: [StatusEnum], description: 'Any of these. Absent: any.' }),
      phase: t.field({ type: [PhaseEnum], description: 'Any of these. Absent: any.' }),
    }),
  });

  builder.queryType({
    description: QUERY,
    fields: (t) => ({
      trials: t.field({
        type: federated.addConnection('Trial', TrialRef),
        description: 'Registered trials in order of id. Public.',
        args: {
          where: t.arg({
            type: TrialFilterInput,
            description: 'Which of them. Absent or null: all.',
          }),
          first: t.arg.int({ defaultValue: DEFAULT_PAGE, description: firstWords(DEFAULT_PAGE) }),
          after: t.arg.string({ description: AFTER }),
        },
        resolve: (_root, { where, first, after }, { opened }, info) =>
          source.list(opened, {
            where: { ...where, condition: toCondition(where?.condition) },
            size: pageSize(first, DEFAULT_PAGE),
            after: toAfter(after),
            evidence: isSelected(info, 'evidence'),
          }),
      }),
      trial: t.field({
        type: TrialRef,
        nullable: true,
        description:
          'A trial by its id. Null if every source answered and none knows it; ' +
          'SOURCE_UNAVAILABLE while one that could know it does not answer. Public.',
        args: { id: t.arg.id({ required: true, description: STUDY_ID }) },
        resolve: (_root, { id }, context, info) =>
          lookUp(context, toStudyId(id), isSelected(info, 'evidence')),
      }),
    }),
  });
  return toSubgraph(builder);
}

/** Joins the look-ups of one request into one call to the source. */
function createLookUp<Opened>(source: TrialsSource<Opened>) {
  const loaderOf = (evidence: boolean) =>
    perRequest(({ opened }: SubgraphContext<Opened>) => {
      return new DataLoader<StudyId, KeptTrial | undefined>((ids) =>
        source.byIds(opened, ids, { evidence }),
      );
    });
  const [plain, proven] = [loaderOf(false), loaderOf(true)];
  return (context: SubgraphContext<Opened>, id: StudyId, evidence: boolean) =>
    (evidence ? proven : plain)(context).load(id);
}

function toCondition(condition: string | null | undefined): string | null {
  if (condition === null || condition === undefined) return null;
  // PostgreSQL cannot store a NUL in a text, so no condition contains one.
  if (condition.length > MAX_CONDITION || condition.includes('\0')) {
    throw new DomainError('BAD_INPUT', { argument: 'where.condition', most: MAX_CONDITION });
  }
  return condition;
}

function toAfter(cursor: string | null | undefined): string | undefined {
  const [id] = decodeCursor(cursor, 1) ?? [];
  return id === undefined ? undefined : toStudyId(id);
}
