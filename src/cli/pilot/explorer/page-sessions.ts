import { newSession, type Session } from '../../../client/gateway/session.js';
import { DomainError } from '../../../core/errors.js';
import type { StateFolder } from '../../state/state-folder.js';
import { type PersonaName, sessionToday } from '../personas.js';

/** More than the number of pages anybody has open; the oldest session is dropped. */
const MAX_SESSIONS = 64;

/**
 * The session keys of open pages. They live as long as the pilot's process: a page that outlives it
 * opens another session.
 */
export class PageSessions {
  readonly #folder: StateFolder;
  readonly #made = new Map<string, { readonly persona: PersonaName; readonly session: Session }>();

  constructor(folder: StateFolder) {
    this.#folder = folder;
  }

  /** Makes a key for which nothing was ever presented. */
  async open(persona: PersonaName): Promise<Session> {
    const session = await newSession();
    const [oldest] = this.#made.keys();
    if (oldest !== undefined && this.#made.size >= MAX_SESSIONS) this.#made.delete(oldest);
    this.#made.set(session.thumbprint, { persona, session });
    return session;
  }

  /**
   * The persona's session with that key: that of a page, or the persona's own of today.
   *
   * @throws DomainError BAD_INPUT for another persona's session, and for one that no longer exists.
   */
  async require(persona: PersonaName, thumbprint: string): Promise<Session> {
    const made = this.#made.get(thumbprint);
    if (made?.persona === persona) return made.session;
    const today = await sessionToday(this.#folder, persona);
    if (today.thumbprint === thumbprint) return today;
    throw new DomainError('BAD_INPUT', { session: 'unknown' });
  }
}
