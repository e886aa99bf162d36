import { type DecidedParameters, INITIAL_PARAMETERS } from '../../../src/ledger/read/parameters.js';

/** What a network decided that has decided nothing since it began, with another window if that is given. */
export function decidedOf(maxSupersededSeconds?: number, closedBefore = 0): DecidedParameters {
  const { consentRootSeconds, accreditationRootSeconds, eligibilityRootSeconds } =
    INITIAL_PARAMETERS;
  const windowOf = (usual: number) => ({
    maxSupersededSeconds: maxSupersededSeconds ?? usual,
    closedBefore,
  });
  return {
    parameters: { ...INITIAL_PARAMETERS, voteThreshold: 1, acknowledgementQuorum: 2 },
    windows: {
      consent: windowOf(consentRootSeconds),
      accreditation: windowOf(accreditationRootSeconds),
      eligibility: windowOf(eligibilityRootSeconds),
    },
  };
}
