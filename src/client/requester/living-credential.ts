import type { Clock } from '../../core/clock.js';
import type { Credential, Session } from '../gateway/session.js';

/** A credential is renewed this long before its end, so that none expires in transit. */
const RENEW_SECONDS = 30;

/** Makes a session's credentials for one gateway: each is used until shortly before its end. */
export function livingCredential(options: {
  readonly session: Session;
  /** Thumbprint of the gateway's key. */
  readonly audience: string;
  /** Lifetime of each credential. */
  readonly seconds: number;
  readonly clock: Clock;
}): () => Promise<Credential> {
  const { session, audience, seconds, clock } = options;
  const lifeMs = Math.max(seconds - RENEW_SECONDS, seconds / 2) * 1000;
  let signed: { readonly credential: Credential; readonly renewAtMs: number } | undefined;
  return async () => {
    const nowMs = clock.nowMs();
    if (signed !== undefined && nowMs < signed.renewAtMs) return signed.credential;
    const credential = await session.signCredential({ audience, seconds });
    signed = { credential, renewAtMs: nowMs + lifeMs };
    return credential;
  };
}
