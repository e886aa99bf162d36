import { DomainError } from '../../core/errors.js';

/**
 * A FHIR server by its base URL, normalised: ids are unique within one server alone, so that whatever
 * is known by its type and id is known by its server too.
 */
export type Server = string;

/** The server of files that name none: the institution's own. */
export const UNNAMED_SERVER: Server = '';

/** A resource by what makes it unique. */
export interface ResourceName {
  readonly server: Server;
  readonly type: string;
  readonly id: string;
}

/** A patient by server and id. */
export type PatientName = Omit<ResourceName, 'type'>;

const URN_UUID = /^urn:uuid:([0-9a-f-]{36})$/i;

/** The UUID of a urn:uuid, in lower case as R4 has it; undefined for any other text. */
export function uuidOf(url: string): string | undefined {
  return URN_UUID.exec(url)?.[1]?.toLowerCase();
}

/** @source R4 datatypes.html#id */
const ID = /^[A-Za-z0-9.-]{1,64}$/;
/** Ids that break R4's limit but no other rule, which `--long-ids map` keeps in a table. */
const LONG_ID = /^[A-Za-z0-9.-]{65,255}$/;

/** @param longIds - whether ids of more than 64 characters are taken. */
export function isId(text: string, { longIds = false } = {}): boolean {
  return ID.test(text) || (longIds && LONG_ID.test(text));
}

/** What a command takes for a patient: an id, of any length that is kept, or a Patient's URL. */
export function isPatientName(text: string): boolean {
  return isId(text, { longIds: true }) || readName(text, UNNAMED_SERVER)?.type === 'Patient';
}

export function isLongId(text: string): boolean {
  return text.length > 64;
}

/**
 * The base URL of a server as it is compared and stored: scheme and host in lower case, without the
 * scheme's own port and a slash at the end. The path is compared as it is.
 *
 * @throws DomainError BAD_INPUT {base} for what is no http or https URL, has user, query or fragment, or is
 *   longer than 2,048 characters.
 */
export function toServer(base: string): Server {
  const server = serverOf(base);
  if (server === undefined) throw new DomainError('BAD_INPUT', { base: 'no base URL of a server' });
  return server;
}

/** Longer texts name nothing here: senders, proxies and browsers end at about this length. */
export const MAX_URL_CHARACTERS = 2_048;

const KNOWN = new Map<string, Server | undefined>();
const MAX_KNOWN = 1_000;

function serverOf(base: string): Server | undefined {
  // Before anything reads it: what is longer would cost its square, and be kept.
  if (base.length > MAX_URL_CHARACTERS) return undefined;
  // A file names few servers, each of them in every line.
  if (KNOWN.has(base)) return KNOWN.get(base);
  if (KNOWN.size >= MAX_KNOWN) KNOWN.clear();
  const server = normalised(base);
  KNOWN.set(base, server);
  return server;
}

function normalised(base: string): Server | undefined {
  const url = URL.canParse(base) ? new URL(base) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return undefined;
  const { username, password, search, hash, origin, pathname } = url;
  if (username + password + search + hash !== '') return undefined;
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

const TYPE_AND_ID =
  /^([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9.-]{1,255})(?:\/_history\/[A-Za-z0-9.-]+)?$/;
const REST_URL =
  /^([Hh][Tt][Tt][Pp][Ss]?:\/\/[^?#]+)\/([A-Z][A-Za-z]{1,63}\/[A-Za-z0-9.-]{1,255}(?:\/_history\/[A-Za-z0-9.-]+)?)$/;

/**
 * Reads `Type/id` or a server's URL of it, with or without a version.
 *
 * @param server - of which a relative one is.
 * @returns undefined for anything else, and for a text of more than 2,048 characters.
 * @source R4 references.html#literal
 */
export function readName(reference: string, server: Server): ResourceName | undefined {
  if (reference.length > MAX_URL_CHARACTERS) return undefined;
  const [, base, path] = REST_URL.exec(reference) ?? [];
  const [, type, id] = TYPE_AND_ID.exec(path ?? reference) ?? [];
  const of = base === undefined ? server : serverOf(base);
  return type === undefined || id === undefined || of === undefined
    ? undefined
    : { server: of, type, id };
}

/** Scheme and host of a URL, which tell one server from another where it is no URL of a resource. */
export function originOf(url: string): Server | undefined {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return undefined;
  return new URL(url).origin;
}

/** `Type/id` at the unnamed server, the resource's URL at any other. */
export function referenceTo({ server, type, id }: ResourceName): string {
  return server === UNNAMED_SERVER ? `${type}/${id}` : `${server}/${type}/${id}`;
}

/** A key for a map: no two resources have the same. */
export function nameKey({ server, type, id }: ResourceName): string {
  return `${server} ${type}/${id}`;
}
