import { PORTAL_STUDY } from '../records/queries.js';

/** The README's query: a study, whose participants these are; three hops between domains. */
const README = `query {
  study(id: "${PORTAL_STUDY}") {
    access { presented purpose dataClasses expires }
    participants(first: 3) {
      nodes {
        pseudonym
        withheld { dataClass reason }
        observations(first: 5) {
          nodes { code { coding { system code } } effective { from } custodian { id } }
          sources { institution { id } status }
          complete
        }
      }
    }
  }
  trials(first: 3) { nodes { id title status } }
}`;

const TRIALS = `query {
  trials(first: 10) {
    nodes { id title status phase sponsor { id name } sites { facility institution { id name } } }
    sources { institution { name } status }
    complete
  }
}`;

const NETWORK = `query {
  network { epoch anchoredAt institutions { id name roles status anchoredAt } }
}`;

/** What is asked in turn, by name. */
export const QUERIES: Readonly<Record<string, string>> = {
  'the query of the README': README,
  'ten public trials': TRIALS,
  'the network': NETWORK,
};
