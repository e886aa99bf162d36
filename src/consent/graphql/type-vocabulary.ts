import type { Retry } from '../../core/errors.js';
import type { Builder } from '../../graph/builder.js';
import { describedValues } from '../../graph/words.js';
import type {
  AccreditationRole,
  DataClass,
  Duty,
  Purpose,
  Sensitivity,
} from '../../zk/vocabulary.js';
import { REFUSAL_CODES } from '../base/refusal-code.js';

/** Adds the words that scopes and duties are told in; their one source is zk's vocabulary. */
export function addVocabularyEnums<Opened>(builder: Builder<Opened>) {
  const PurposeEnum = builder.enumType('Purpose', {
    description: 'Why data are used, as HL7 v3 ActReason has it.',
    values: describedValues<Purpose>({
      TREAT: "The patient's own treatment.",
      HPAYMT: 'Payment for health care.',
      HOPERAT: 'Running a health care organisation.',
      HRESCH: 'Research on health care.',
      CLINTRCH: 'A clinical trial.',
      PUBHLTH: 'Public health.',
    }),
  });
  const DataClassEnum = addDataClassEnum(builder);
  const SensitivityEnum = builder.enumType('Sensitivity', {
    description: 'A label of HL7 v3 ActCode; records that bear one not granted do not exist.',
    values: describedValues<Sensitivity>({
      PSY: 'Mental health.',
      SUD: 'Use of alcohol and other substances.',
      HIV: 'HIV and AIDS.',
      SDV: 'Sexual assault, abuse and domestic violence.',
      GDIS: 'Genetic disease.',
    }),
  });
  const DutyEnum = addDutyEnum(builder);
  const RoleEnum = builder.enumType('AccreditationRole', {
    description: 'What an institution accredited a requester as.',
    values: describedValues<AccreditationRole>({
      RESEARCHER: 'Someone who does research.',
      TRADING_PARTNER: 'An organisation that makes, moves or hands out medicines.',
      PAYER: 'An organisation that pays for health care.',
      PROVIDER: 'Someone who gives health care.',
    }),
  });
  return { PurposeEnum, DataClassEnum, SensitivityEnum, DutyEnum, RoleEnum };
}

/** Adds DataClass, which every subgraph has that tells what a consent opens. Once per subgraph. */
export function addDataClassEnum<Opened>(builder: Builder<Opened>) {
  return builder.enumType('DataClass', {
    description: 'A family of records that a consent covers or does not.',
    values: describedValues<DataClass>({
      DEMOGRAPHICS: 'Sex and year of birth.',
      CONDITION: 'Diagnoses and problems.',
      OBSERVATION: 'Measurements and findings.',
      MEDICATION: 'Medicines prescribed, handed over or given.',
      PROCEDURE: 'What was done to or for the patient.',
      IMMUNIZATION: 'Vaccines given or not given.',
      ALLERGY: 'Allergies and intolerances.',
      ENCOUNTER: 'Visits and stays.',
      DIAGNOSTIC_REPORT: 'Reports of laboratories and departments.',
      TRIAL: 'Taking part in trials. No row of this class is served yet.',
      SUPPLY: 'Where medicines came from. No row of this class is served yet.',
      CLAIMS: 'Insurance claims. No row of this class is served yet.',
      EXACT_DATE:
        'Dates as the source has them. It opens no rows: without it, every date of the other ' +
        'classes leaves as its year.',
    }),
  });
}

function addDutyEnum<Opened>(builder: Builder<Opened>) {
  return builder.enumType('Duty', {
    description: 'A restriction that a requester acknowledges; most are GA4GH DUO modifiers.',
    values: describedValues<Duty>({
      NPU: 'No use for profit.',
      IRB: 'An ethics committee has to have approved the use.',
      GSO: 'Genetic studies only.',
      PUB: 'The results have to be published.',
      RTN: 'What is derived has to be returned.',
      TS: 'Use ends at a time agreed.',
      NO_REDISCLOSURE: 'The records must not be passed on.',
      RECONTACT: 'The participant may be contacted again about the study.',
    }),
  });
}

/** Adds the codes that a refusal can carry, and what to do about one. */
export function addRefusalEnums<Opened>(builder: Builder<Opened>) {
  const RefusalCodeEnum = builder.enumType('RefusalCode', {
    description: 'Why one of what was sent was not taken. A code never changes its meaning.',
    values: describedValues(REFUSAL_CODES),
  });
  const RetryEnum = builder.enumType('Retry', {
    description: 'What the caller can do about a refusal.',
    values: describedValues<Retry>({
      NEVER: 'The same again will be refused again.',
      REPROVE: 'A new proof of the same consent can help.',
      LATER: 'The same again can be taken later.',
    }),
  });
  return { RefusalCodeEnum, RetryEnum };
}

export type VocabularyEnums<Opened> = ReturnType<typeof addVocabularyEnums<Opened>>;
