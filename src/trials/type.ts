import { addEvidenceType } from '../consent/graphql/type-evidence.js';
import type { InstitutionId, StudyId } from '../core/ids.js';
import type { Builder } from '../graph/builder.js';
import type { FederatedTypes } from '../graph/federated.js';
import { idOfStudy } from '../graph/node/id.js';
import { addNodeInterface, NODE_ID } from '../graph/node/interface.js';
import { describedValues, STUDY, STUDY_ID, TRIAL } from '../graph/words.js';
import type { Eligibility, KeptTrial, Phase, Site, TrialStatus } from './model.js';

const NULL_UNSAID = 'Null if the record does not say.';

/** Adds the entity Trial with its sites and eligibility. The caller provides the look-up. */
export function addTrialType<Opened>(
  builder: Builder<Opened>,
  { institutionRef }: FederatedTypes<Opened>,
) {
  const EvidenceRef = addEvidenceType(builder, { institutionRef });
  const { StatusEnum, PhaseEnum } = addTrialEnums(builder);
  const SiteRef = addSiteType(builder, institutionRef);
  const EligibilityRef = addEligibilityType(builder);
  const TrialRef = trialRef(builder);
  builder.objectType(TrialRef, {
    description: TRIAL,
    interfaces: [addNodeInterface(builder) as never],
    fields: (t) => ({
      status: t.field({
        type: StatusEnum,
        description: 'The state of recruitment or expanded access.',
        resolve: ({ status }) => status,
      }),
      phase: t.field({
        type: [PhaseEnum],
        description: 'Its phases. Empty if the record names none.',
        resolve: ({ phases }) => phases,
      }),
      sponsor: t.field({
        type: institutionRef,
        nullable: true,
        description: 'The lead sponsor. Null if it is not an institution of this network.',
        resolve: ({ sponsor }) => toReference(sponsor),
      }),
      sites: t.field({
        type: [SiteRef],
        description: 'Where it recruits. Empty if the record names none.',
        resolve: ({ sites }) => sites,
      }),
      study: t.field({
        type: addStudyReference(builder),
        description: "The trial as a study, with what the requester's token opens in it.",
        resolve: ({ id }) => ({ id }),
      }),
      custodian: t.field({
        type: institutionRef,
        description: 'The institution whose node keeps the record.',
        resolve: ({ custodian }) => ({ id: custodian }),
      }),
      eligibility: t.field({
        type: EligibilityRef,
        description: 'Who may take part.',
        resolve: ({ eligibility }) => eligibility,
      }),
      evidence: t.field({
        type: EvidenceRef,
        nullable: true,
        description: 'Proof that the record was logged. Null until its custodian has anchored it.',
        resolve: ({ evidence }) => evidence,
      }),
    }),
  });
  addProtocol(builder, TrialRef);
  return { TrialRef, StatusEnum, PhaseEnum };
}

function trialRef<Opened>(builder: Builder<Opened>) {
  return builder.objectRef<KeptTrial>('Trial');
}

/** Adds the registry record's texts, numbers and dates. */
function addProtocol<Opened>(
  builder: Builder<Opened>,
  ref: ReturnType<typeof trialRef<Opened>>,
): void {
  builder.objectFields(ref, (t) => ({
    id: t.exposeID('id', { description: STUDY_ID }),
    title: t.exposeString('title', { description: 'The brief title.' }),
    conditions: t.stringList({
      description: 'Conditions that are studied, as registered.',
      resolve: ({ conditions }) => conditions,
    }),
    keywords: t.stringList({
      description: 'Keywords, as registered.',
      resolve: ({ keywords }) => keywords,
    }),
    sponsorName: t.exposeString('sponsorName', {
      description: "The lead sponsor's name, as registered.",
    }),
    summary: t.exposeString('summary', {
      nullable: true,
      description: `The brief summary. ${NULL_UNSAID}`,
    }),
    enrollment: t.exposeInt('enrollment', {
      nullable: true,
      description: `How many participants, planned or actual. ${NULL_UNSAID}`,
    }),
    startDate: t.field({
      type: 'Date',
      nullable: true,
      description: `When it begins, as precise as registered. ${NULL_UNSAID}`,
      resolve: ({ startDate }) => startDate,
    }),
    completionDate: t.field({
      type: 'Date',
      nullable: true,
      description: `When it ends, planned or actual. ${NULL_UNSAID}`,
      resolve: ({ completionDate }) => completionDate,
    }),
  }));
}

