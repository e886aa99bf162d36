import { DomainError } from './errors.js';
import { FIELD_TEXT } from './field-text.js';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** An institution's slug, unique on its ledger: lower-case letters, digits and hyphens, 3 to 40. */
export type InstitutionId = Branded<'InstitutionId'>;
/** A study's id as its registry gives it, for example an NCT number. */
export type StudyId = Branded<'StudyId'>;
/** A participant's name within one study: a canonical decimal field element. */
export type Pseudonym = Branded<'Pseudonym'>;

const INSTITUTION_ID = /^[a-z][a-z0-9-]{2,39}$/;
const STUDY_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{2,63}$/;

export function toInstitutionId(text: string): InstitutionId {
  return toId<InstitutionId>(text, INSTITUTION_ID, 'institution');
}

export function toStudyId(text: string): StudyId {
  return toId<StudyId>(text, STUDY_ID, 'study');
}

/** The form alone is checked; that it is a pseudonym of someone only a statement can show. */
export function toPseudonym(text: string): Pseudonym {
  return toId<Pseudonym>(text, FIELD_TEXT, 'pseudonym');
}

function toId<Id extends string>(text: string, form: RegExp, kind: string): Id {
  if (typeof text !== 'string' || !form.test(text)) throw new DomainError('ID_MALFORMED', { kind });
  return text as Id;
}
