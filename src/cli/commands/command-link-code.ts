import { majorityOf, type PatientProxy, requireProxy } from '../../consent/base/proxy.js';
import { issueLinkCode } from '../../consent/registration/link.js';
import {
  confirmLink,
  type LinkSession,
  pendingWords,
  refuseLinks,
} from '../../consent/registration/link-confirm.js';
import type { LinkContext } from '../../consent/registration/shown-code.js';
import { systemClock } from '../../core/clock.js';
import { toStudyId } from '../../core/ids.js';
import { readLinkablePatient } from '../../records/import/merge/linkable-patient.js';
import type { SqlTransaction } from '../../store/database.js';
import { loadNodeKeys } from '../state/node-keys.js';
import { withDatabaseBesideNode } from '../state/own-database.js';
import type { CommonOptions } from '../state/settings.js';

/** Long enough for one session at a desk or a portal. */
const CODE_SECONDS = 600;

export type LinkCodeOptions = CommonOptions & {
  readonly institution: string;
  readonly patient: string;
  readonly study: string;
  readonly proxy?: string;
  /** True: print the words of the waiting keys. A text: confirm the key with these words. */
  readonly confirm?: string | true;
  /** Refuse the waiting keys, and show a new code. */
  readonly refuse?: boolean;
};

/**
 * `assent link-code`: a hospital's portal calls it in the session of a patient, or of a proxy. It
 * prints only a code; with `--confirm` the words of the keys that answered, a line each; with
 * `--confirm WORDS` nothing, because that key is now linked; with `--refuse` a new code.
 *
 * @throws DomainError PATIENT_DECEASED, PATIENT_MERGED, PATIENT_INACTIVE, PATIENT_AMBIGUOUS,
 * PROXY_REQUIRED, PROXY_ENDED, BIRTH_DATE_MISSING, CODE_UNKNOWN, STUDY_UNKNOWN,
 * FHIR_REFERENCE_UNRESOLVED, LINK_WORDS_UNKNOWN, PSEUDONYM_TAKEN
 */
export async function runLinkCode(options: LinkCodeOptions): Promise<void> {
  const study = toStudyId(options.study);
  await withDatabaseBesideNode(options, async ({ db, institution, config, folder }) => {
    const read = (tx: SqlTransaction) => readLinkablePatient(tx, options.patient);
    const { key: patientId, birthDate } = await db.transaction(read, 'read');
    const majorityAt = majorityOf(birthDate, config.majorityYears);
    const proxy = requireProxy(options.proxy, majorityAt, systemClock.nowSeconds());
    const { linkKey } = await loadNodeKeys(folder, institution);
    const context = { db, institution, clock: systemClock, linkKey };
    const lines = await linesOf(context, { patientId, study, proxy }, options);
    for (const line of lines) process.stdout.write(`${line}\n`);
  });
}

async function linesOf(
  context: LinkContext,
  { proxy, ...of }: Omit<LinkSession, 'proxy'> & { readonly proxy: PatientProxy | null },
  { confirm, refuse }: LinkCodeOptions,
): Promise<readonly string[]> {
  const session = { ...of, proxy: proxy?.relationship ?? null };
  if (confirm === true) return pendingWords(context, session);
  if (confirm !== undefined) {
    await confirmLink(context, session, confirm);
    return [];
  }
  if (refuse) await refuseLinks(context, session);
  return [await issueLinkCode(context, { ...of, proxy, ttlSeconds: CODE_SECONDS })];
}
