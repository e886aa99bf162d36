import { isoFromSeconds, secondsFromUnixMs } from '../../core/time.js';
import type { Builder } from '../../graph/builder.js';
import type { SubgraphContext } from '../../graph/context.js';
import type { Page } from '../../graph/federated.js';
import { pageSize } from '../../graph/page.js';
import { isSelected } from '../../graph/selection.js';
import type { EvidenceRef } from '../evidence/type-evidence.js';
import { placeOfReleaseCursor } from '../register/release-place.js';
import type { ConsentSource } from '../source.js';
import type { addWalletInputs } from '../type-input.js';
import type { addOutcomeTypes } from '../type-outcome.js';
import type {
  OwnDisclosure,
  OwnPageQuestion,
  OwnParticipation,
  OwnQuestion,
  SignedListInput,
} from './model.js';
import { oncePer } from './once.js';
import { addOwnConsentType, type ConsentParts } from './type-own-consent.js';

const USUAL_PAGE = 50;

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
  const pageOnce = oncePer<OwnParticipation, Promise<Page<OwnDisclosure>>>('disclosures');
  return builder.objectRef<OwnParticipation>('OwnParticipation').implement({
    interfaces: [FederatedRef as never],
    description: "What a study key sees of itself: one pseudonym's consents and disclosures.",
    fields: (t) => ({
      study: t.exposeID('study'),
      pseudonym: t.exposeID('pseudonym'),
      consents: t.field({
        type: [ConsentRef],
        description: 'Each where it is registered, the highest serial first.',
        resolve: ({ consents, asOf }) => consents.map((consent) => ({ ...consent, asOf })),
      }),
      disclosures: t.field({
        type: ConnectionRef,
        nullable: true,
        description:
          'Who received what, when and why, the newest first, for as long as it is kept: six ' +
          'years at least. One page a request. Null beside an error alone.',
        args: {
          first: t.arg.int({ defaultValue: USUAL_PAGE }),
          after: t.arg.string(),
          since: t.arg({ type: 'DateTime', description: 'None older; absent: all.' }),
        },
        resolve: (participation, { first, after, since }, _context, info) => {
          const page: OwnPageQuestion = {
            first: pageSize(first, USUAL_PAGE),
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
        description: 'Which of the signed lists were not taken, by their place in what was sent.',
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
      id: t.id({ description: "Its custodian's number of it.", resolve: ({ id }) => String(id) }),
      at: t.field({ type: 'DateTime', resolve: ({ record }) => isoFromSeconds(record.at) }),
      custodian: t.field({ type: institutionRef, resolve: (it) => ({ id: it.custodian }) }),
      handle: t.field({
        type: 'Field',
        description: 'Of the consent that it was released under.',
        resolve: ({ record }) => record.handle,
      }),
      requester: t.field({
        type: 'Field',
        nullable: true,
        description: 'Whom that consent names; null if no institution asked has registered it.',
        resolve: ({ requester }) => requester,
      }),
      purpose: t.field({ type: enums.PurposeEnum, resolve: ({ record }) => record.purpose }),
      dataClass: t.field({ type: enums.DataClassEnum, resolve: ({ record }) => record.dataClass }),
      count: t.int({ description: 'Rows released.', resolve: ({ record }) => record.count }),
      record: t.field({
        type: 'JSONObject',
        description: 'As it was logged: what evidence proves. With it alone, `assent verify` does.',
        resolve: ({ record }) => ({ ...record }),
      }),
      evidence: t.field({
        type: evidenceRef,
        nullable: true,
        description: 'Null until the next anchor.',
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
  const askOnce = oncePer<SubgraphContext<Opened>, Promise<OwnParticipation>>('my');
  const ListRef = builder.inputRef<SignedListInput>('SignedListInput').implement({
    description: "That the study key asks one institution, in the session of this request's token.",
    fields: (t) => ({
      institution: t.id({ required: true }),
      at: t.field({ type: 'DateTime', required: true, description: 'Within 10 minutes.' }),
      signature: t.field({ type: SignatureRef, required: true }),
    }),
  });
  builder.queryField('my', (t) =>
    t.field({
      type: ownRef,
      nullable: true,
      description:
        'My own consents and disclosures in one study, by my study key: from 1 to 16 institutions ' +
        'that it signed for. One study key a request. Null beside an error alone.',
      args: {
        study: t.arg.id({ required: true }),
        publicKey: t.arg({ type: PointRef, required: true }),
        lists: t.arg({ type: [ListRef], required: true }),
      },
      resolve: (_root, { study, publicKey, lists }, context) => {
        const question: OwnQuestion = { study, publicKey, lists };
        return askOnce(context, question, () => source.my(context.opened, question));
      },
    }),
  );
}