function addTrialEnums<Opened>(builder: Builder<Opened>) {
  const StatusEnum = builder.enumType('TrialStatus', {
    description: 'The state of recruitment or expanded access, as in ClinicalTrials.gov.',
    values: describedValues<TrialStatus>({
      ACTIVE_NOT_RECRUITING: 'It continues without new participants.',
      APPROVED_FOR_MARKETING: 'Expanded access ended, because the product was approved.',
      AVAILABLE: 'Expanded access is open.',
      COMPLETED: 'It ended as planned.',
      ENROLLING_BY_INVITATION: 'It takes only invited participants.',
      NOT_YET_RECRUITING: 'It takes no participants yet.',
      NO_LONGER_AVAILABLE: 'Expanded access was open and is now closed.',
      RECRUITING: 'It takes participants.',
      SUSPENDED: 'It is paused and may go on.',
      TEMPORARILY_NOT_AVAILABLE: 'Expanded access is paused and expected to open again.',
      TERMINATED: 'It ended early and will not go on.',
      UNKNOWN: 'Its status was not verified within two years.',
      WITHDRAWN: 'It ended before its first participant.',
      WITHHELD: 'The registry does not publish it yet.',
    }),
  });
  const PhaseEnum = builder.enumType('Phase', {
    description: "A clinical trial's phase, as in ClinicalTrials.gov.",
    values: describedValues<Phase>({
      NA: 'Phases do not apply, for example to a device.',
      EARLY_PHASE1: 'Exploratory, with very little exposure.',
      PHASE1: 'Safety, in few people.',
      PHASE2: 'First signs of an effect, and safety.',
      PHASE3: 'Effect and safety, in many people.',
      PHASE4: 'After approval.',
    }),
  });
  return { StatusEnum, PhaseEnum };
}

/** Study as this subgraph knows it: only by its id. */
function addStudyReference<Opened>(builder: Builder<Opened>) {
  const ref = builder.objectRef<{ readonly id: StudyId }>('Study');
  builder.objectType(ref, {
    description: STUDY,
    fields: (t) => ({
      id: t.id({ shareable: true, description: NODE_ID, resolve: ({ id }) => idOfStudy(id) }),
      registryId: t.exposeID('id', { description: STUDY_ID }),
    }),
  });
  builder.asEntity(ref, {
    key: builder.keyDirective(builder.selection<{ registryId: string }>('registryId'), false),
    resolveReference: ({ registryId }) => ({ id: registryId as StudyId }),
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
      facility: t.exposeString('facility', {
        nullable: true,
        description: `Its name. ${NULL_UNSAID}`,
      }),
      city: t.exposeString('city', { nullable: true, description: `Its city. ${NULL_UNSAID}` }),
      country: t.exposeString('country', {
        nullable: true,
        description: `Its country, in words. ${NULL_UNSAID}`,
      }),
      institution: t.field({
        type: institutionRef,
        nullable: true,
        description: 'The institution with its name. Null if none in this network has it.',
        resolve: ({ institution }) => toReference(institution),
      }),
    }),
  });
}

function addEligibilityType<Opened>(builder: Builder<Opened>) {
  return builder.objectRef<Eligibility>('Eligibility').implement({
    description: "Who may take part, in the protocol's own words; shown, never evaluated.",
    fields: (t) => ({
      text: t.exposeString('text', {
        nullable: true,
        description: `The criteria in full. ${NULL_UNSAID}`,
      }),
      sex: t.exposeString('sex', {
        nullable: true,
        description: `ALL, FEMALE or MALE, as registered. ${NULL_UNSAID}`,
      }),
      minimumAge: t.exposeString('minimumAge', {
        nullable: true,
        description: `The youngest age, for example "18 Years". ${NULL_UNSAID}`,
      }),
      maximumAge: t.exposeString('maximumAge', {
        nullable: true,
        description: `The oldest age, for example "75 Years". ${NULL_UNSAID}`,
      }),
      healthyVolunteers: t.exposeBoolean('healthyVolunteers', {
        nullable: true,
        description: `Whether it takes people without the condition. ${NULL_UNSAID}`,
      }),
    }),
  });
}

function toReference(id: InstitutionId | null): { readonly id: InstitutionId } | null {
  return id === null ? null : { id };
}
