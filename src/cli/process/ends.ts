/** Ends what was started, in reverse order. */
export class Ends {
  readonly #ends: (() => Promise<unknown>)[] = [];
  #running: Promise<void> | undefined;
  #isOver = false;

  /** What is added after all else has ended is ended at once. */
  add(end: () => Promise<unknown>): void {
    if (this.#isOver) void end().catch(() => undefined);
    else this.#ends.push(end);
  }

  /** Each end is tried once, even if earlier ones failed. */
  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) {
      await end().catch(() => undefined);
    }
    this.#isOver = true;
  }
}
