/** What has to be ended, in the opposite order of its beginning. */
export class Ends {
  readonly #ends: (() => Promise<unknown>)[] = [];
  #running: Promise<void> | undefined;
  #isOver = false;

  /** What begins after all else has ended is ended at once. */
  add(end: () => Promise<unknown>): void {
    if (this.#isOver) void end().catch(() => undefined);
    else this.#ends.push(end);
  }

  /** Each end is tried once, whatever became of those before it. */
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
