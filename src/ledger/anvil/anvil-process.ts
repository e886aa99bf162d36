import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { anvilBinary } from './anvil-binary.js';

/**
 * Runs all arguments but the first as a child process, prints its process id, and kills it when
 * standard input ends. That pipe closes however this process dies, even by SIGKILL, so no anvil is
 * ever left behind. The first argument is the socket: it is removed with its folder here, because
 * by then nobody else may be left to do it.
 */
const LEASH = `
socket=$1
shift
exec 3<&0
"$@" </dev/null 3<&- &
pid=$!
echo "$pid"
(
  read -r _ <&3
  kill -9 "$pid"
  tries=0
  while kill -0 "$PPID"; do
    [ "$tries" -lt 20 ] || exit
    tries=$((tries + 1))
    sleep 0.1
  done
  rm -f -- "$socket"
  rmdir -- "$(dirname -- "$socket")"
) 2>/dev/null &
dog=$!
exec 3<&-
wait "$pid"
code=$?
kill "$dog" 2>/dev/null
exit "$code"
`;

const KILL_TIMEOUT_MS = 5_000;
const STDERR_KEPT_CHARACTERS = 2_000;

/** One running anvil. */
export interface AnvilProcess {
  /** The process id of anvil itself; undefined until it is known. */
  pid(): number | undefined;
  /** The end of what it wrote to standard error. */
  lastWords(): string;
  readonly exited: Promise<void>;
  isRunning(): boolean;
  /** Ends it at once. Whatever was not saved is lost. */
  kill(): Promise<void>;
}

/**
 * In a session of its own: Ctrl-C reaches the owner alone, which saves the state before it ends anvil.
 *
 * @param socketPath - removed with its folder if this process dies before it could do so itself.
 */
export function spawnAnvil(parameters: readonly string[], socketPath: string): AnvilProcess {
  const binary = anvilBinary();
  const child =
    process.platform === 'win32'
      ? spawn(binary, [...parameters], { stdio: ['pipe', 'pipe', 'pipe'] })
      : spawn('/bin/sh', ['-c', LEASH, 'anvil', socketPath, binary, ...parameters], {
          stdio: ['pipe', 'pipe', 'pipe'],
          detached: true,
        });
  let said = '';
  let words = '';
  child.stdout.on('data', (chunk: Buffer) => {
    if (said.length < 20) said += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(-STDERR_KEPT_CHARACTERS);
  });
  child.stdin.on('error', () => {});
  // Not 'close': anvil holds the same pipes, so the event would not come if the leash alone died.
  let running = true;
  const exited = once(child, 'exit')
    .catch(() => {}) // It could not be started, so there is nothing to wait for.
    .then(() => {
      running = false;
    });
  const pid = () => pidOf(child, said);
  return {
    pid,
    lastWords: () => words.trim(),
    exited,
    isRunning: () => running,
    kill: async () => {
      child.stdin.destroy();
      if (process.platform === 'win32') child.kill();
      await exited;
      // A leash that ended by itself has seen anvil end; the number may be another process's by now.
      if (child.signalCode !== null) await killSurely(pid());
    },
  };
}

function pidOf(child: ChildProcess, said: string): number | undefined {
  if (process.platform === 'win32') return child.pid;
  const line = /^(\d+)\n/.exec(said)?.[1];
  return line === undefined ? undefined : Number(line);
}

/** Kills what may have outlived its leash, and waits until it has let go of its port. */
async function killSurely(pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  const deadlineMs = Date.now() + KILL_TIMEOUT_MS;
  while (Date.now() < deadlineMs) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      return; // Gone.
    }
    await sleep(10);
  }
}
