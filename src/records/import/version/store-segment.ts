import { DomainError } from '../../../core/errors.js';
import type { SqlTransaction } from '../../../store/database.js';
import { shortIdsFor } from '../../identity/long-ids.js';
import { nameKey } from '../../identity/server.js';
import type { SettledWords } from '../../labels/code-display.js';
import { type RefusedResource, refusedResource } from '../bundle.js';
import { PatientsOfSegment } from '../merge/patients-of-segment.js';
import { type PreparedResource, unresolved } from '../prepare.js';
import { type PlacedRows, storedStates, storeResources } from '../resource-rows.js';
import { decide, type Lateness, type StoredVersion, type VersionDecision } from './decide.js';
import { orderOf } from './version.js';

/**
 * A resource whose patient is neither in the segment nor stored: refused if the patient does not
 * arrive.
 */
export interface Waiting extends RefusedResource {
  readonly path: string;
}

/** The result of storing resources: each is in exactly one of the counts or lists. */
export interface StoredResources {
  readonly taken: number;
  readonly unchanged: number;
  readonly withoutPatient: number;
  readonly waiting: readonly Waiting[];
  readonly refused: readonly RefusedResource[];
  /** For those that are now stored: the elements that keep them from being rows. */
  readonly withheldBy: readonly string[];
  /** Notes about some of those that were stored now. */
  readonly noted: readonly string[];
  readonly localCodes: number;
}

interface How {
  readonly settled: SettledWords;
  readonly isLate: Lateness;
}

/** Stores a segment of resources, in order. */
export async function storeSegment(
  tx: SqlTransaction,
  resources: readonly PreparedResource[],
  { settled, isLate }: How,
): Promise<StoredResources> {
  const named = await nameAsStored(tx, resources);
  const names = named.map(({ name }) => name);
  const stored = await storedStates(tx, names);
  const outcome = new Outcome(new Map(stored), isLate);
  const patients = await PatientsOfSegment.of(tx, named);
  for (const resource of named) {
    if (resource.name.type !== 'Patient') continue;
    const isNew = outcome.changes(outcome.decide(resource));
    const failure = isNew ? await patients.noteLinks(tx, resource) : undefined;
    if (failure !== undefined) outcome.refuse(resource, failure);
    else outcome.apply(resource);
    if (outcome.isStored(resource)) patients.markKnown(resource.name);
  }
  for (const resource of named) {
    if (resource.name.type === 'Patient') continue;
    const { subject } = resource;
    if (subject === null || patients.isKnown(subject)) outcome.apply(resource);
    else outcome.wait(resource);
  }
  const rows = [...outcome.changed].map(([key, resource]): PlacedRows => {
    const { name, subject } = resource;
    const patientId = subject === null ? null : patients.keyOf(subject);
    return { ...resource, id: name.id, patientId, replaces: stored.has(key) };
  });
  outcome.noted.push(...(await storeResources(tx, rows, settled)));
  return outcome;
}

/** The result of a segment so far. */
class Outcome implements StoredResources {
  taken = 0;
  unchanged = 0;
  withoutPatient = 0;
  readonly waiting: Waiting[] = [];
  readonly refused: RefusedResource[] = [];
  readonly withheldBy: string[] = [];
  readonly noted: string[] = [];
  localCodes = 0;
  /** The last version of each that is to be stored. */
  readonly changed = new Map<string, PreparedResource>();

  constructor(
    private readonly states: Map<string, StoredVersion>,
    private readonly isLate: Lateness,
  ) {}

  /** Decides from what is stored and from what came earlier in this segment. */
  decide(resource: PreparedResource): VersionDecision {
    return decide(resource, this.states.get(nameKey(resource.name)), this.isLate);
  }

  changes(decision: VersionDecision): boolean {
    return decision === 'STORE' || decision === 'NOTE';
  }

  /** Stores, skips or refuses a resource whose patient is known, and counts it. */
  apply(resource: PreparedResource): void {
    const decision = this.decide(resource);
    if (decision === 'CONFLICT' || decision === 'DELETED') {
      const code = decision === 'DELETED' ? 'FHIR_DELETED' : 'FHIR_VERSION_CONFLICT';
      this.refuse(resource, new DomainError(code));
      return;
    }
    const failure = this.failureOf(resource, decision);
    if (failure !== undefined) {
      this.refuse(resource, failure);
      return;
    }
    if (decision !== 'STORE') this.unchanged += 1;
    else if (resource.lacksPatient) this.withoutPatient += 1;
    else this.taken += 1;
    const isSame = this.states.get(nameKey(resource.name))?.hash === resource.hash;
    const { withheldBy, localCodes } = resource;
    if (this.changes(decision) || isSame) {
      if (withheldBy !== undefined) this.withheldBy.push(withheldBy);
      this.localCodes += localCodes;
    }
    if (!this.changes(decision)) return;
    const { name, hash, version, source } = resource;
    this.states.set(nameKey(name), { hash, version, source, deleted: false });
    this.changed.set(nameKey(name), resource);
  }

  /** Why what is stored prevents this write, if it does. */
  private failureOf(
    resource: PreparedResource,
    decision: VersionDecision,
  ): DomainError | undefined {
    const { name, ifMatch, creates, isRetraction, version } = resource;
    const state = this.states.get(nameKey(name));
    const isThere = state?.deleted === false;
    if (decision === 'KEEP') {
      const isOutdated = isThere && isRetraction && orderOf(version, state.version) === 'OLDER';
      return isOutdated ? new DomainError('FHIR_OUTDATED') : undefined;
    }
    if (ifMatch !== undefined && ifMatch !== (isThere ? state.version.id : undefined)) {
      return unmet('request.ifMatch names another version than the stored one');
    }
    return creates === true && isThere && decision === 'STORE'
      ? unmet('nothing meets its condition, but another resource is stored under its id')
      : undefined;
  }

  refuse(resource: PreparedResource, failure: DomainError): void {
    this.refused.push(refusalFor(resource, failure));
  }

  wait(resource: PreparedResource): void {
    this.waiting.push({ ...refusalFor(resource, unresolved()), path: resource.path });
  }

  isStored({ name }: PreparedResource): boolean {
    return this.states.get(nameKey(name))?.deleted === false;
  }
}

function unmet(detail: string): DomainError {
  return new DomainError('FHIR_CONDITION_FAILED', { detail });
}

/** With stored ids in place of those that are too long. */
async function nameAsStored(
  tx: SqlTransaction,
  resources: readonly PreparedResource[],
): Promise<readonly PreparedResource[]> {
  const patient = { type: 'Patient' } as const;
  const shortId = await shortIdsFor(
    tx,
    resources.flatMap(({ name, subject, links }) => [
      name,
      ...(subject === null ? [] : [{ ...subject, ...patient }]),
      ...links.map(({ other }) => ({ ...other, ...patient })),
    ]),
  );
  if (shortId === undefined) return resources;
  return resources.map((resource) => {
    const { name, subject, links } = resource;
    return {
      ...resource,
      name: { ...name, id: shortId(name) },
      subject: subject && { ...subject, id: shortId({ ...subject, ...patient }) },
      links: links.map(({ type, other }) => {
        return { type, other: { ...other, id: shortId({ ...other, ...patient }) } };
      }),
    };
  });
}

function refusalFor(
  { order, path, name }: PreparedResource,
  failure: DomainError,
): RefusedResource {
  const resource = { resourceType: name.type, id: name.id };
  return { order, entry: refusedResource({ path, resource }, failure) };
}
