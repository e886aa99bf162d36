import { and, desc, eq } from 'drizzle-orm';
import { DomainError } from '../../../core/errors.js';
import { type Pseudonym, type StudyId, toPseudonym, toStudyId } from '../../../core/ids.js';
import type { SourceState } from '../../../graph/ask.js';
import type { Page } from '../../../graph/federated.js';
import type { EddsaPublicKey } from '../../../zk/eddsa.js';
import { pseudonymOf } from '../../../zk/leaf.js';
import { readDuties, readScope } from '../../../zk/vocabulary.js';
import type { RegisterContext } from '../../base/context.js';
import { type Refusal, refusalOf } from '../../base/model.js';
import { canRefuse } from '../../base/refusal-code.js';
import { provenDisclosures } from '../../disclosures/disclosure.js';
import { belowAt } from '../../disclosures/release-place.js';
import type { ProveRows } from '../../evidence/prove.js';
import type { Holder } from '../../gate/holder-key.js';
import type { PermitSet } from '../../gate/permit.js';
import { toPublicKey } from '../../registration/parse-signed-consent.js';
import { subtreeKeyAt } from '../../shard/subtree-key.js';
import { consent } from '../../tables/table-register.js';
import { pageOf, requesterUnder } from './disclosures.js';
import type {
  OwnConsent,
  OwnDisclosure,
  OwnPageQuestion,
  OwnParticipation,
  OwnQuestion,
} from './model.js';
import { requireLists, requireSignedList } from './signed-list.js';

/** What a node answers a study key from. */
export interface OwnRecords {
  readonly context: RegisterContext;
  readonly prove: ProveRows;
  /** As addRegisterRoutes has it. */
  readonly pathKey: Uint8Array;
}

/** Whose rows: nobody's but the signing key's. */
interface Subject {
  readonly study: StudyId;
  readonly pseudonym: Pseudonym;
}

const proveNothing: ProveRows = async (rows) => rows.map(() => null);

/**
 * One node's answer to a study key: two SQL statements, and a few more where disclosures are to be
 * proven. A pseudonym that nobody has is looked up as any other.
 *
 * @throws DomainError TOKEN_MISSING, and what requireLists and toPublicKey throw. A list that does
 * not hold is in the answer.
 */
export async function readOwn(
  records: OwnRecords,
  { holder }: PermitSet,
  question: OwnQuestion,
): Promise<OwnParticipation> {
  if (holder === undefined) throw new DomainError('TOKEN_MISSING');
  requireLists(question.lists);
  const { clock, institution, db } = records.context;
  const study = toStudyId(question.study);
  const publicKey = toPublicKey(question.publicKey);
  const pseudonym = toPseudonym(String(pseudonymOf(publicKey)));
  const of = { study, pseudonym };
  const refused = refusedLists(records, holder, publicKey, question);
  const isOpen = refused.length < question.lists.length;
  const sources = [{ institution, status: isOpen ? 'OK' : 'REFUSED', latencyMs: null } as const];
  const consents = isOpen
    ? await db.transaction(
        (tx) =>
          tx
            .select()
            .from(consent)
            .where(and(eq(consent.pseudonym, pseudonym), eq(consent.studyId, study)))
            .orderBy(desc(consent.serial)),
        'read',
      )
    : [];
  const own = consents.map((row) => toOwnConsent(row, records));
  return {
    ...of,
    asOf: clock.nowSeconds(),
    consents: own,
    refused,
    sources,
    disclosures: (page) =>
      isOpen
        ? readPage(records, of, own, page, sources)
        : Promise.resolve(pageOf({ rows: [], hasNextPage: false }, sources)),
  };
}

function refusedLists(
  { context }: OwnRecords,
  holder: Holder,
  publicKey: EddsaPublicKey,
  { lists }: OwnQuestion,
): readonly Refusal[] {
  const asked = {
    institution: context.institution,
    holder,
    nowSeconds: context.clock.nowSeconds(),
  };
  return lists.flatMap((list, index) => {
    try {
      requireSignedList(list, publicKey, asked);
      return [];
    } catch (thrown) {
      if (!canRefuse(thrown)) throw thrown;
      return [refusalOf(index, thrown.code)];
    }
  });
}

async function readPage(
  { context, prove }: OwnRecords,
  of: Subject,
  consents: readonly OwnConsent[],
  { first, after, since, evidence }: OwnPageQuestion,
  sources: readonly SourceState[],
): Promise<Page<OwnDisclosure>> {
  const { db, institution: custodian } = context;
  const requesterOf = requesterUnder(consents, custodian);
  const found = await provenDisclosures(db, evidence ? prove : proveNothing, of, {
    below: after && belowAt(custodian, after),
    since,
    size: first + 1,
  });
  const rows = found.slice(0, first).map((one): OwnDisclosure => {
    return { ...one, custodian, requester: requesterOf(one.record.handle) };
  });
  return pageOf({ rows, hasNextPage: found.length > first }, sources);
}

function toOwnConsent(
  row: typeof consent.$inferSelect,
  { context: { institution }, pathKey }: OwnRecords,
): OwnConsent {
  const { index, leaf, handle, requester, policy, registeredAt, withdrawnAt } = row;
  return {
    institution,
    index,
    leaf,
    handle,
    requester,
    policy,
    registeredAt,
    withdrawnAt,
    subtreeKey: subtreeKeyAt(pathKey, index),
    serial: String(row.serial),
    // Nothing is registered for another custodian: register-consent.ts.
    custodian: row.institution === '0' ? null : institution,
    ...readScope(BigInt(row.scope)),
    duties: readDuties(BigInt(row.duties)),
    validity: { from: row.validFrom, until: row.validUntil },
    dataWindow: { from: row.windowFrom, until: row.windowUntil },
  };
}
