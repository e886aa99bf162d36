import { calculateJwkThumbprint, importJWK } from 'jose';
import { DomainError } from '../errors.js';
import { isOperatorRole, OPERATOR_ROLE_NAMES, type OperatorRole } from './roles.js';
import { isSmallOrder } from './small-order.js';

export type OperatorAlgorithm = 'EdDSA' | 'ES256';

/** A public key of an operator, as a node's settings have it. */
export interface OperatorKey {
  /** Its RFC 7638 thumbprint, SHA-256, base64url: the `kid` of its tokens. Chosen by nobody. */
  readonly id: string;
  /** The one algorithm that it is used with. A token does not choose. */
  readonly algorithm: OperatorAlgorithm;
  readonly roles: readonly OperatorRole[];
  readonly publicKey: CryptoKey;
}

/** A thumbprint: 32 bytes, base64url. */
export const KEY_ID_FORM = /^[A-Za-z0-9_-]{43}$/;

const COORDINATE = '[A-Za-z0-9_-]{43}';
const ROLE = '[a-z]+';
const ENTRY = `(EdDSA:${COORDINATE}|ES256:${COORDINATE}\\.${COORDINATE}):${ROLE}(\\+${ROLE}){0,9}`;

/** What the setting `operatorKeys` must look like, before keys and roles are read. */
export const OPERATOR_KEYS = new RegExp(`^${ENTRY}(,${ENTRY}){0,99}$`);
export const OPERATOR_KEYS_FORM =
  'EdDSA:x:role+role or ES256:x.y:role+role, base64url, comma separated';

/**
 * A key as it stands in the setting `operatorKeys`.
 *
 * @param jwk - public: only x, and y of ES256, are read.
 */
export function operatorKeyEntry(
  algorithm: OperatorAlgorithm,
  { x, y }: { readonly x?: string | undefined; readonly y?: string | undefined },
  roles: readonly OperatorRole[],
): string {
  return `${algorithm}:${algorithm === 'EdDSA' ? x : `${x}.${y}`}:${roles.join('+')}`;
}

/**
 * The keys of the setting `operatorKeys`, by their id.
 *
 * @throws DomainError CONFIGURATION_INVALID {operatorKeys} for a key that is no point of its curve or has
 * another text, for a role that there is not, and for a key that stands there twice.
 */
export async function readOperatorKeys(setting: string): Promise<ReadonlyMap<string, OperatorKey>> {
  if (!OPERATOR_KEYS.test(setting)) throw invalid(OPERATOR_KEYS_FORM);
  const keys = new Map<string, OperatorKey>();
  for (const [at, entry] of setting.split(',').entries()) {
    const key = await readEntry(entry, at + 1);
    if (keys.has(key.id)) throw invalid(`key ${at + 1} stands there twice`);
    keys.set(key.id, key);
  }
  return keys;
}

async function readEntry(entry: string, number: number): Promise<OperatorKey> {
  const [algorithm = '', point = '', listed = ''] = entry.split(':');
  const roles = listed.split('+');
  if (!roles.every(isOperatorRole) || new Set(roles).size !== roles.length) {
    throw invalid(`roles of key ${number}: of ${OPERATOR_ROLE_NAMES.join(' ')}, each once`);
  }
  const [x = '', y = ''] = point.split('.');
  const isEdwards = algorithm === 'EdDSA';
  const jwk = isEdwards ? { kty: 'OKP', crv: 'Ed25519', x } : { kty: 'EC', crv: 'P-256', x, y };
  const isCanonical = (isEdwards ? [x] : [x, y]).every(isCoordinate);
  if (!isCanonical || (isEdwards && isSmallOrder(x))) throw notAPoint(number);
  try {
    const publicKey = (await importJWK(jwk, algorithm)) as CryptoKey;
    const id = await calculateJwkThumbprint(jwk, 'sha256');
    return { id, algorithm: algorithm as OperatorAlgorithm, roles, publicKey };
  } catch {
    throw notAPoint(number);
  }
}

/** Base64url has several texts for some bytes: a key has one name, so one text alone is taken. */
function isCoordinate(text: string): boolean {
  return Buffer.from(text, 'base64url').toString('base64url') === text;
}

function notAPoint(number: number): DomainError {
  return invalid(`key ${number} is no public key of its curve`);
}

function invalid(reason: string): DomainError {
  return new DomainError('CONFIGURATION_INVALID', { operatorKeys: reason });
}
