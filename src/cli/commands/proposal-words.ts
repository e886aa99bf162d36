import { isoFromSeconds, NO_END_SECONDS } from '../../core/time.js';
import type { Issuer } from '../../ledger/contract/issuer.js';
import type { Decision } from '../../ledger/governance/decision.js';
import type { Proposal } from '../../ledger/governance/votes.js';
import type { LedgerInstitution } from '../../ledger/read/read.js';
import { readGrants } from '../../zk/vocabulary.js';

/** What is needed to explain a proposal: who is in which slot, and how many votes decide. */
export interface Electorate {
  readonly institutions: readonly LedgerInstitution[];
  readonly votesRequired: number;
  /** Seconds since 1900; decides whether a proposal is still open. */
  readonly nowSeconds: number;
}

const UNREADABLE = 'cannot be read by this version: do not vote for what you cannot read';

/**
 * A proposal in words for the people who vote on it: one line that says what it is, and one for
 * each thing that it would set. A proposal that this version cannot read completely is not shown in
 * part.
 */
export function proposalInWords(proposal: Proposal, among: Electorate): readonly string[] {
  const { id, proposer, decision, votes } = proposal;
  const by = nameOf(among, proposer);
  const first = `${id}  by ${by}, ${votes} of ${among.votesRequired} votes, ${stateOf(proposal, among)}`;
  const told = decision === undefined ? [UNREADABLE] : decisionInWords(decision, among);
  return [first, ...told.map((line) => `  ${line}`)];
}

function stateOf({ executed, expiresAt }: Proposal, { nowSeconds }: Electorate): string {
  if (executed) return 'done';
  const end = isoFromSeconds(expiresAt);
  return expiresAt <= nowSeconds ? `expired ${end}` : `open until ${end}`;
}

function decisionInWords(decision: Decision, among: Electorate): readonly string[] {
  switch (decision.kind) {
    case 'ADMIT': {
      const { id, name, endpoint, account, roles, issuer } = decision;
      const what = `ADMIT ${id} (${quoted(name)}) as ${roles.join(', ')}`;
      const where = `endpoint ${quoted(endpoint)}`;
      return [what, where, `account ${account}`, ...issuerInWords(issuer)];
    }
    case 'SUSPEND':
      return [`SUSPEND ${nameOf(among, decision.slot)}`, 'empties its slot; ends every root'];
    case 'REINSTATE':
    case 'ROTATE': {
      const { kind, slot, account, issuer } = decision;
      const what = `${kind} ${nameOf(among, slot)}, for its next term`;
      return [what, `account ${account}`, ...issuerInWords(issuer)];
    }
    case 'SET_PARAMETERS':
      return [
        'SET_PARAMETERS',
        ...Object.entries(decision.parameters).map(([name, value]) => `${name} ${value}`),
      ];
    case 'SET_SUCCESSOR':
      return [`SET_SUCCESSOR ${decision.successor}`, 'once and for ever'];
  }
}

/** The preimage of an issuer leaf in words. */
function issuerInWords(issuer: Issuer): readonly string[] {
  const { ax, ay, validFrom, validUntil, parties } = issuer;
  return [
    `issuer key ${ax}, ${ay}`,
    `valid from ${momentOf(validFrom)} until ${momentOf(validUntil)}`,
    grantsInWords(issuer),
    parties.length === 0 ? 'for no party' : `for the parties ${parties.map(quoted).join(', ')}`,
  ];
}

function grantsInWords({ grants }: Issuer): string {
  try {
    const { roles, anyStudy, attestFacts } = readGrants(BigInt(grants));
    const whom = roles.length === 0 ? 'accredits nobody' : `may accredit ${roles.join(', ')}`;
    const where = anyStudy ? 'for any study' : 'for single studies';
    return [whom, where, ...(attestFacts ? ['may attest facts'] : [])].join('; ');
  } catch {
    return `grants ${grants}: ${UNREADABLE}`;
  }
}

/**
 * The text comes from the proposer: characters other than plain ASCII could rewrite what a terminal
 * shows.
 */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function momentOf(seconds: bigint): string {
  return seconds >= BigInt(NO_END_SECONDS) ? 'the end of time' : isoFromSeconds(Number(seconds));
}

function nameOf({ institutions }: Electorate, slot: number): string {
  return institutions.find((one) => one.slot === slot)?.id ?? `slot ${slot}, which nobody has`;
}
