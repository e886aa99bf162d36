/**
 * The fixed documents that a gateway asks nodes with. A node sees the same text from every
 * gateway, so a query's shape tells it nothing of the client's own.
 */

const OUTCOMES = 'complete outcomes { institution { id } status accepted refused { index code } }';
const REFUSALS = '... on Refusals { refused { index code } }';

export const ACCESS = `query Access($studies: [_Any!]!) {
  _entities(representations: $studies) {
    ... on Study {
      id
      access { presented purpose dataClasses labels dataWindow { from until } expires }
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
  $secrets: [Field!]!, $shown: [ShownConsentInput!], $puzzle: PuzzleInput
) {
  presented: withdrawConsents(secrets: $secrets, shown: $shown, puzzle: $puzzle) { ${OUTCOMES} }
}`;

export const REGISTER = `mutation RegisterConsent($institution: ID!, $consent: SignedConsentInput!) {
  result: registerConsent(institution: $institution, consent: $consent) {
    __typename
    ... on ConsentReceipt { institution { id } index leaf registeredAt }
    ${REFUSALS}
  }
}`;

export const AMEND = `mutation AmendConsent(
  $institution: ID!, $consent: SignedConsentInput!, $secrets: [Field!]!
) {
  result: amendConsent(
    institution: $institution, consent: $consent, supersededSecrets: $secrets
  ) {
    __typename
    ... on ConsentReceipt { institution { id } index leaf registeredAt }
    ${REFUSALS}
  }
}`;

export const ERASE = `mutation EraseConsents($institution: ID!, $erasure: ErasureInput!) {
  result: eraseConsents(institution: $institution, erasure: $erasure) {
    __typename
    ... on ErasureReceipt { institution { id } erased }
    ${REFUSALS}
  }
}`;

export const LINK = `mutation LinkParticipant($institution: ID!, $link: LinkInput!) {
  result: linkParticipant(institution: $institution, link: $link) {
    __typename
    ... on LinkReceipt { institution { id } pseudonym proxyUntil confirmed }
    ${REFUSALS}
  }
}`;
