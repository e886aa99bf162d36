import type { Builder } from '../../graph/builder.js';
import type { FederatedTypes } from '../../graph/federated.js';
import { pageSize } from '../../graph/page.js';
import { AFTER, firstWords } from '../../graph/words.js';
import type { ConsentSource } from '../answers/consent-source.js';
import { type StudyReference, studyOfCursor } from '../answers/studies/model.js';

const DEFAULT_PAGE = 20;

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
        'The studies that my token opens, in order of id: from my presentations alone, never from ' +
        'the data. Empty without a token. What only a silent custodian was shown is missing: ' +
        '`complete` is false then.',
      args: {
        first: t.arg.int({ defaultValue: DEFAULT_PAGE, description: firstWords(DEFAULT_PAGE) }),
        after: t.arg.string({ description: AFTER }),
      },
      resolve: (_root, { first, after }, { opened }) =>
        source.studies(opened, {
          first: pageSize(first, DEFAULT_PAGE),
          after: studyOfCursor(after),
        }),
    }),
  );
}
