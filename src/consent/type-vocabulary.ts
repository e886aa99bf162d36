import { ERROR_CODES, type ErrorCode } from '../core/error-codes.js';
import type { Retry } from '../core/errors.js';
import type { Builder } from '../graph/builder.js';
import {
  ACCREDITATION_ROLE_BITS,
  type AccreditationRole,
  DATA_CLASS_BITS,
  type DataClass,
  DUTY_BITS,
  type Duty,
  LABEL_BITS,
  PURPOSE_BITS,
  type Purpose,
  type Sensitivity,
} from '../zk/vocabulary.js';

/** Adds the words that scopes, duties and refusals are told in; their one source is zk's vocabulary. */
export function addVocabularyEnums<Opened>(builder: Builder<Opened>) {
  const PurposeEnum = builder.enumType('Purpose', {
    description: 'Why data are used, as HL7 v3 ActReason has it.',
    values: namesOf<Purpose>(PURPOSE_BITS),
  });
  const DataClassEnum = builder.enumType('DataClass', {
    description:
      'A family of records that a consent covers or does not. EXACT_DATE opens none: without it, ' +
      'every date of the others leaves as its year.',
    values: namesOf<DataClass>(DATA_CLASS_BITS),
  });
  const SensitivityEnum = builder.enumType('Sensitivity', {
    description: 'A label of HL7 v3 ActCode; records that bear one not granted do not exist.',
    values: namesOf<Sensitivity>(LABEL_BITS),
  });
  const DutyEnum = builder.enumType('Duty', {
    description: 'A restriction that a requester acknowledges; most are GA4GH DUO modifiers.',
    values: namesOf<Duty>(DUTY_BITS),
  });
  const RoleEnum = builder.enumType('AccreditationRole', {
    description: 'What an institution accredited a requester as.',
    values: namesOf<AccreditationRole>(ACCREDITATION_ROLE_BITS),
  });
  return { PurposeEnum, DataClassEnum, SensitivityEnum, DutyEnum, RoleEnum };
}

/** Adds the codes of every failure that an answer can name, and what to do about one. */
export function addRefusalEnums<Opened>(builder: Builder<Opened>) {
  const codes = Object.entries(ERROR_CODES).map(([code, description]) => [code, { description }]);
  const ErrorCodeEnum = builder.enumType('ErrorCode', {
    values: Object.fromEntries(codes) as Record<ErrorCode, { description: string }>,
  });
  const RetryEnum = builder.enumType('Retry', {
    description: 'What the caller can do about a refusal.',
    values: {
      NEVER: { description: 'The same again will be refused again.' },
      REPROVE: { description: 'A new proof of the same consent can help.' },
      LATER: { description: 'The same again can be taken later.' },
    } satisfies Record<Retry, { description: string }>,
  });
  return { ErrorCodeEnum, RetryEnum };
}

export type VocabularyEnums<Opened> = ReturnType<typeof addVocabularyEnums<Opened>>;

function namesOf<Name extends string>(bits: Readonly<Record<Name, number>>): readonly Name[] {
  return Object.keys(bits) as Name[];
}
