import { z } from 'zod';
import { DomainError } from '../../core/errors.js';
import { toStudyId } from '../../core/ids.js';
import { nameIn } from '../../core/name-in.js';
import { secondsFromUnixMs, toPeriod } from '../../core/time.js';
import { consentRequest } from '../../zk/request.js';
import {
  DATA_CLASS_BITS,
  DUTY_BITS,
  dutiesOf,
  LABEL_BITS,
  PURPOSE_BITS,
  type Purpose,
  readDuties,
  readScope,
  scopeOf,
} from '../../zk/vocabulary.js';
import { holderOf } from './holder-key.js';
import { type Asked, institutionAsked, parseForm, type ReadRequest } from './request.js';

const PURPOSES = Object.keys(PURPOSE_BITS) as readonly Purpose[];

const list = <Name extends string>(bits: Readonly<Record<Name, number>>) =>
  z
    .array(nameIn(bits))
    .max(96)
    .nullish()
    .transform((names) => names ?? []);
const seconds = z.date().transform((date) => secondsFromUnixMs(date.getTime()));

const consentForm = z.object({
  study: z.string(),
  purpose: nameIn(PURPOSE_BITS).nullish(),
  dataClasses: list(DATA_CLASS_BITS),
  labels: list(LABEL_BITS),
  duties: list(DUTY_BITS),
  dataWindow: z.object({ from: seconds, until: seconds }),
  institution: z.string().nullish(),
  expires: seconds,
  holder: z.unknown(),
});

/**
 * Reads what all consents of one presentation are shown for: each opens its participant's rows.
 *
 * A request names exactly one purpose, because one that named none would match everything.
 *
 * @throws DomainError BAD_INPUT, ID_MALFORMED, TIME_OUT_OF_RANGE, PURPOSE_MISSING,
 * DATA_CLASS_MISSING, PERIOD_EMPTY, NOT_FOR_THIS_INSTITUTION, STUDY_UNKNOWN
 */
export const readConsentRequest: ReadRequest = async (input, reader) => {
  const given = parseForm(consentForm, input);
  if (given.purpose == null) throw new DomainError('PURPOSE_MISSING');
  if (given.dataClasses.length === 0) throw new DomainError('DATA_CLASS_MISSING');
  const institution = institutionAsked(given.institution, reader.institution);
  const holder = await holderOf(given.holder);
  const dataWindow = toPeriod(given.dataWindow.from, given.dataWindow.until);
  const { purpose, expires } = given;
  const scopeFor = (one: Purpose) => scopeOf({ ...given, purposes: [one] });
  const duties = dutiesOf(given.duties);
  const study = toStudyId(given.study);
  const hashed = {
    institution,
    study: await reader.studyField(study),
    duties,
    dataWindow: { from: BigInt(dataWindow.from), until: BigInt(dataWindow.until) },
    expires: BigInt(expires),
  };
  const requestFor = (one: Purpose) => consentRequest({ ...hashed, scope: scopeFor(one) });
  const request = requestFor(purpose);
  // Read back from the bits that the proofs speak of: each name once, in one order.
  const { dataClasses, labels } = readScope(scopeFor(purpose));
  const acknowledged = readDuties(duties);
  return {
    statement: 'consent',
    holder,
    requestAt: () => request,
    purposeOf: purposeFinder(requestFor),
    expires,
    plaintext: (_parameters, presentedAt) => ({
      holder: holder.thumbprint,
      study,
      purpose,
      dataClasses,
      labels,
      duties: acknowledged,
      windowFrom: dataWindow.from,
      windowUntil: dataWindow.until,
      role: null,
      party: '',
      presentedAt,
      expiresAt: () => expires,
    }),
  };
};

/** Hashes each purpose when the first proof does not fit, once for all proofs of a presentation. */
function purposeFinder(requestFor: (purpose: Purpose) => bigint): Asked['purposeOf'] {
  let purposes: ReadonlyMap<bigint, Purpose> | undefined;
  return (request) => {
    purposes ??= new Map(PURPOSES.map((purpose) => [requestFor(purpose), purpose]));
    return purposes.get(request);
  };
}
