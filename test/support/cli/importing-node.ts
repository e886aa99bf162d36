import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { expect } from 'vitest';
import { findFreePort } from '../../../src/cli/process/ports.js';
import { listenForOperators } from '../../../src/cli/serve/operator-listener.js';
import { operatorAudience } from '../../../src/core/operator/audience.js';
import { signOperatorToken } from '../../../src/core/operator/token.js';
import { loadConfig } from '../../../src/core/settings/config.js';
import type { LedgerWatch } from '../../../src/ledger/watch/watch.js';
import type { Database } from '../../../src/store/database.js';
import { makeOperator, type TestOperator } from '../core/operator-keys.js';
import { RIVERSIDE } from '../names.js';

const ENDPOINT = 'https://node.riverside.example';
export const NDJSON = { 'content-type': 'application/fhir+ndjson' };

type Json = Readonly<Record<string, unknown>>;
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asked for.
  readonly body: any;
}

/** A node as far as its operators reach it, who hand in files, and stop and start it. */
export class ImportingNode {
  url = '';
  private stopped: () => Promise<unknown> = async () => undefined;

  private constructor(
    readonly folder: string,
    readonly importer: TestOperator,
    readonly officer: TestOperator,
    /** Of another system of the same institution. */
    readonly otherImporter: TestOperator,
    private db: Database,
    private readonly settings: Json,
  ) {}

  static async start(db: Database, settings: Json = {}): Promise<ImportingNode> {
    const folder = await mkdtemp(join(tmpdir(), 'assent-jobs-'));
    const importer = await makeOperator('EdDSA', ['importer']);
    const officer = await makeOperator('ES256', ['officer']);
    const other = await makeOperator('ES256', ['importer']);
    const node = new ImportingNode(folder, importer, officer, other, db, settings);
    await node.begin(db);
    return node;
  }

  async begin(db: Database = this.db): Promise<void> {
    this.db = db;
    const port = await findFreePort();
    const keys = [this.importer, this.officer, this.otherImporter].map(({ entry }) => entry).join();
    const env = { ASSENT_OPERATOR_KEYS: keys, ...this.settings } as NodeJS.ProcessEnv;
    const snapshot = { requireInstitution: () => ({ endpoint: ENDPOINT }), institutions: [] };
    const watch = { latest: () => snapshot } as unknown as Pick<LedgerWatch, 'latest'>;
    this.stopped = await listenForOperators(
      {
        institution: RIVERSIDE,
        db,
        config: loadConfig({ env }),
        stateFolder: this.folder,
        operators: { host: '127.0.0.1', port },
        log: pino({ level: 'silent' }),
      },
      watch,
    );
    this.url = `http://127.0.0.1:${port}`;
  }

  stop(): Promise<unknown> {
    return this.stopped();
  }

  async end(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true });
  }

  /** Uploads that lie there. */
  spooled(): Promise<string[]> {
    return readdir(join(this.folder, 'imports'));
  }

  async token(by: TestOperator = this.importer, audience = operatorAudience(RIVERSIDE, ENDPOINT)) {
    const roles = by === this.officer ? (['officer'] as const) : (['importer'] as const);
    return signOperatorToken(by, { audience, roles, nowMs: Date.now(), seconds: 600 });
  }

  async ask(
    path: string,
    {
      jwt,
      headers = {},
      ...init
    }: RequestInit & { jwt?: string; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const authorization = `Bearer ${jwt ?? (await this.token()).jwt}`;
    const answer = await fetch(`${this.url}${path}`, {
      ...init,
      headers: { authorization, ...headers },
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  }

  hand(body: BodyInit, { query = '', headers = NDJSON as Record<string, string>, jwt = '' } = {}) {
    const init = { method: 'POST', body, headers, ...(jwt === '' ? {} : { jwt }) };
    return this.ask(`/import${query}`, init);
  }

  /** Until it is in one of these states, or has ended in any other. */
  async until(id: string, ...states: readonly string[]): Promise<Answer['body']> {
    for (;;) {
      const { body } = await this.ask(`/import/${id}`);
      if (states.includes(body.state)) return body;
      if (!['QUEUED', 'RUNNING'].includes(body.state)) expect.fail(JSON.stringify(body));
      await delay(30);
    }
  }

  /** Hands in, and waits for the end. */
  async take(...args: Parameters<ImportingNode['hand']>): Promise<Answer['body']> {
    const { status, body } = await this.hand(...args);
    if (status !== 202) expect.fail(JSON.stringify(body));
    return this.until(body.id, 'DONE', 'REFUSED');
  }
}
