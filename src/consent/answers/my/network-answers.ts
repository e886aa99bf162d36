import { z } from 'zod';
import { invariant } from '../../../core/errors.js';
import {
  EVIDENCE_FIELDS,
  EvidenceRow,
  requireOwnAnchor,
} from '../../../core/evidence/evidence-wire.js';
import { fieldText } from '../../../core/field-text.js';
import {
  type InstitutionId,
  type Pseudonym,
  type StudyId,
  toPseudonym,
} from '../../../core/ids.js';
import { keptForms } from '../../../core/kept-forms.js';
import { listOf } from '../../../core/list-of.js';
import { nameIn } from '../../../core/name-in.js';
import { SUBTREE_KEY } from '../../../core/subtree-key.js';
import { secondsFromIso } from '../../../core/time.js';
import { decodeId } from '../../../graph/node/id.js';
import { type SortedRows, takePage } from '../../../graph/page.js';
import { SHARD_LEVELS } from '../../../zk/tree.js';
import { DATA_CLASS_BITS, DUTY_BITS, LABEL_BITS, PURPOSE_BITS } from '../../../zk/vocabulary.js';
import { REFUSAL_CODES, type RefusalCode } from '../../base/refusal-code.js';
import type { Release } from '../../disclosures/disclosure.js';
import { compareReleases } from '../../disclosures/release-place.js';
import type { OwnConsent, OwnDisclosure, OwnPageQuestion } from './model.js';

const ASKED = 'study: $study, publicKey: $publicKey, lists: $lists';
const VARIABLES = '$study: ID!, $publicKey: PublicKeyInput!, $lists: [SignedListInput!]!';
const PERIOD = '{ from until }';

/** The fixed documents that a gateway asks a node with, in its participant's name. */
export const MY_CONSENTS = `query MyConsents(${VARIABLES}) {
  my(${ASKED}) {
    study pseudonym refused { code }
    consents {
      index leaf subtreeKey serial handle requester custodian { id } purposes dataClasses labels duties
      validity ${PERIOD} dataWindow ${PERIOD} policy registeredAt withdrawnAt
    }
  }
}`;

export const MY_DISCLOSURES = `query MyDisclosures(
  ${VARIABLES}, $first: Int!, $after: String, $since: DateTime, $proven: Boolean!
) {
  my(${ASKED}) {
    refused { code }
    disclosures(first: $first, after: $after, since: $since) {
      nodes { id record evidence @include(if: $proven) { ${EVIDENCE_FIELDS} } }
      pageInfo { hasNextPage }
    }
  }
}`;

const MAX_CONSENTS = 10_000;
/** More names than any vocabulary has. */
const MAX_NAMES = 64;

const time = z.iso.datetime({ offset: true }).transform(secondsFromIso);
const period = z.object({ from: time, until: time });
const seconds = z.int().min(0);
const refused = listOf(z.object({ code: nameIn(REFUSAL_CODES) }), 1);

const consentForm = z.object({
  index: z
    .int()
    .min(0)
    .max(2 ** SHARD_LEVELS - 1),
  leaf: fieldText,
  subtreeKey: z.string().regex(SUBTREE_KEY),
  serial: fieldText,
  handle: fieldText,
  requester: fieldText,
  custodian: z.object({ id: z.string() }).nullable(),
  purposes: listOf(nameIn(PURPOSE_BITS), MAX_NAMES),
  dataClasses: listOf(nameIn(DATA_CLASS_BITS), MAX_NAMES),
  labels: listOf(nameIn(LABEL_BITS), MAX_NAMES),
  duties: listOf(nameIn(DUTY_BITS), MAX_NAMES),
  validity: period,
  dataWindow: period,
  policy: fieldText,
  registeredAt: time,
  withdrawnAt: time.nullable(),
});

