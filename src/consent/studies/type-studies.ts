import type { Builder } from '../../graph/builder.js';
import type { FederatedTypes } from '../../graph/federated.js';
import { MAX_PAGE, pageSize } from '../../graph/page.js';
import type { ConsentSource } from '../source.js';
import { type StudyReference, studyOfCursor } from './model.js';

const USUAL_PAGE = 20;

/** Adds the query for the studies that the caller's token opens. */
export function addStudies<Opened>(
  builder: Builder<Opened>,
  source: Pick<ConsentSource<Opened>, 'studies'>,
  federated: FederatedTypes<Opened>,
  studyRef: { readonly $inferType: StudyReference },
): void {
  const ConnectionRef = federated.addConnection<StudyReference>('Study', studyRef);
  builder.queryField('studies', (t) =>
    t.field({
      type: ConnectionRef,
      description:
        'The studies that MY token opens, in order of id: from my presentations alone, never from ' +
        'the data. Empty without a token. What only a silent custodian was shown is missing: ' +
        '`complete` is false then.',
      args: {
        first: t.arg.int({
          defaultValue: USUAL_PAGE,
          description: `Studies in a page: ${USUAL_PAGE} unless given, ${MAX_PAGE} at most; more is BAD_INPUT.`,
        }),
        after: t.arg.string({
          description: 'A cursor of such a page: this one begins behind it. Absent: the first.',
        }),
      },
      resolve: (_root, { first, after }, { opened }) =>
        source.studies(opened, {
          first: pageSize(first, USUAL_PAGE),
          after: studyOfCursor(after),
        }),
    }),
  );
}
