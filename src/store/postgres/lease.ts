import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { eq, lt, sql } from 'drizzle-orm';
import { DomainError } from '../../core/errors.js';
import { rowsOf, type SqlTransaction } from '../database.js';
import { processLease } from '../table-lease.js';

/** How long a lease holds after it was renewed. Who waits for a killed process waits no longer. */
const LEASE_SECONDS = 8;
/** So much earlier its holder stops to work by it: its clock may run more slowly than the database's. */
const MARGIN_MS = 1_500;
const RENEW_MS = 2_000;
const RENEW_AGAIN_MS = 400;
const ASK_AGAIN_MS = 400;

/** One of a pair of numbers that name an advisory lock; the other is the schema's. */
const FENCE_LOCK = 0x6c656173;

type Transact = <T>(work: (tx: SqlTransaction) => Promise<T>) => Promise<T>;

export interface LeaseOptions {
  /** Runs a short transaction in the schema, over connections that nothing else waits for. */
  readonly transact: Transact;
  readonly schema: string;
  /** Heard once, if another process has or had the lease. */
  readonly onWait: () => void;
  /** Heard once, when another process has taken it: this one must end. */
  readonly onLost: () => void;
}

/**
 * The right of one process to work in a schema. It is a row with a time, not a lock of a session: behind
 * a pooler that lends sessions, such a lock belongs to nobody.
 *
 * A process that was frozen and wakes up believes that it still holds it. So each of its writes begins
 * with the fence: a lock that its takeover has to wait for, and a look whether the row is still its own.
 */
export class Lease {
  readonly #options: LeaseOptions;
  readonly #holder = randomUUID();
  #heldUntilMs = 0;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: LeaseOptions) {
    this.#options = options;
  }

  /**
   * Takes the lease. If its last holder was killed, waits until it has run out.
   *
   * @throws DomainError ALREADY_RUNNING if another process renews it.
   */
  static async take(options: LeaseOptions): Promise<Lease> {
    const lease = new Lease(options);
    let seen: number | undefined;
    for (;;) {
      const asked = performance.now();
      const other = await options.transact((tx) => lease.#takeIfFree(tx));
      if (other === undefined) {
        lease.#noteRenewed(asked);
        return lease;
      }
      if (seen !== undefined && other > seen) throw new DomainError('ALREADY_RUNNING');
      if (seen === undefined) options.onWait();
      seen = other;
      await delay(ASK_AGAIN_MS);
    }
  }

  /** Requires that it was renewed in time. @throws DomainError DATABASE_UNAVAILABLE, LEASE_LOST */
  requireHeld(): void {
    if (this.#isOver) throw new DomainError('LEASE_LOST');
    if (performance.now() < this.#heldUntilMs) return;
    throw new DomainError('DATABASE_UNAVAILABLE', { engine: 'postgres', lease: 'not renewed' });
  }

  /** What a write begins with; its last statement finds this process's row, or none. */
  get fence(): string {
    const { schema } = this.#options;
    return (
      `SELECT pg_advisory_xact_lock_shared(${FENCE_LOCK}, hashtext('${schema}')); ` +
      `SELECT 1 FROM process_lease WHERE holder = '${this.#holder}'`
    );
  }

  /** @param found - the result of the fence's last statement. @throws DomainError LEASE_LOST */
  requireOwn(found: unknown): void {
    if (rowsOf(found).length === 1) return;
    this.#lose();
    throw new DomainError('LEASE_LOST');
  }

  /** Gives it back, so that the next process need not wait. */
  async release(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    const own = eq(processLease.holder, this.#holder);
    await this.#options
      .transact(async (tx) => void (await tx.delete(processLease).where(own)))
      .catch(() => undefined);
  }

  /** @returns undefined if it is this process's now; otherwise until when it is another's, in seconds. */
  async #takeIfFree(tx: SqlTransaction): Promise<number | undefined> {
    const { schema } = this.#options;
    const until = sql<Date>`clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})`;
    // Held by every write of the last holder that is still under way.
    const locked = await tx.execute(
      sql`SELECT pg_try_advisory_xact_lock(${FENCE_LOCK}, hashtext(${schema})) AS free`,
    );
    if (rowsOf<{ free: boolean }>(locked)[0]?.free) {
      await tx.delete(processLease).where(lt(processLease.until, sql`clock_timestamp()`));
      const taken = await tx
        .insert(processLease)
        .values({ holder: this.#holder, until })
        .onConflictDoNothing()
        .returning({ holder: processLease.holder });
      if (taken.length === 1) return undefined;
    }
    const [other] = await tx
      .select({ until: sql<number>`extract(epoch from ${processLease.until})::float8` })
      .from(processLease);
    return other?.until ?? 0;
  }

  #noteRenewed(askedMs: number): void {
    this.#heldUntilMs = askedMs + LEASE_SECONDS * 1000 - MARGIN_MS;
    this.#renewIn(RENEW_MS);
  }

  #renewIn(ms: number): void {
    if (!this.#isOver) this.#timer = setTimeout(() => void this.#renew(), ms).unref();
  }

  /** While the database is away nobody can take the lease either: it is asked until it answers. */
  async #renew(): Promise<void> {
    const asked = performance.now();
    const until = sql`clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})`;
    const own = eq(processLease.holder, this.#holder);
    try {
      const renewed = await this.#options.transact((tx) =>
        tx.update(processLease).set({ until }).where(own).returning({ only: processLease.only }),
      );
      if (renewed.length === 1) this.#noteRenewed(asked);
      else this.#lose();
    } catch {
      this.#renewIn(RENEW_AGAIN_MS);
    }
  }

  #lose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#options.onLost();
  }
}
