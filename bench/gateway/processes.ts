import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Programs of this bench in processes of their own, which end with it. */
export class Processes {
  readonly #children: ChildProcess[] = [];

  /**
   * Starts a program beside this file and waits for its line of JSON.
   *
   * @throws Error for a program that ends without one.
   */
  async start<Said>(program: string, argument: string): Promise<Said> {
    const path = fileURLToPath(new URL(`./${program}.ts`, import.meta.url));
    const flags = (process.env.BENCH_NODE_FLAGS ?? '').split(' ').filter((flag) => flag !== '');
    const child = spawn(process.execPath, [...flags, '--import', 'tsx', path, argument], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      // As every library is run where speed counts.
      env: { ...process.env, NODE_ENV: 'production' },
    });
    this.#children.push(child);
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      if (line.startsWith('{')) return JSON.parse(line) as Said;
    }
    throw new Error(`${program} ended without a word`);
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, 'exit');
        child.kill('SIGTERM');
        await gone;
      }),
    );
  }
}
