import type { Meta, Resource } from '@medplum/fhirtypes';
import { LABEL_BITS, type Sensitivity } from '../../zk/vocabulary.js';
import type { Said } from '../codes/said.js';
import { sensitivityOf } from '../sensitive/sensitivity.js';

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
/** Unrestricted, low, moderate and normal ask for no special protection. */
const ORDINARY = new Set(['U', 'L', 'M', 'N']);
const RESTRICTED = new Set(['R', 'V']);

/** The lowest bit of LABEL_BITS in a scope; a row's labels are stored from bit 0. */
const FIRST_LABEL = 64;
/** Beyond the 32 labels that a scope has room for, so no permit can grant it. */
const NEVER_GRANTED = 2 ** 32;

/**
 * The labels of a resource, one bit each: those that its custodian gave it, and those found from
 * its codes and words, which its custodian may have missed.
 */
export function labelBitsOf({ meta }: Resource, said: Said): number {
  const found = labelBits(sensitivityOf(said));
  const given = labelBitsOfMeta(meta);
  if (found === 0 || given === 0) return found + given;
  // As bigints: | on numbers keeps only 32 bits, and NEVER_GRANTED is bit 32.
  return Number(BigInt(given) | BigInt(found));
}

/**
 * The sensitivity labels that a resource came with, one bit each.
 *
 * A label that is not understood here cannot have been granted by anybody, so the resource is
 * withheld. So is a restricted resource that does not say for which sensitivity.
 */
export function labelBitsOfMeta(meta: Meta | undefined): number {
  const codings = meta?.security;
  if (codings === undefined) return 0;
  const known = codings.flatMap(({ system, code }) =>
    system === ACT_CODE && isSensitivity(code) ? [code] : [],
  );
  const strange = codings.some(({ system, code = '' }) => {
    if (system === ACT_CODE) return !isSensitivity(code);
    if (system === CONFIDENTIALITY && RESTRICTED.has(code)) return known.length === 0;
    if (system === CONFIDENTIALITY) return !ORDINARY.has(code);
    return !(system === ACT_REASON && code === 'HTEST');
  });
  return labelBits(known) + (strange ? NEVER_GRANTED : 0);
}

/** The bits of these labels, as stored in the tables and in the permits joined to them. */
export function labelBits(labels: readonly Sensitivity[]): number {
  return [...new Set(labels)].reduce(
    (sum, label) => sum + 2 ** (LABEL_BITS[label] - FIRST_LABEL),
    0,
  );
}

function isSensitivity(code: string | undefined): code is Sensitivity {
  return code !== undefined && Object.hasOwn(LABEL_BITS, code);
}
