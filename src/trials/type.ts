import { addEvidenceType } from '../consent/evidence/type-evidence.js';
import type { InstitutionId, StudyId } from '../core/ids.js';
import type { Builder } from '../graph/builder.js';
import type { FederatedTypes } from '../graph/federated.js';
import type { Eligibility, KeptTrial, Site } from './model.js';
import { PHASES, TRIAL_STATUSES } from './model.js';

/** Adds Trial, the entity, with its sites and eligibility. How it is looked up is the caller's. */
export function addTrialType<Opened>(
  builder: Builder<Opened>,
  { institutionRef }: FederatedTypes<Opened>,
) {
  const EvidenceRef = addEvidenceType(builder, { institutionRef });
  const StatusEnum = builder.enumType('TrialStatus', { values: TRIAL_STATUSES });
  const PhaseEnum = builder.enumType('Phase', {
    values: PHASES,
    description: 'NA: phases do not apply, for example to a device.',
  });
  const SiteRef = addSiteType(builder, institutionRef);
  const EligibilityRef = addEligibilityType(builder);
  const StudyRef = addStudyReference(builder);
  const TrialRef = builder.objectRef<KeptTrial>('Trial').implement({
    description: "A registered trial's public protocol. A trial is a study, under the same id.",
    fields: (t) => ({
      id: t.exposeID('id'),
      title: t.exposeString('title'),
      status: t.field({ type: StatusEnum, resolve: ({ status }) => status }),
      phase: t.field({ type: [PhaseEnum], resolve: ({ phases }) => phases }),
      conditions: t.stringList({ resolve: ({ conditions }) => conditions }),
      keywords: t.stringList({ resolve: ({ keywords }) => keywords }),
      sponsorName: t.exposeString('sponsorName', { description: 'As registered.' }),
      sponsor: t.field({
        type: institutionRef,
        nullable: true,
        description: 'Null if the sponsor is not an institution of this network.',
        resolve: ({ sponsor }) => toReference(sponsor),
      }),
      sites: t.field({ type: [SiteRef], resolve: ({ sites }) => sites }),
      study: t.field({ type: StudyRef, resolve: ({ id }) => ({ id }) }),
      custodian: t.field({ type: institutionRef, resolve: ({ custodian }) => ({ id: custodian }) }),
      summary: t.exposeString('summary', { nullable: true }),
      eligibility: t.field({ type: EligibilityRef, resolve: ({ eligibility }) => eligibility }),
      enrollment: t.exposeInt('enrollment', {
        nullable: true,
        description: 'Participants, planned or actual.',
      }),
      startDate: t.field({ type: 'Date', nullable: true, resolve: ({ startDate }) => startDate }),
      completionDate: t.field({
        type: 'Date',
        nullable: true,
        resolve: ({ completionDate }) => completionDate,
      }),
      evidence: t.field({
        type: EvidenceRef,
        nullable: true,
        description: 'Null until its custodian has anchored this version of the record.',
        resolve: ({ evidence }) => evidence,
      }),
    }),
  });
  return { TrialRef, StatusEnum, PhaseEnum };
}

/** Study as this subgraph knows it: by its id alone. */
function addStudyReference<Opened>(builder: Builder<Opened>) {
  const ref = builder.objectRef<{ readonly id: StudyId }>('Study');
  builder.objectType(ref, { fields: (t) => ({ id: t.exposeID('id') }) });
  builder.asEntity(ref, {
    key: builder.keyDirective(builder.selection<{ id: string }>('id'), false),
    resolveReference: ({ id }) => ({ id: id as StudyId }),
  });
  return ref;
}

function addSiteType<Opened>(
  builder: Builder<Opened>,
  institutionRef: FederatedTypes<Opened>['institutionRef'],
) {
  return builder.objectRef<Site>('Site').implement({
    description: 'A place where a trial recruits, as its registry record names it.',
    fields: (t) => ({
      facility: t.exposeString('facility', { nullable: true }),
      city: t.exposeString('city', { nullable: true }),
      country: t.exposeString('country', { nullable: true }),
      institution: t.field({
        type: institutionRef,
        nullable: true,
        description: 'Null if the facility is not an institution of this network.',
        resolve: ({ institution }) => toReference(institution),
      }),
    }),
  });
}

function addEligibilityType<Opened>(builder: Builder<Opened>) {
  return builder.objectRef<Eligibility>('Eligibility').implement({
    description: "Who may take part, in the protocol's own words: shown, never counted as met.",
    fields: (t) => ({
      text: t.exposeString('text', { nullable: true }),
      sex: t.exposeString('sex', { nullable: true }),
      minimumAge: t.exposeString('minimumAge', { nullable: true }),
      maximumAge: t.exposeString('maximumAge', { nullable: true }),
      healthyVolunteers: t.exposeBoolean('healthyVolunteers', { nullable: true }),
    }),
  });
}

function toReference(id: InstitutionId | null): { readonly id: InstitutionId } | null {
  return id === null ? null : { id };
}
