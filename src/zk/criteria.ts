import { DomainError } from '../core/errors.js';
import { type Fact, requireKey, VALUE_LIMIT } from './credential.js';
import { listHash } from './list-hash.js';

/** How many rows a trial's criteria have at most, and how many groups. */
export const MAX_CRITERIA = 16;
export const CRITERIA_GROUPS = 8;

/** What a criterion asks of a fact: the bits of its rule, before its group's. Append only. */
const OPERATOR_BITS = {
  PRESENT: 0,
  ABSENT: 1,
  EQUAL: 2,
  NOT_EQUAL: 3,
  AT_LEAST: 4,
  AT_MOST: 5,
} as const;

export type Operator = keyof typeof OPERATOR_BITS;

const RULE_BITS = BigInt(Object.keys(OPERATOR_BITS).length + CRITERIA_GROUPS);
const ORDERED_LIMIT = 1n << 64n;

/** One row of a trial's criteria: OR within a group, AND across groups. */
export interface Criterion {
  /** The key of the fact it is about. A key without any fact fails every operator. */
  readonly key: bigint;
  /** ABSENT asks for the issuer's word that it knows of none; the others ask for a value. */
  readonly operator: Operator;
  /** Below 2^64 where the operator orders; 0 for PRESENT and ABSENT; else any fact's value. */
  readonly value: bigint;
  /** 0 to 7. */
  readonly group: number;
}

/**
 * The hash of a trial's criteria, all of them: what `request` holds of them.
 *
 * It is the listHash of CRITERIA: count, rules, keys ..., values ..., where `rules` holds the rule of row i
 * from bit i * 14 on, and an unused row is 0, 0, 0. A rule is 14 bits, from the lowest: its operator, one of
 * six bits, then its group, one of eight bits. The order of rows is part of it.
 *
 * @throws BAD_INPUT for more than 16 rows, an unknown operator or group, or a value where none is asked;
 * FIELD_OUT_OF_RANGE for a key of 0, or a value out of its range.
 * @source circuits/lib/eligibility-statement.circom computes the same
 */
export function criteriaHash(criteria: readonly Criterion[]): bigint {
  const { rules, keys, values } = criteriaInputs(criteria);
  const packed = rules.reduce((sum, rule, row) => sum | (rule << (BigInt(row) * RULE_BITS)), 0n);
  return listHash('CRITERIA', [BigInt(criteria.length), packed, ...keys, ...values]);
}

/** Criteria as the circuit takes them: 16 rules, keys and values, 0 behind the last row. Throws as criteriaHash. */
export function criteriaInputs(criteria: readonly Criterion[]): {
  rules: bigint[];
  keys: bigint[];
  values: bigint[];
} {
  if (criteria.length > MAX_CRITERIA) {
    throw new DomainError('BAD_INPUT', { criteria: criteria.length, maximum: MAX_CRITERIA });
  }
  const unused = new Array<bigint>(MAX_CRITERIA - criteria.length).fill(0n);
  return {
    rules: [...criteria.map(ruleOf), ...unused],
    keys: [...criteria.map(({ key }) => requireKey(key)), ...unused],
    values: [...criteria.map(requireValue), ...unused],
  };
}

/**
 * Whether a fact meets a criterion of its key: what a prover goes by to claim a row.
 *
 * Where an operator orders, the smaller of the two numbers must be below 2^64, and so must the difference.
 *
 * @source the rule of RequireCriterion in circuits/lib/criteria.circom
 */
export function isMetBy({ key, operator, value }: Criterion, fact: Fact): boolean {
  if (fact.key !== key) return false;
  if (fact.value === 'ABSENT') return operator === 'ABSENT';
  switch (operator) {
    case 'PRESENT':
      return true;
    case 'ABSENT':
      return false;
    case 'EQUAL':
      return fact.value === value;
    case 'NOT_EQUAL':
      return fact.value !== value;
    case 'AT_LEAST':
      return isOrdered(value, fact.value);
    case 'AT_MOST':
      return isOrdered(fact.value, value);
  }
}

function isOrdered(smaller: bigint, larger: bigint): boolean {
  return smaller < ORDERED_LIMIT && larger >= smaller && larger - smaller < ORDERED_LIMIT;
}

function ruleOf({ operator, group }: Criterion): bigint {
  // Object.hasOwn, because a name from a wire could be 'constructor'.
  if (!Object.hasOwn(OPERATOR_BITS, operator)) throw new DomainError('BAD_INPUT', { operator });
  if (!Number.isInteger(group) || group < 0 || group >= CRITERIA_GROUPS) {
    throw new DomainError('BAD_INPUT', { group, groups: CRITERIA_GROUPS });
  }
  const operators = Object.keys(OPERATOR_BITS).length;
  return (1n << BigInt(OPERATOR_BITS[operator])) | (1n << BigInt(operators + group));
}

function requireValue({ operator, value }: Criterion): bigint {
  const orders = operator === 'AT_LEAST' || operator === 'AT_MOST';
  if (value < 0n || value >= (orders ? ORDERED_LIMIT : VALUE_LIMIT)) {
    throw new DomainError('FIELD_OUT_OF_RANGE');
  }
  if ((operator === 'PRESENT' || operator === 'ABSENT') && value !== 0n) {
    throw new DomainError('BAD_INPUT', { operator });
  }
  return value;
}
