import type { ErrorCode } from '../../../core/error-codes.js';
import { DomainError } from '../../../core/errors.js';
import type { SqlTransaction } from '../../../store/database.js';
import { givePatientKeys, patientKey, readPatientKeys } from '../../identity/patient-key.js';
import type { PatientName } from '../../identity/server.js';
import type { PreparedResource } from '../prepare.js';
import { haveSaid, noteMerges } from './merged-patients.js';
import type { PatientLink } from './patient-links.js';
import type { Merge } from './survivors.js';

/** Errors for which a Patient's links are refused. */
const OF_LINKS: ReadonlySet<ErrorCode> = new Set(['FHIR_INVALID', 'INPUT_TOO_LARGE']);

/** The patients that the resources of a segment are, are about or are linked with. */
export class PatientsOfSegment {
  private constructor(
    private readonly keys: ReadonlyMap<string, string>,
    /** Patients whose rows can be stored. */
    private readonly known: Set<string>,
    /** Keys of the patients whose links are stored. */
    private readonly said: ReadonlySet<string>,
  ) {}

  /**
   * Gives keys to the patients that are to be stored, or are linked with one, and have none yet.
   */
  static async of(
    tx: SqlTransaction,
    resources: readonly PreparedResource[],
  ): Promise<PatientsOfSegment> {
    const own = resources.flatMap(({ name, links }) =>
      name.type === 'Patient' ? [name, ...links.map(({ other }) => other)] : [],
    );
    const subjects = resources.flatMap(({ subject }) => (subject === null ? [] : [subject]));
    const found = await readPatientKeys(tx, [...own, ...subjects]);
    const missing = new Map(
      own.flatMap(({ server, id }) => {
        const key = patientKey({ server, id });
        return found.has(key) ? [] : [[key, { server, id }] as const];
      }),
    );
    const given = await givePatientKeys(tx, [...missing.values()]);
    const keys = new Map([...found].map(([name, { key }]) => [name, key] as const));
    for (const [name, key] of given) keys.set(name, key);
    const known = new Set([...found].flatMap(([name, { isKnown }]) => (isKnown ? [name] : [])));
    const stored = own.flatMap((name) => found.get(patientKey(name))?.key ?? []);
    return new PatientsOfSegment(keys, known, await haveSaid(tx, stored));
  }

  /** @returns patient_key.key; null for a patient without a key. */
  keyOf(name: PatientName): string | null {
    return this.keys.get(patientKey(name)) ?? null;
  }

  isKnown(name: PatientName): boolean {
    return this.known.has(patientKey(name));
  }

  markKnown(name: PatientName): void {
    this.known.add(patientKey(name));
  }

  /** @returns why the links of a Patient are refused, if they are. */
  async noteLinks(
    tx: SqlTransaction,
    { name, links }: PreparedResource,
  ): Promise<DomainError | undefined> {
    const key = this.keyOf(name);
    if (key === null || (links.length === 0 && !this.said.has(key))) return undefined;
    const merges = links.map((link) => this.mergeOf(name, link));
    try {
      const replaced = await noteMerges(tx, { saidBy: key, merges });
      // A record that was deleted in the merge still has rows.
      for (const { other } of links)
        if (replaced.has(this.keyOf(other) ?? '')) this.markKnown(other);
      return undefined;
    } catch (failure) {
      if (failure instanceof DomainError && OF_LINKS.has(failure.code)) return failure;
      throw failure;
    }
  }

  private mergeOf(name: PatientName, { type, other }: PatientLink): Merge {
    const [own, theirs] = [this.keyOf(name) ?? '', this.keyOf(other) ?? ''];
    const isAcross = name.server !== other.server;
    return type === 'replaced-by'
      ? { saidBy: own, replaced: own, survivor: theirs, isAcross }
      : { saidBy: own, replaced: theirs, survivor: own, isAcross };
  }
}
