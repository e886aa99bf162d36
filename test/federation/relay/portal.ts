/**
 * The data needs of a small portal, as its developer writes them for Relay: one entry a module, each
 * with fragments that Relay itself pages and refetches.
 */
export const PORTAL: Readonly<Record<string, string>> = {
  'Trials.js': `
    graphql\`query TrialsQuery { ...Trials_query }\`;
    graphql\`
      fragment Trials_query on Query
      @refetchable(queryName: "TrialsPageQuery")
      @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" }) {
        trials(first: $count, after: $cursor) @connection(key: "Trials_trials") {
          edges { node { id title sponsor { ...Institution_institution } study { registryId } } }
          complete
        }
      }
    \`;`,
  'Studies.js': `
    graphql\`
      query StudiesQuery($count: Int = 20, $cursor: String) {
        studies(first: $count, after: $cursor) @connection(key: "Studies_studies") {
          edges { node { id access { presented } ...Study_study } }
        }
      }
    \`;`,
  'Study.js': `
    graphql\`
      query StudyQuery($id: ID!) { study(id: $id) { ...Study_study } }
    \`;
    graphql\`
      fragment Study_study on Study
      @refetchable(queryName: "StudyPageQuery")
      @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" }) {
        registryId
        participants(first: $count, after: $cursor) @connection(key: "Study_participants") {
          edges { node { id ...Participant_participant } }
          sources { institution { name } status }
        }
      }
    \`;`,
  'Participant.js': `
    graphql\`
      query ParticipantQuery($id: ID!) {
        node(id: $id) { ...Participant_participant @alias(as: "participant") }
      }
    \`;
    graphql\`
      fragment Participant_participant on Participant
      @refetchable(queryName: "ParticipantPageQuery")
      @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" }) {
        pseudonym
        demographics { edges { node { birthYear } } }
        observations(first: $count, after: $cursor) @connection(key: "Participant_observations") {
          edges { node { id value { __typename ... on Quantity { value unit } } } }
          withheld { dataClass reason }
        }
        dispenses(first: 20) { nodes { lot { ...Lot_lot } } }
      }
    \`;`,
  'Lot.js': `
    graphql\`
      fragment Lot_lot on Lot @refetchable(queryName: "LotRefetchQuery") {
        gtin lot recall { since } holders { ...Institution_institution }
      }
    \`;`,
  'Institution.js': `
    graphql\`
      query InstitutionQuery($id: ID!) { institution(id: $id) { ...Institution_institution } }
    \`;
    graphql\`
      fragment Institution_institution on Institution @refetchable(queryName: "InstitutionRefetchQuery") {
        name roles
      }
    \`;`,
  'Disclosures.js': `
    graphql\`
      fragment Disclosures_query on Query
      @refetchable(queryName: "DisclosuresPageQuery")
      @argumentDefinitions(
        study: { type: "ID!" }, publicKey: { type: "PublicKeyInput!" }, lists: { type: "[SignedListInput!]!" }
        count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" }
      ) {
        my(study: $study, publicKey: $publicKey, lists: $lists) {
          disclosures(first: $count, after: $cursor) @connection(key: "Disclosures_disclosures") {
            edges { node { id at dataClass count } }
          }
        }
      }
    \`;
    graphql\`
      query DisclosuresQuery($study: ID!, $publicKey: PublicKeyInput!, $lists: [SignedListInput!]!) {
        ...Disclosures_query @arguments(study: $study, publicKey: $publicKey, lists: $lists)
      }
    \`;`,
};
