import { DomainError } from '../../core/errors.js';

/**
 * A FHIR server by its normalised base URL. Ids are unique only within a server, so a resource is
 * identified by server, type and id.
 */
export type Server = string;

/** The server of files that do not name one: the institution's own. */
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
/** Ids that break only R4's limit of length; `--long-ids map` keeps them in a table. */
const LONG_ID = /^[A-Za-z0-9.-]{65,255}$/;

/** @param longIds - whether ids of more than 64 characters are accepted. */
export function isId(text: string, { longIds = false } = {}): boolean {
  return ID.test(text) || (longIds && LONG_ID.test(text));
}

/** Whether a command accepts this as a patient: an id, long ids included, or a Patient's URL. */
export function isPatientName(text: string): boolean {
  return isId(text, { longIds: true }) || readName(text, UNNAMED_SERVER)?.type === 'Patient';
}

export function isLongId(text: string): boolean {
  return text.length > 64;
}

/**
 * The base URL of a server as it is compared and stored: scheme and host in lower case, without the
 * scheme's default port and without a trailing slash. The path is unchanged.
 *
 * @throws DomainError BAD_INPUT {base} if it is not an http or https URL, has a user, query or
 *   fragment, or is longer than 2,048 characters.
 */
export function toServer(base: string): Server {
  const server = serverOf(base);
  if (server === undefined)
    throw new DomainError('BAD_INPUT', { base: 'not the base URL of a server' });
  return server;
}

/** Longer URLs are not read: senders, proxies and browsers stop at about this length. */
export const MAX_URL_CHARACTERS = 2_048;

const KNOWN = new Map<string, Server | undefined>();
const MAX_KNOWN = 1_000;

function serverOf(base: string): Server | undefined {
  // Checked first: parsing longer texts takes quadratic time, and they would be cached.
  if (base.length > MAX_URL_CHARACTERS) return undefined;
  // A file names few servers, but one of them in every line.
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
 * @param server - the server of a relative reference.
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

/** Scheme and host of a URL: enough to tell servers apart if the URL is not that of a resource. */
export function originOf(url: string): Server | undefined {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return undefined;
  return new URL(url).origin;
}

/** `Type/id` for the unnamed server, the resource's URL for any other. */
export function referenceTo({ server, type, id }: ResourceName): string {
  return server === UNNAMED_SERVER ? `${type}/${id}` : `${server}/${type}/${id}`;
}

/** Key for a map; unique per resource. */
export function nameKey({ server, type, id }: ResourceName): string {
  return `${server} ${type}/${id}`;
}
