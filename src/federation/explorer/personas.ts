/** One of those as whom a visitor of the pilot may ask. */
export interface Persona {
  readonly name: string;
  /** What it may see, in one line. */
  readonly can: string;
  /** What it can prove from its page, in one line; absent if there is nothing. */
  readonly proves?: string | undefined;
}

/** A request that a page sends through /graphql, as any client would. */
export interface PreparedRequest {
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What a page hears while proofs are made. */
export interface ProofProgress {
  readonly done: number;
  readonly of: number;
}

/**
 * What the explorer can do for personas. The pilot alone has this: it keeps its personas' secrets,
 * where a gateway in production holds no requester's key.
 */
export interface Personas {
  /** The first is a visitor's who names none. */
  readonly all: readonly [Persona, ...Persona[]];
  /** The id of the study whose access a page shows. */
  readonly study: string;
  /** Makes a session key for which nothing was ever shown. @returns its token. */
  openSession(persona: string): Promise<string>;
  /**
   * A fresh token of a session.
   *
   * @param session - the thumbprint of its key.
   * @throws DomainError BAD_INPUT for a session that is not that persona's, or no longer there.
   */
  renewToken(persona: string, session: string): Promise<string>;
  /**
   * Proves what the persona can for a session; shows it to nobody.
   *
   * @param on.signal - ends the proving at once.
   * @returns the mutation that presents the proofs.
   * @throws DomainError OVERLOADED {seconds} while another proof is made; BAD_INPUT as renewToken, and
   * for a persona that proves nothing; as zk's prove does.
   */
  prove(
    persona: string,
    session: string,
    on: { readonly progress: (progress: ProofProgress) => void; readonly signal: AbortSignal },
  ): Promise<PreparedRequest>;
}
