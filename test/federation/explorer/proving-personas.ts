import { importSession, newSession, type Session } from '../../../src/client/gateway/session.js';
import type { Landing } from '../../../src/federation/explorer/landing.js';
import type { Personas, PreparedRequest } from '../../../src/federation/explorer/personas.js';
import type { Proof } from '../../../src/zk/proof.js';
import type { showConsent } from '../../support/consent/gate-fixture.js';
import { pinnedProofs } from '../../support/consent/pinned-proofs.js';
import { STUDY } from '../../support/names.js';

const PRESENT = `mutation PresentConsents($input: PresentConsents!) {
  presentConsents(input: $input) {
    complete outcomes { institution { id } status accepted refused { index code message retry } }
  }
}`;

export const FIRST_QUERY = `query First {
  study(id: "${STUDY}") {
    participants { nodes { pseudonym observations { nodes { custodian { id } } } } }
  }
}`;

/** A portal whose proof is real, and was made before. */
export interface ProvingPortal {
  /** A forged proof is shown in place of the real one. */
  isForged: boolean;
  /** @param audience - the thumbprint of the gateway that tokens are for. */
  pagesFor(audience: string): {
    readonly personas: Personas;
    readonly landing: (persona: string | undefined) => Promise<Landing>;
  };
}

/** @param tokenSeconds - how long the first token of a session lives; a fresh one lives for 600. */
export async function provingPortal(
  { input }: Awaited<ReturnType<typeof showConsent>>,
  tokenSeconds: number,
): Promise<ProvingPortal> {
  // The proof is bound to a key: that one is what a page gets when it asks for a new one.
  const [today, proven] = [await newSession(), await importSession(pinnedProofs().session)];
  const sessions = new Map<string, Session>([today, proven].map((one) => [one.thumbprint, one]));
  const portal: ProvingPortal = {
    isForged: false,
    pagesFor(audience) {
      const tokenOf = (session: Session | undefined, seconds = 600) =>
        session?.signToken({ audience, seconds }) ?? '';
      const personas: Personas = {
        all: [
          { name: 'portal', can: 'reads participants', proves: 'One consent for a new key.' },
          { name: 'researcher', can: 'reads protocols' },
        ],
        study: STUDY,
        openSession: async () => tokenOf(proven, tokenSeconds),
        renewToken: async (_persona, session) => tokenOf(sessions.get(session)),
        async prove(_persona, _session, { progress }) {
          progress({ done: 1, of: 1 });
          return presentationOf(input, portal.isForged);
        },
      };
      const landing = async () => ({
        document: FIRST_QUERY,
        headers: { Authorization: `Bearer ${await tokenOf(today, tokenSeconds)}` },
        variables: { withdraw: { secrets: ['123456789'] } },
      });
      return { personas, landing };
    },
  };
  return portal;
}

function presentationOf(
  input: Awaited<ReturnType<typeof showConsent>>['input'],
  isForged: boolean,
): PreparedRequest {
  const { dataWindow, expires, institution: _, proofs, ...plain } = input;
  const forged = proofs.map(({ proof, publicSignals }) => {
    // Points of the curve, so that it is the equation which does not hold.
    const { pi_c } = proof as unknown as Proof;
    return { proof: { ...proof, pi_a: pi_c }, publicSignals };
  });
  const variables = {
    input: {
      ...plain,
      dataWindow: {
        from: dataWindow.from.toISOString(),
        until: dataWindow.until.toISOString(),
      },
      expires: expires.toISOString(),
      proofs: isForged ? forged : proofs,
    },
  };
  return { document: PRESENT, variables };
}
