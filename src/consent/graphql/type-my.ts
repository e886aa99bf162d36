import { isoFromSeconds, secondsFromUnixMs } from '../../core/time.js';
import type { Builder } from '../../graph/builder.js';
import type { SubgraphContext } from '../../graph/context.js';
import type { Page } from '../../graph/federated.js';
import { idOfDisclosure } from '../../graph/node/id.js';
import { pageSize } from '../../graph/page.js';
import { isSelected } from '../../graph/selection.js';
import { AFTER, firstWords, NULL_BESIDE_ERROR, PSEUDONYM } from '../../graph/words.js';
import type { ConsentSource } from '../answers/consent-source.js';
import type {
  OwnDisclosure,
  OwnPageQuestion,
  OwnParticipation,
  OwnQuestion,
  SignedListInput,
} from '../answers/my/model.js';
import { placeOfReleaseCursor } from '../disclosures/release-place.js';
import { SIGNED_AT, STUDY, STUDY_KEY } from './elements.js';
import { oneQuestionPer } from './one-question-per.js';
import type { EvidenceRef } from './type-evidence.js';
import type { addWalletInputs } from './type-input.js';
import { addOwnConsentType, type ConsentParts } from './type-my-consent.js';
import type { addOutcomeTypes } from './type-outcome.js';

const DEFAULT_PAGE = 50;

/** What the types of `my` are made of. */
export interface OwnParts<Opened> extends ConsentParts<Opened> {
  readonly evidenceRef: EvidenceRef<Opened>;
  readonly RefusalRef: ReturnType<typeof addOutcomeTypes<Opened>>['RefusalRef'];
}

/**
 * Adds what a study key sees of itself. None of it is an entity: no reference, from no subgraph and
 * with nobody's token, leads to it but `my` with a signature.
 */
export function addOwnTypes<Opened>(builder: Builder<Opened>, parts: OwnParts<Opened>) {
  const { FederatedRef, addConnection } = parts.federated;
  const ConsentRef = addOwnConsentType(builder, parts);
  const DisclosureRef = addDisclosureType(builder, parts);
  const ConnectionRef = addConnection<OwnDisclosure>('Disclosure', DisclosureRef);
  const pageOnce = oneQuestionPer<OwnParticipation, Promise<Page<OwnDisclosure>>>('disclosures');
  return builder.objectRef<OwnParticipation>('OwnParticipation').implement({
    interfaces: [FederatedRef as never],
    description: "What a study key sees of itself: one pseudonym's consents and disclosures.",
    fields: (t) => ({
      study: t.exposeID('study', { description: STUDY }),
      pseudonym: t.exposeID('pseudonym', { description: PSEUDONYM }),
      consents: t.field({
        type: [ConsentRef],
        description: 'All that are registered at the institutions asked, the newest first.',
        resolve: ({ consents, asOf }) => consents.map((consent) => ({ ...consent, asOf })),
      }),
      disclosures: t.field({
        type: ConnectionRef,
        nullable: true,
        description:
          'Who received what, when and why, the newest first, for as long as it is kept: six ' +
          `years at least. One page a request. ${NULL_BESIDE_ERROR}`,
        args: {
          first: t.arg.int({ defaultValue: DEFAULT_PAGE, description: firstWords(DEFAULT_PAGE) }),
          after: t.arg.string({ description: AFTER }),
          since: t.arg({
            type: 'DateTime',
            description: 'None older than that. Absent: all that are kept.',
          }),
        },
        resolve: (participation, { first, after, since }, _context, info) => {
          const page: OwnPageQuestion = {
            first: pageSize(first, DEFAULT_PAGE),
            after: placeOfReleaseCursor(after),
            since: since == null ? 0 : secondsFromUnixMs(since.getTime()),
            evidence: isSelected(info, 'evidence'),
          };
          const named = { ...page, after: after ?? null };
          return pageOnce(participation, named, () => participation.disclosures(page));
        },
      }),
      refused: t.field({
        type: [parts.RefusalRef],
        description: 'Which of the signed lists were not taken, and why.',
        resolve: ({ refused }) => refused,
      }),
    }),
  });
}

