import type { FastifyInstance } from 'fastify';
import { sha256Hex } from '../core/canonical.js';
import { codeOf } from '../core/errors.js';
import { DPOP_NONCE_HEADER } from '../core/signed/dpop.js';
import type { GatewayKey } from '../network/gateway-key.js';
import type { ProvableStatement } from '../network/model.js';
import type { ProbedInstitution } from '../network/probe.js';
import type { Supergraph } from './compose.js';
import { addReadyRoutes, type Readiness } from './readiness.js';

/** Which ledger this gateway goes by. */
export interface LedgerFacts {
  readonly chainId: number;
  readonly contract: string;
  /** The newest epoch. @throws DomainError LEDGER_UNAVAILABLE and its like, as a snapshot does. */
  readonly epoch: () => number;
  /** Institutions that have not anchored for too long. @throws as `epoch` does. */
  readonly late: () => readonly string[];
}

export interface StatusOptions {
  readonly gatewayKey: GatewayKey;
  readonly version: string;
  readonly statements: readonly ProvableStatement[];
  readonly ledger: LedgerFacts;
  /** What the DPoP proofs of requests to this run of the gateway carry; none where no proof is taken. */
  readonly dpopNonce?: string;
  readonly probe: () => Promise<readonly ProbedInstitution[]>;
  readonly readiness: Readiness;
}

/**
 * Adds what machines ask before they ask anything: whether this gateway and its nodes answer, and
 * which network, keys and schema it stands for. Neither names a host.
 */
export function addStatusRoutes(
  app: FastifyInstance,
  { apiSdl }: Pick<Supergraph, 'apiSdl'>,
  options: StatusOptions,
): void {
  const { gatewayKey, version, statements, ledger } = options;
  const { chainId, contract } = ledger;
  const schemaHash = sha256Hex(apiSdl);

  addReadyRoutes(app, options.readiness);

  app.get('/health', async (_request, reply) => {
    const head = headOf(ledger);
    const institutions = await options.probe().catch(() => []);
    const answering = institutions.every(({ status }) => status === 'OK');
    const healthy = head.status === 'OK' && head.late.length === 0 && answering;
    // 200 while some nodes are away: the gateway still answers, and says what is missing.
    return reply.code(head.status === 'OK' ? 200 : 503).send({
      status: healthy ? 'ok' : 'degraded',
      version,
      ledger: { chainId, contract, ...head },
      institutions,
    });
  });

  app.get('/.well-known/assent', (_request, reply) => {
    const { dpopNonce } = options;
    if (dpopNonce !== undefined) void reply.header(DPOP_NONCE_HEADER, dpopNonce);
    return reply.send({
      version,
      schemaHash,
      chainId,
      contract,
      statements: statements.map(({ name, verificationKeyHash }) => ({
        name,
        vkeyHash: verificationKeyHash,
      })),
      gateway: { jwk: gatewayKey.publicJwk, thumbprint: gatewayKey.thumbprint },
    });
  });
}

/** OK, the newest epoch and who is late to anchor; or the code of what is wrong with the ledger. */
function headOf({ epoch, late }: LedgerFacts): {
  readonly status: string;
  readonly epoch: number | null;
  readonly late: readonly string[];
} {
  try {
    return { status: 'OK', epoch: epoch(), late: late() };
  } catch (thrown) {
    return { status: codeOf(thrown), epoch: null, late: [] };
  }
}
