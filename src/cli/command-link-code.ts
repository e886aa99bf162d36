import { issueLinkCode } from '../consent/register/link.js';
import { majorityOf, requireProxy } from '../consent/register/proxy.js';
import { systemClock } from '../core/clock.js';
import { toStudyId } from '../core/ids.js';
import { readBirthDate } from '../records/birth-date.js';
import { withDatabaseBesideNode } from './own-database.js';
import type { CommonOptions } from './settings.js';

/** As long as one session at a desk or a portal takes. */
const CODE_SECONDS = 600;

/**
 * `assent link-code`: what a hospital's portal calls when it shows a code to a patient, or to the
 * proxy of one. It prints the code alone.
 *
 * @throws DomainError PROXY_REQUIRED, PROXY_ENDED, BIRTH_DATE_MISSING, CODE_UNKNOWN, STUDY_UNKNOWN,
 * FHIR_REFERENCE_UNRESOLVED
 */
export async function runLinkCode(
  options: CommonOptions & {
    readonly institution: string;
    readonly patient: string;
    readonly study: string;
    readonly proxy?: string;
  },
): Promise<void> {
  const { patient: patientId } = options;
  const study = toStudyId(options.study);
  await withDatabaseBesideNode(options, async ({ db, institution, config }) => {
    const birthDate = await db.transaction((tx) => readBirthDate(tx, patientId), 'read');
    const majorityAt = majorityOf(birthDate, config.majorityYears);
    const proxy = requireProxy(options.proxy, majorityAt, systemClock.nowSeconds());
    const context = { db, institution, clock: systemClock };
    const code = await issueLinkCode(context, {
      ...{ patientId, study, proxy },
      ttlSeconds: CODE_SECONDS,
    });
    process.stdout.write(`${code}\n`);
  });
}
