import { z } from 'zod';
import { DomainError } from '../../core/errors.js';
import { type InstitutionId, toInstitutionId } from '../../core/ids.js';
import { type JsonBounds, parseBoundedJson } from '../../core/import/json-bounds.js';
import { SUBTREE_KEY } from '../../core/subtree-key.js';
import { parseCanonicalDecimal } from '../../zk/arithmetic/field.js';
import { requireEddsa } from '../../zk/eddsa.js';
import { consentLeaf, pseudonymOf } from '../../zk/leaf.js';
import type { SignedConsent } from '../../zk/signed-consent.js';
import { SHARD_LEVELS } from '../../zk/tree.js';
import { type Sealed, type SealingKey, seal, unseal } from '../keys/sealing.js';

/**
 * Everything except a path that a requester needs to prove a consent: what the wallet hands over.
 */
export interface ConsentPackage extends SignedConsent {
  /** Where it is registered. */
  readonly institution: InstitutionId;
  /** Index of its leaf in that institution's shard, from 0. */
  readonly index: number;
  /** Key for its paths there, shared by the 1,024 leaves of its subtree. */
  readonly subtreeKey: string;
}

/** A package has about forty values. */
const BOUNDS: JsonBounds = { maxDepth: 16, maxValues: 1_000 };

const Decimal = z.string().transform((text, context) => {
  try {
    return parseCanonicalDecimal(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'a canonical decimal below the field order' });
    return z.NEVER;
  }
});
const PeriodForm = z.strictObject({ from: Decimal, until: Decimal });

/**
 * A signed consent on the wire. The salt is a member of its own, because erasing a consent means
 * erasing its salt.
 */
const signedForm = {
  fields: z.strictObject({
    pseudonym: Decimal,
    requester: Decimal,
    study: Decimal,
    institution: Decimal,
    scope: Decimal,
    duties: Decimal,
    validity: PeriodForm,
    dataWindow: PeriodForm,
    policy: Decimal,
    serial: Decimal,
    handle: Decimal,
  }),
  salt: Decimal,
  publicKey: z.strictObject({ ax: Decimal, ay: Decimal }),
  signature: z.strictObject({ r8x: Decimal, r8y: Decimal, s: Decimal }),
};
const PackageForm = z.strictObject({
  ...signedForm,
  institution: z.string(),
  index: z
    .number()
    .int()
    .min(0)
    .max(2 ** SHARD_LEVELS - 1),
  subtreeKey: z.string().regex(SUBTREE_KEY),
});

/** The JSON form of a package; every field element is a canonical decimal. */
export type ConsentPackageJson = z.input<typeof PackageForm>;

export function consentPackageToJson(consent: ConsentPackage): ConsentPackageJson {
  const { salt, ...fields } = consent.fields;
  const { publicKey, signature, institution, index, subtreeKey } = consent;
  const place = { institution, index, subtreeKey };
  return decimals({ fields, salt, publicKey, signature, ...place }) as ConsentPackageJson;
}

/**
 * Parses a package and requires that its participant signed it, because the sender of a sealed
 * package could have invented it.
 *
 * @throws PACKAGE_MALFORMED naming the member; SIGNATURE_INVALID if the key is not the pseudonym's
 * or did not sign this leaf; PERIOD_EMPTY, FIELD_OUT_OF_RANGE, ID_MALFORMED.
 */
export function parseConsentPackage(json: unknown): ConsentPackage {
  const parsed = PackageForm.safeParse(json);
  if (!parsed.success) {
    const member = parsed.error.issues[0]?.path.join('.') ?? '';
    throw new DomainError('PACKAGE_MALFORMED', { member });
  }
  const { fields: unsalted, salt, publicKey, signature, index, subtreeKey } = parsed.data;
  const fields = { ...unsalted, salt };
  requireEddsa(publicKey, consentLeaf(fields), signature);
  if (pseudonymOf(publicKey) !== fields.pseudonym) throw new DomainError('SIGNATURE_INVALID');
  const institution = toInstitutionId(parsed.data.institution);
  return { fields, publicKey, signature, institution, index, subtreeKey };
}

/** Seals a package to the requester's X25519 public key. */
export function sealConsentPackage(
  consent: ConsentPackage,
  recipient: Uint8Array,
): Promise<Sealed> {
  const json = JSON.stringify(consentPackageToJson(consent));
  return seal(new TextEncoder().encode(json), recipient);
}

/** Opens a sealed package. @throws SEALED_UNREADABLE, and what parseConsentPackage throws. */
export async function openConsentPackage(
  sealed: unknown,
  key: SealingKey,
): Promise<ConsentPackage> {
  const text = new TextDecoder().decode(await unseal(sealed, key));
  let json: unknown;
  try {
    json = parseBoundedJson(text, BOUNDS);
  } catch {
    throw new DomainError('PACKAGE_MALFORMED', { member: '' });
  }
  return parseConsentPackage(json);
}

function decimals(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, decimals(member)]),
  );
}
