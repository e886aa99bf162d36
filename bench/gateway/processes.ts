import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CPU_QUESTION } from './program.js';

/** A program of this bench that runs, and what it said of itself. */
export interface Started<Said> {
  readonly said: Said;
  /** Milliseconds of CPU that it has used until now, all its threads together. */
  cpuMs(): Promise<number>;
}

/** Programs of this bench in processes of their own, which end with it. */
export class Processes {
  readonly #children: ChildProcess[] = [];

  /**
   * Starts a program beside this file and waits for its line of JSON.
   *
   * @throws Error for a program that ends without one.
   */
  async start<Said>(program: string, argument: string): Promise<Started<Said>> {
    const path = fileURLToPath(new URL(`./${program}.ts`, import.meta.url));
    const flags = (process.env.BENCH_NODE_FLAGS ?? '').split(' ').filter((flag) => flag !== '');
    const child = spawn(process.execPath, [...flags, '--import', 'tsx', path, argument], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      // As every library is run where speed counts.
      env: { ...process.env, NODE_ENV: 'production' },
    });
    this.#children.push(child);
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      if (!line.startsWith('{')) continue;
      return { said: JSON.parse(line) as Said, cpuMs: () => cpuMsOf(child) };
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

async function cpuMsOf(child: ChildProcess): Promise<number> {
  const answered = once(child, 'message');
  child.send(CPU_QUESTION);
  const [{ cpuMs }] = (await answered) as [{ readonly cpuMs: number }];
  return cpuMs;
}
