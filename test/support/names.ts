import { toInstitutionId, toStudyId } from '../../src/core/ids.js';

/** The institutions of most tests: two hospitals that answer, and one that is down or unknown. */
export const RIVERSIDE = toInstitutionId('riverside-hospital');
export const LAKESHORE = toInstitutionId('lakeshore-hospital');
export const HILLSIDE = toInstitutionId('hillside-hospital');

/** The study that the pinned proofs are of, and one that they are not of. */
export const STUDY = toStudyId('NCT00000001');
export const OTHER_STUDY = toStudyId('NCT00000002');

/** The study of tests that prove nothing, which is the pilot's too, and one beside it. */
export const UNPROVEN_STUDY = toStudyId('NCT90000001');
export const OTHER_UNPROVEN_STUDY = toStudyId('NCT90000002');
