/** What staff and systems of an institution may be trusted with at their own node, and nowhere else. */
export const OPERATOR_ROLES = {
  importer: 'hands in records, trials and supply events: an export of another system, as a rule',
  sponsor: 'publishes the criteria of its trials, and reads how far recruitment is',
  coordinator: 'records the data of trials at a site',
  officer: 'answers for privacy: accounts for disclosures, erases, revokes',
  dispenser: 'records what a pharmacy dispensed',
  recaller: 'recalls lots',
  biller: 'submits claims',
} as const;

export type OperatorRole = keyof typeof OPERATOR_ROLES;

export const OPERATOR_ROLE_NAMES = Object.keys(OPERATOR_ROLES) as readonly OperatorRole[];

export function isOperatorRole(text: string): text is OperatorRole {
  return Object.hasOwn(OPERATOR_ROLES, text);
}