function addDisclosureType<Opened>(
  builder: Builder<Opened>,
  { federated, enums, evidenceRef }: OwnParts<Opened>,
) {
  const { institutionRef } = federated;
  return builder.objectRef<OwnDisclosure>('Disclosure').implement({
    description: "A release of the participant's rows, of one data class, in one request.",
    fields: (t) => ({
      id: t.id({
        description:
          'Unique over all custodians. `node` finds none by it: only a signature leads here.',
        resolve: idOfDisclosure,
      }),
      at: t.field({
        type: 'DateTime',
        description: 'When the rows were released.',
        resolve: ({ record }) => isoFromSeconds(record.at),
      }),
      custodian: t.field({
        type: institutionRef,
        description: 'The institution that released them.',
        resolve: (it) => ({ id: it.custodian }),
      }),
      handle: t.field({
        type: 'Field',
        description: 'The handle of the consent that they were released under.',
        resolve: ({ record }) => record.handle,
      }),
      requester: t.field({
        type: 'Field',
        nullable: true,
        description: 'Whom that consent names. Null if no institution asked has registered it.',
        resolve: ({ requester }) => requester,
      }),
      purpose: t.field({
        type: enums.PurposeEnum,
        description: 'What they were asked for.',
        resolve: ({ record }) => record.purpose,
      }),
      dataClass: t.field({
        type: enums.DataClassEnum,
        description: 'What they are.',
        resolve: ({ record }) => record.dataClass,
      }),
      count: t.int({ description: 'How many rows.', resolve: ({ record }) => record.count }),
      record: t.field({
        type: 'JSONObject',
        description: 'As it was logged: what evidence proves. With it alone, `assent verify` does.',
        resolve: ({ record }) => ({ ...record }),
      }),
      evidence: t.field({
        type: evidenceRef,
        nullable: true,
        description: 'That the release was logged. Null until the next anchor.',
        resolve: ({ evidence }) => evidence,
      }),
    }),
  });
}

/** Adds the query. */
export function addMy<Opened>(
  builder: Builder<Opened>,
  source: Pick<ConsentSource<Opened>, 'my'>,
  ownRef: ReturnType<typeof addOwnTypes<Opened>>,
  { PointRef, SignatureRef }: ReturnType<typeof addWalletInputs<Opened>>,
): void {
  const askOnce = oneQuestionPer<SubgraphContext<Opened>, Promise<OwnParticipation>>('my');
  const ListRef = builder.inputRef<SignedListInput>('SignedListInput').implement({
    description: "That the study key asks one institution, in the session of this request's token.",
    fields: (t) => ({
      institution: t.id({ required: true, description: 'The institution that is asked.' }),
      at: t.field({ type: 'DateTime', required: true, description: SIGNED_AT }),
      signature: t.field({
        type: SignatureRef,
        required: true,
        description: "Over the institution, the time, and the key of this request's token.",
      }),
    }),
  });
  builder.queryField('my', (t) =>
    t.field({
      type: ownRef,
      nullable: true,
      description:
        'My own consents and disclosures in one study, by my study key. One study key a request. ' +
        NULL_BESIDE_ERROR,
      args: {
        study: t.arg.id({ required: true, description: STUDY }),
        publicKey: t.arg({ type: PointRef, required: true, description: STUDY_KEY }),
        lists: t.arg({
          type: [ListRef],
          required: true,
          description: 'One for each institution that is asked: 1 to 16, none twice.',
        }),
      },
      resolve: (_root, { study, publicKey, lists }, context) => {
        const question: OwnQuestion = { study, publicKey, lists };
        return askOnce(context, question, () => source.my(context.opened, question));
      },
    }),
  );
}
