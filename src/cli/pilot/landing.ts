import type { Landing } from '../../federation/landing.js';
import type { StateFolder } from '../state-folder.js';
import { mintToken } from './personas.js';
import { PILOT_STUDY } from './plan.js';

/** The query that the pilot's pages open with: four domains at once, merged from two hospitals. */
export const FIRST_QUERY = `# Participants are shown for the proofs that the portal presented: try it without the header.
query PilotStudy {
  study(id: "${PILOT_STUDY.id}") {
    access { presented purpose dataClasses expires }
    participants(first: 3) {
      complete
      sources { institution { name } status latencyMs }
      nodes {
        pseudonym
        withheld { dataClass reason }
        observations(first: 5) {
          nodes {
            custodian { name }
            code { coding { system code display } }
            value { ... on Quantity { value unit } }
          }
        }
        dispenses(first: 2) {
          nodes { medication { coding { display } } lot { gtin lot product { name } holders { name } } }
        }
      }
    }
  }
  trial(id: "${PILOT_STUDY.id}") {
    title
    sponsor { name }
    sites { facility institution { name anchoredAt } }
  }
}
`;

/** A page's query and a token minted for it. Only the pilot can: it keeps its personas' keys. */
export async function pilotLanding(folder: StateFolder, audience: string): Promise<Landing> {
  const token = await mintToken(folder, 'portal', audience);
  return { document: FIRST_QUERY, headers: { Authorization: `Bearer ${token}` } };
}
