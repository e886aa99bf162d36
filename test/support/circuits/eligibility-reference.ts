/**
 * The rules of criteria over plain numbers, written from the protocol's sentence and from nothing in src or
 * circuits: OR within a group, AND across groups; a key without any fact fails every operator.
 */

export const OPERATORS = ['present', 'absent', '=', '!=', '>=', '<='] as const;

export interface Row {
  readonly key: bigint;
  readonly operator: (typeof OPERATORS)[number];
  readonly value: bigint;
  readonly group: number;
}

/** A value of r - 1 says "not in our records". */
export interface PlainFact {
  readonly key: bigint;
  readonly value: bigint;
}

export const NOT_IN_RECORDS =
  21888242871839275222246405745257275088548364400416034343698204186575808495616n;

/** Whether the facts meet the criteria. */
export function isEligible(rows: readonly Row[], facts: readonly PlainFact[]): boolean {
  return rows.every(({ group }) =>
    rows.some((row) => row.group === group && placeMeeting(row, facts) >= 0),
  );
}

/** The place of the first fact that meets a row; -1 = none does. */
export function placeMeeting(row: Row, facts: readonly PlainFact[]): number {
  return facts.findIndex(({ key, value }) => key !== 0n && key === row.key && compares(row, value));
}

/** Whether a value of the row's key meets the row. */
export function compares(
  { operator, value }: Pick<Row, 'operator' | 'value'>,
  found: bigint,
): boolean {
  if (operator === 'absent') return found === NOT_IN_RECORDS;
  if (found === NOT_IN_RECORDS) return false;
  if (operator === 'present') return true;
  if (operator === '=') return found === value;
  if (operator === '!=') return found !== value;
  const [smaller, difference] = operator === '>=' ? [value, found - value] : [found, value - found];
  return smaller < 2n ** 64n && difference >= 0n && difference < 2n ** 64n;
}
