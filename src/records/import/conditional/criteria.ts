import { DomainError } from '../../../core/errors.js';

/** What a condition searches for: resources of a type with a certain identifier. */
export interface Criteria {
  readonly type: string;
  /** Identifier.system; '' for an identifier without one, undefined for any. */
  readonly system: string | undefined;
  readonly value: string;
}

/** A search in place of an id: `Patient?identifier=system|value`. */
export interface ConditionalUrl {
  readonly type: string;
  /** The part after the `?`. */
  readonly query: string;
}

const CONDITIONAL_URL = /^([A-Z][A-Za-z]{1,63})\?(.*)$/s;

/** Parses a search URL that is relative to its server; undefined for anything else. */
export function readConditionalUrl(url: string): ConditionalUrl | undefined {
  const [, type, query] = CONDITIONAL_URL.exec(url) ?? [];
  return type === undefined || query === undefined ? undefined : { type, query };
}

/**
 * Parses the criteria of a condition. Only identifiers are supported: many people share a name or a
 * birth date.
 *
 * @param place - the element that holds the condition, for the error.
 * @throws DomainError FHIR_CONDITION_UNSUPPORTED for anything but one identifier with a value.
 * @source R4 search.html#token, search.html#escaping
 */
export function readCriteria({ type, query }: ConditionalUrl, place: string): Criteria {
  const unsupported = (rule: string) =>
    new DomainError('FHIR_CONDITION_UNSUPPORTED', { detail: `${place} ${rule}` });
  const [parameter, ...others] = query.split('&').filter((part) => part !== '');
  const [, name, encoded] = /^([^=]*)=(.*)$/s.exec(parameter ?? '') ?? [];
  if (name !== 'identifier' || encoded === undefined || others.length > 0) {
    throw unsupported('asks for something other than one identifier');
  }
  if (encoded.includes('+')) throw unsupported('has a + that is not written as %2B or %20');
  const token = decoded(encoded);
  if (token === undefined) throw unsupported('is not percent-encoded as a URL is');
  const parts = partsOf(token);
  if (parts === undefined) throw unsupported('names more than one identifier');
  const [first = '', second] = parts;
  const [system, value] = second === undefined ? [undefined, first] : [first, second];
  if (value === '') throw unsupported('has no identifier value');
  return { type, system, value };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/**
 * The parts between bars, with R4's escapes undone; undefined if there is a comma or a second bar
 * that is not escaped.
 */
function partsOf(token: string): readonly string[] | undefined {
  const parts = [''];
  for (const [, escaped, plain = ''] of token.matchAll(/\\([\\|,$])|(.)/gs)) {
    if (plain === ',') return undefined;
    if (plain === '|') parts.push('');
    else parts.push(`${parts.pop() ?? ''}${escaped ?? plain}`);
  }
  return parts.length > 2 ? undefined : parts;
}
