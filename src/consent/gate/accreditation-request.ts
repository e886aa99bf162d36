import { z } from 'zod';
import { DomainError } from '../../core/errors.js';
import { toStudyId } from '../../core/ids.js';
import { nameIn } from '../../core/name-in.js';
import { fieldOf } from '../../zk/arithmetic/field.js';
import { accreditationRequest, periodOf } from '../../zk/request.js';
import { ACCREDITATION_ROLE_BITS } from '../../zk/vocabulary.js';
import { holderOf } from './holder-key.js';
import { institutionAsked, parseForm, type ReadRequest } from './request.js';

const PARTY = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$/;

const accreditationForm = z.object({
  role: nameIn(ACCREDITATION_ROLE_BITS).nullish(),
  study: z.string().nullish(),
  party: z.string().regex(PARTY).nullish(),
  institution: z.string().nullish(),
  holder: z.unknown(),
});

/**
 * Reads what accreditations are presented for. A researcher counts within a study, so it names a
 * study; a partner sees its own rows, so it names a party.
 *
 * It has no published secret: it is revoked by overwriting its leaf, so its root must be recent.
 *
 * @throws DomainError BAD_INPUT, ID_MALFORMED, ROLE_UNKNOWN, NOT_FOR_THIS_INSTITUTION, STUDY_UNKNOWN
 */
export const readAccreditationRequest: ReadRequest = async (input, reader) => {
  const given = parseForm(accreditationForm, input);
  const { role } = given;
  if (role == null) throw new DomainError('ROLE_UNKNOWN');
  institutionAsked(given.institution, reader.institution);
  const party = given.party ?? '';
  if (role === 'RESEARCHER' && given.study == null) {
    throw new DomainError('BAD_INPUT', { role, expected: 'study' });
  }
  if (role !== 'RESEARCHER' && party === '') {
    throw new DomainError('BAD_INPUT', { role, expected: 'party' });
  }
  const holder = await holderOf(given.holder);
  const study = given.study == null ? undefined : toStudyId(given.study);
  const hashed = {
    role,
    study: study === undefined ? 0n : await reader.studyField(study),
    party: party === '' ? 0n : fieldOf(party),
  };
  return {
    statement: 'accreditation',
    holder,
    // The hash includes the day.
    requestAt: (asOf) => accreditationRequest({ ...hashed, period: periodOf(asOf) }),
    purposeOf: () => undefined,
    expires: undefined,
    plaintext: ({ accreditationLifeSeconds }, presentedAt) => ({
      holder: holder.thumbprint,
      study: study ?? null,
      purpose: null,
      dataClasses: [],
      labels: [],
      duties: [],
      windowFrom: 0,
      windowUntil: 0,
      role,
      party,
      presentedAt,
      expiresAt: (asOf) => asOf + accreditationLifeSeconds,
    }),
  };
};
