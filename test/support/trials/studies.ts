/** A v2 study as small as a registry record gets, with the modules given in place of none. */
export function v2Study(nctId: string, modules: Readonly<Record<string, unknown>> = {}): object {
  return {
    protocolSection: {
      identificationModule: { nctId, briefTitle: `Study ${nctId}` },
      statusModule: { overallStatus: 'RECRUITING' },
      sponsorCollaboratorsModule: { leadSponsor: { name: 'Northwind Trials', class: 'INDUSTRY' } },
      ...modules,
    },
  };
}

/** The same in the envelope and words of the retired version 1. */
export function legacyAnswer(protocolSection: Readonly<Record<string, unknown>>): object {
  const Study = { ProtocolSection: protocolSection };
  return { FullStudiesResponse: { NStudiesFound: 1, FullStudies: [{ Rank: 1, Study }] } };
}
