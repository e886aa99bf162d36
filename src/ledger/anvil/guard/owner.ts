import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RpcRequestError } from 'viem';
import { z } from 'zod';
import { DomainError } from '../../../core/errors.js';
import { exchangeOverIpc } from './ipc.js';

const answerShape = z.object({
  result: z.unknown().optional(),
  error: z
    .object({ code: z.number(), message: z.string(), data: z.unknown().optional() })
    .nullish(),
});

const TIMEOUT_MS = 10_000;

/**
 * A connection to the chain's process for the user who runs it: it bypasses the guard and allows
 * any method.
 */
export class OwnersWay {
  readonly socketPath: string;
  readonly #folder: string | undefined;

  private constructor(socketPath: string, folder: string | undefined) {
    this.socketPath = socketPath;
    this.#folder = folder;
  }

  /**
   * Makes a path for a socket in a folder that no other user can enter. The system limits the
   * length of socket paths, so it is not under the state folder.
   *
   * @throws DomainError STATE_UNWRITABLE.
   */
  static async make(): Promise<OwnersWay> {
    if (process.platform === 'win32') {
      return new OwnersWay(`\\\\.\\pipe\\assent-${randomUUID()}`, undefined);
    }
    try {
      const folder = await mkdtemp(join(tmpdir(), 'assent-ipc-')); // With mode 0700.
      return new OwnersWay(join(folder, 'anvil'), folder);
    } catch (thrown) {
      throw new DomainError('STATE_UNWRITABLE', { file: 'ledger' }, thrown);
    }
  }

  /** Removes the socket that a killed process left: the next one could not listen there. */
  async clear(): Promise<void> {
    if (this.#folder !== undefined) await rm(this.socketPath, { force: true });
  }

  async remove(): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  /** @throws RpcRequestError if the chain refuses; Error if it is not there or takes longer than `timeoutMs`. */
  async ask(method: string, params: readonly unknown[], timeoutMs = TIMEOUT_MS): Promise<unknown> {
    const body = { jsonrpc: '2.0', id: 1, method, params };
    const text = await exchangeOverIpc(this.socketPath, JSON.stringify(body), timeoutMs);
    const { result, error } = answerShape.parse(JSON.parse(text));
    if (error) throw new RpcRequestError({ body: { method }, error, url: 'ipc' });
    return result;
  }
}
