import { z } from 'zod';
import { DomainError } from '../../core/errors.js';
import { type InstitutionId, type StudyId, toStudyId } from '../../core/ids.js';
import { type Period, type Seconds, secondsFromUnixMs, toPeriod } from '../../core/time.js';
import { fieldOf, institutionField } from '../../zk/arithmetic/field.js';
import { accreditationRequest, consentRequest, periodOf } from '../../zk/request.js';
import {
  ACCREDITATION_ROLE_BITS,
  type AccreditationRole,
  DATA_CLASS_BITS,
  type DataClass,
  DUTY_BITS,
  type Duty,
  dutiesOf,
  LABEL_BITS,
  PURPOSE_BITS,
  type Purpose,
  readDuties,
  readScope,
  type Sensitivity,
  scopeOf,
} from '../../zk/vocabulary.js';
import { type Holder, holderOf } from './holder-key.js';

/** What a node needs to read a request: its own name, and the studies it knows. */
export interface RequestReader {
  readonly institution: InstitutionId;
  /** The field of a study. @throws DomainError STUDY_UNKNOWN */
  readonly studyField: (study: StudyId) => Promise<bigint>;
}

/** A presentation's plaintext, read: what it asks for, and the hash that its proofs must carry. */
export interface ConsentAsked {
  readonly study: StudyId;
  readonly purpose: Purpose;
  readonly dataClasses: readonly DataClass[];
  readonly labels: readonly Sensitivity[];
  readonly duties: readonly Duty[];
  readonly dataWindow: Period;
  readonly expires: Seconds;
  readonly holder: Holder;
  /** Computed here from the plaintext alone. */
  readonly request: bigint;
  /** The purpose that the rest of this plaintext has that hash under; undefined if none. */
  readonly purposeOf: (request: bigint) => Purpose | undefined;
}

/** What an accreditation is presented for. */
export interface AccreditationAsked {
  readonly role: AccreditationRole;
  /** Undefined: any study. */
  readonly study: StudyId | undefined;
  /** Empty: none. */
  readonly party: string;
  readonly holder: Holder;
  /** The hash that a proof made at that time must carry; it names the day. */
  readonly requestAt: (asOf: bigint) => bigint;
}

const PURPOSES = Object.keys(PURPOSE_BITS) as readonly Purpose[];
const PARTY = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$/;

const namesOf = <Name extends string>(bits: Readonly<Record<Name, number>>) =>
  z.enum(Object.keys(bits) as [Name, ...Name[]]);
const list = <Name extends string>(bits: Readonly<Record<Name, number>>) =>
  z
    .array(namesOf(bits))
    .max(96)
    .nullish()
    .transform((names) => names ?? []);
const seconds = z.date().transform((date) => secondsFromUnixMs(date.getTime()));

const consentForm = z.object({
  study: z.string(),
  purpose: namesOf(PURPOSE_BITS).nullish(),
  dataClasses: list(DATA_CLASS_BITS),
  labels: list(LABEL_BITS),
  duties: list(DUTY_BITS),
  dataWindow: z.object({ from: seconds, until: seconds }),
  institution: z.string().nullish(),
  expires: seconds,
  holder: z.unknown(),
});

const accreditationForm = z.object({
  role: namesOf(ACCREDITATION_ROLE_BITS).nullish(),
  study: z.string().nullish(),
  party: z.string().regex(PARTY).nullish(),
  institution: z.string().nullish(),
  holder: z.unknown(),
});

/**
 * Reads what all consents of one presentation are shown for.
 *
 * A request names exactly one purpose, because one that named none would match everything.
 *
 * @throws DomainError BAD_INPUT, ID_MALFORMED, TIME_OUT_OF_RANGE, PURPOSE_MISSING,
 * DATA_CLASS_MISSING, PERIOD_EMPTY, NOT_FOR_THIS_INSTITUTION, STUDY_UNKNOWN
 */
export async function readConsentRequest(
  input: unknown,
  reader: RequestReader,
): Promise<ConsentAsked> {
  const given = parse(consentForm, input);
  if (given.purpose == null) throw new DomainError('PURPOSE_MISSING');
  if (given.dataClasses.length === 0) throw new DomainError('DATA_CLASS_MISSING');
  const institution = institutionAsked(given.institution, reader.institution);
  const holder = await holderOf(given.holder);
  const dataWindow = toPeriod(given.dataWindow.from, given.dataWindow.until);
  const { purpose, expires } = given;
  const scopeFor = (one: Purpose) => scopeOf({ ...given, purposes: [one] });
  const duties = dutiesOf(given.duties);
  const study = toStudyId(given.study);
  const asked = {
    institution,
    study: await reader.studyField(study),
    duties,
    dataWindow: { from: BigInt(dataWindow.from), until: BigInt(dataWindow.until) },
    expires: BigInt(expires),
  };
  const requestFor = (one: Purpose) => consentRequest({ ...asked, scope: scopeFor(one) });
  // Read back from the bits that the proofs speak of: each name once, in one order.
  const { dataClasses, labels } = readScope(scopeFor(purpose));
  const acknowledged = readDuties(duties);
  return {
    study,
    purpose,
    dataClasses,
    labels,
    duties: acknowledged,
    dataWindow,
    expires,
    holder,
    request: requestFor(purpose),
    purposeOf: purposeFinder(requestFor),
  };
}

/** Hashes each purpose when the first proof does not fit, once for all proofs of a presentation. */
function purposeFinder(requestFor: (purpose: Purpose) => bigint): ConsentAsked['purposeOf'] {
  let purposes: ReadonlyMap<bigint, Purpose> | undefined;
  return (request) => {
    purposes ??= new Map(PURPOSES.map((purpose) => [requestFor(purpose), purpose]));
    return purposes.get(request);
  };
}

/**
 * Reads what accreditations are shown for. A researcher counts within a study and a partner sees
 * its own rows, so the one names a study and the others a party.
 *
 * @throws DomainError BAD_INPUT, ID_MALFORMED, ROLE_UNKNOWN, NOT_FOR_THIS_INSTITUTION, STUDY_UNKNOWN
 */
export async function readAccreditationRequest(
  input: unknown,
  reader: RequestReader,
): Promise<AccreditationAsked> {
  const given = parse(accreditationForm, input);
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
  const asked = {
    role,
    study: study === undefined ? 0n : await reader.studyField(study),
    party: party === '' ? 0n : fieldOf(party),
  };
  const requestAt = (asOf: bigint) => accreditationRequest({ ...asked, period: periodOf(asOf) });
  return { role, study, party, holder, requestAt };
}

function institutionAsked(asked: string | null | undefined, self: InstitutionId): bigint {
  if (asked == null) return 0n;
  if (asked !== self) throw new DomainError('NOT_FOR_THIS_INSTITUTION');
  return institutionField(self);
}

/** zod keeps DomainErrors of transforms as they are; its own findings become one BAD_INPUT. */
function parse<Form extends z.ZodType>(form: Form, input: unknown): z.output<Form> {
  const parsed = form.safeParse(input);
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new DomainError('BAD_INPUT', { argument: path });
}
