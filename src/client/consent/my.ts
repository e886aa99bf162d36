import { z } from 'zod';
import { DomainError } from '../../core/errors.js';
import { EVIDENCE_FIELDS, EvidenceRow } from '../../core/evidence/evidence-wire.js';
import { fieldText } from '../../core/field-text.js';
import type { InstitutionId } from '../../core/ids.js';
import { nameIn } from '../../core/name-in.js';
import { SUBTREE_KEY } from '../../core/subtree-key.js';
import { isoFromSeconds, type Seconds, secondsFromIso } from '../../core/time.js';
import { DATA_CLASS_BITS, DUTY_BITS, LABEL_BITS, PURPOSE_BITS } from '../../zk/vocabulary.js';
import type { Gateway } from '../gateway/gateway.js';
import type { Session } from '../gateway/session.js';
import type { StudyName } from '../keys/study-keys.js';
import type { StudyWallet } from './wallet.js';

/** What a participant asks about her own data. */
export interface MyQuestion {
  readonly study: StudyName;
  /**
   * 1 to 16 institutions where she is a patient or gave consents. Only these learn that she asks.
   */
  readonly institutions: readonly InstitutionId[];
  /** Disclosures per page, 1 to 1,000; default 50. */
  readonly first?: number;
  /** The end cursor of the previous page. */
  readonly after?: string;
  /** No disclosure older than this. */
  readonly since?: Seconds;
  /** Whether each disclosure comes with its evidence. */
  readonly proven?: boolean;
}

export const MY = `query My($study: ID!, $publicKey: PublicKeyInput!, $lists: [SignedListInput!]!,
  $first: Int, $after: String, $since: DateTime, $proven: Boolean!) {
  my(study: $study, publicKey: $publicKey, lists: $lists) {
    pseudonym complete sources { institution { id } status } refused { index code }
    consents {
      institution { id } index leaf subtreeKey serial handle requester custodian { id }
      purposes dataClasses labels duties validity { from until } dataWindow { from until }
      policy registeredAt withdrawnAt state explanation
    }
    disclosures(first: $first, after: $after, since: $since) {
      nodes {
        custodian { id } requester record evidence @include(if: $proven) { ${EVIDENCE_FIELDS} }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

const id = z.object({ id: z.string() }).transform((named) => named.id as InstitutionId);
const time = z.iso.datetime({ offset: true }).transform(secondsFromIso);
const period = z.object({ from: time, until: time });

const ConsentForm = z.object({
  /** Where it is registered, and the index of its leaf there. */
  institution: id,
  index: z.int(),
  leaf: fieldText,
  /** Key for the paths of its subtree, as in a package. */
  subtreeKey: z.string().regex(SUBTREE_KEY),
  serial: fieldText.transform(BigInt),
  handle: fieldText,
  requester: fieldText,
  /** The only custodian that may release; null: any. */
  custodian: id.nullable(),
  purposes: z.array(nameIn(PURPOSE_BITS)),
  dataClasses: z.array(nameIn(DATA_CLASS_BITS)),
  labels: z.array(nameIn(LABEL_BITS)),
  duties: z.array(nameIn(DUTY_BITS)),
  validity: period,
  dataWindow: period,
  policy: fieldText,
  registeredAt: time,
  withdrawnAt: time.nullable(),
  state: z.enum(['NOT_YET', 'ACTIVE', 'EXPIRED', 'WITHDRAWN']),
  explanation: z.array(z.string()),
});

const DisclosureForm = z.object({
  custodian: id,
  /**
   * The requester named in the consent; null if none of the institutions asked has registered it.
   */
  requester: fieldText.nullable(),
  /** The record as logged, which the evidence proves. `at` counts seconds since 1900-01-01. */
  record: z.object({
    at: z.int(),
    study: z.string(),
    pseudonym: fieldText,
    handle: fieldText,
    purpose: nameIn(PURPOSE_BITS),
    dataClass: nameIn(DATA_CLASS_BITS),
    count: z.int(),
  }),
  /** Null until the next anchor, or if it was not asked for. */
  evidence: EvidenceRow.nullable().default(null),
});

const MineForm = z.object({
  pseudonym: fieldText,
  /**
   * Whether every institution asked has answered. If not, rows of the others may exist but are
   * missing here.
   */
  complete: z.boolean(),
  sources: z.array(z.object({ institution: id, status: z.string() })),
  /** The institutions that refused the signature, by their index in the question. */
  refused: z.array(z.object({ index: z.int(), code: z.string() })),
  consents: z.array(ConsentForm),
  disclosures: z.object({
    nodes: z.array(DisclosureForm),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
});

export type MyConsent = z.infer<typeof ConsentForm>;
export type MyDisclosure = z.infer<typeof DisclosureForm>;
/** A participant's own consents and disclosures in one study. */
export type Mine = z.infer<typeof MineForm>;

/**
 * Lists a participant's own consents and disclosures in one study, the newest first.
 *
 * The study key signs once per institution, for this session and ten minutes. A question names one
 * study only: two together would show gateway and nodes that two pseudonyms are the same person.
 *
 * @param by.session - a session made for this, with newSession(); never one that she uses for
 *   something else.
 * @throws SOURCE_FAILED if the answer is about another participant; the code of a question refused
 *   as a whole.
 */
export async function listMine(
  gateway: Gateway,
  by: { readonly wallet: StudyWallet; readonly session: Session; readonly tokenSeconds?: number },
  question: MyQuestion,
): Promise<Mine> {
  const { wallet, session, tokenSeconds = 600 } = by;
  const { study, institutions, first, after, since, proven = false } = question;
  const lists = institutions.map((asked) => {
    const { institution, at, signature } = wallet.signList(asked, session.holder);
    return { institution, at: isoFromSeconds(at), signature: inDecimals(signature) };
  });
  const { data, errors } = await gateway.send({
    document: MY,
    variables: {
      study: study.id,
      publicKey: inDecimals(wallet.publicKey),
      lists,
      first: first ?? 50,
      after: after ?? null,
      proven,
      since: since === undefined ? null : isoFromSeconds(since),
    },
    credential: await session.signCredential({
      audience: gateway.thumbprint,
      seconds: tokenSeconds,
    }),
  });
  if (errors[0] !== undefined) throw errors[0];
  const mine = MineForm.safeParse(data.my);
  if (!mine.success || mine.data.pseudonym !== String(wallet.pseudonym)) {
    throw new DomainError('SOURCE_FAILED', { expected: 'my own' });
  }
  return mine.data;
}

function inDecimals<Key extends string>(fields: Readonly<Record<Key, bigint>>) {
  const entries = Object.entries<bigint>(fields).map(([name, value]) => [name, String(value)]);
  return Object.fromEntries(entries) as Readonly<Record<Key, string>>;
}