const consentsForm = z.object({
  my: z.object({
    study: z.string(),
    pseudonym: fieldText,
    refused,
    consents: listOf(consentForm, MAX_CONSENTS),
  }),
});

/** Exactly what a node logs of a release: with another member it would not be proven. */
const releaseForm = z.strictObject({
  at: seconds,
  study: z.string(),
  pseudonym: fieldText,
  handle: fieldText,
  purpose: nameIn(PURPOSE_BITS),
  dataClass: nameIn(DATA_CLASS_BITS),
  count: z.int().min(1),
});

/** A node numbers its own disclosures. */
function numberIn(id: string, asked: InstitutionId): number {
  const { type, key = [] } = decodeId(id) ?? {};
  const [custodian, number = ''] = key;
  const isOwn = type === 'Disclosure' && custodian === asked && key.length === 2;
  invariant(isOwn && /^[1-9][0-9]{0,14}$/.test(number), 'a node names its own disclosures');
  return Number(number);
}

const disclosuresForm = keptForms((most: number, asked: InstitutionId) =>
  z.object({
    my: z.object({
      refused,
      disclosures: z.object({
        nodes: listOf(
          z.object({
            id: z.string().transform((id) => numberIn(id, asked)),
            record: releaseForm,
            evidence: EvidenceRow.nullable().default(null),
          }),
          most,
        ),
        pageInfo: z.object({ hasNextPage: z.boolean() }),
      }),
    }),
  }),
);

/** Whose answer it must be. */
interface Subject {
  readonly study: StudyId;
  readonly pseudonym: Pseudonym;
}

/** What one node said: its rows, or the code with which it did not take the list. */
export type OwnAnswer<Rows> = { readonly taken: Rows } | { readonly refused: RefusalCode };

/** Reads one node's consents of a pseudonym. It speaks for what it registered itself. */
export function parseOwnConsents({ study, pseudonym }: Subject) {
  return (data: unknown, asked: InstitutionId): OwnAnswer<readonly OwnConsent[]> => {
    const { my } = consentsForm.parse(data);
    const [refusal] = my.refused;
    if (refusal !== undefined) return { refused: refusal.code };
    invariant(my.study === study && my.pseudonym === pseudonym, 'a node answers what was asked');
    const consents = my.consents.map(({ custodian, ...consent }): OwnConsent => {
      invariant(custodian === null || custodian.id === asked, 'a node registers for itself');
      return { ...consent, institution: asked, custodian: custodian && asked };
    });
    return { taken: consents };
  };
}

/** One node's disclosures, in its own order. */
export type OwnDisclosureRows = SortedRows<Omit<OwnDisclosure, 'requester'>>;

/**
 * Reads one node's disclosures of a pseudonym. It speaks for what it released itself, and of nothing
 * before the page that was asked for: a client that reads on must come to an end.
 */
export function parseOwnDisclosures(
  { study, pseudonym }: Subject,
  { first, after }: Pick<OwnPageQuestion, 'first' | 'after'>,
) {
  return (data: unknown, asked: InstitutionId): OwnAnswer<OwnDisclosureRows> => {
    const { my } = disclosuresForm(first, asked).parse(data);
    const [refusal] = my.refused;
    if (refusal !== undefined) return { refused: refusal.code };
    const { nodes, pageInfo } = my.disclosures;
    const rows = nodes.map(({ id, record, evidence }) => {
      const isOwn = record.study === study && record.pseudonym === pseudonym;
      invariant(isOwn, 'a node answers what was asked');
      requireOwnAnchor(evidence, asked);
      const place = { at: record.at, custodian: asked, id };
      const isLater = after === undefined || compareReleases(after, place) < 0;
      invariant(isLater, 'a node reads on from the place asked');
      const release: Release = { ...record, study, pseudonym: toPseudonym(record.pseudonym) };
      return { id, custodian: asked, record: release, evidence };
    });
    return { taken: takePage(rows, pageInfo.hasNextPage) };
  };
}
