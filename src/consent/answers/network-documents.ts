import { OWN_SOURCE_FIELDS } from '../../graph/own-source.js';

/**
 * The fixed documents that a gateway asks nodes with. A node sees the same text from every
 * gateway, so a query's shape tells it nothing of the client's own.
 */

const OUTCOMES = 'complete outcomes { institution { id } status accepted refused { index code } }';
/** What a gateway asks of a signed answer: all that its wallet checks. */
export const SIGNED = 'signed { nonce at anchorBy signature }';
const REFUSALS = '... on Refusals { refused { index code } }';

export const ACCESS = `query Access($studies: [_Any!]!) {
  _entities(representations: $studies) {
    ... on Study {
      registryId
      access { presented purpose dataClasses labels dataWindow { from until } expires }
      ${OWN_SOURCE_FIELDS}
    }
  }
}`;

export const PRESENT_CONSENTS = `mutation PresentConsents($input: PresentConsents!) {
  presented: presentConsents(input: $input) { ${OUTCOMES} }
}`;

export const PRESENT_ACCREDITATION = `mutation PresentAccreditation($input: PresentAccreditation!) {
  presented: presentAccreditation(input: $input) { ${OUTCOMES} }
}`;

export const WITHDRAW = `mutation WithdrawConsents(
  $secrets: [Field!]!, $shown: [ShownConsentInput!], $puzzle: PuzzleInput, $nonce: String
) {
  presented: withdrawConsents(secrets: $secrets, shown: $shown, puzzle: $puzzle, nonce: $nonce) {
    complete
    outcomes { institution { id } status accepted refused { index code } held ${SIGNED} }
  }
}`;

export const REGISTER = `mutation RegisterConsent(
  $institution: ID!, $consent: SignedConsentInput!, $nonce: String
) {
  result: registerConsent(institution: $institution, consent: $consent, nonce: $nonce) {
    __typename
    ... on ConsentReceipt { institution { id } index leaf registeredAt subtreeKey ${SIGNED} }
    ${REFUSALS}
  }
}`;

export const AMEND = `mutation AmendConsent(
  $institution: ID!, $consent: SignedConsentInput!, $secrets: [Field!]!, $nonce: String
) {
  result: amendConsent(
    institution: $institution, consent: $consent, supersededSecrets: $secrets, nonce: $nonce
  ) {
    __typename
    ... on ConsentReceipt { institution { id } index leaf registeredAt subtreeKey ${SIGNED} }
    ${REFUSALS}
  }
}`;

export const ERASE = `mutation EraseConsents(
  $institution: ID!, $erasure: ErasureInput!, $nonce: String
) {
  result: eraseConsents(institution: $institution, erasure: $erasure, nonce: $nonce) {
    __typename
    ... on ErasureReceipt { institution { id } erased ${SIGNED} }
    ${REFUSALS}
  }
}`;

export const LINK = `mutation LinkParticipant($institution: ID!, $link: LinkInput!, $nonce: String) {
  result: linkParticipant(institution: $institution, link: $link, nonce: $nonce) {
    __typename
    ... on LinkReceipt { institution { id } pseudonym proxyUntil confirmed ${SIGNED} }
    ${REFUSALS}
  }
}`;
