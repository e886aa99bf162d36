import type { FastifyInstance } from 'fastify';
import { networkDomains } from '../../src/federation/domains.js';
import type { GatewayOptions } from '../../src/federation/gateway.js';
import { type AskedInstitution, createAskNodes } from '../../src/network/ask-nodes.js';
import type { GatewayKey } from '../../src/network/gateway-key.js';
import type { DatabaseServer } from '../../src/store/database.js';
import { networkOf, startGateway } from './federation/stand.js';
import { type GatedNode, type GatedNodeOptions, startGatedNode } from './gated-node.js';
import { newGatewayKey, SILENT } from './network/stand.js';

/** Whose nodes run, and what a test or a bench chooses of the gateway over them. */
export interface NetworkOptions {
  readonly hospitals: readonly GatedNodeOptions[];
  /** Institutions whose nodes a test runs itself, or that do not answer. */
  readonly others?: readonly AskedInstitution[];
  /** One of its own unless given. */
  readonly gatewayKey?: GatewayKey;
  readonly gateway?: Partial<Omit<GatewayOptions, 'gatewayKey'>>;
  /** The nodes' databases: closed when nothing uses them any more. */
  readonly server?: Pick<DatabaseServer, 'close'>;
}

/** Nodes and a gateway that listen on loopback. */
export interface Network {
  /** In the order of `hospitals`. */
  readonly nodes: readonly GatedNode[];
  readonly institutions: readonly AskedInstitution[];
  readonly gateway: FastifyInstance;
  readonly gatewayKey: GatewayKey;
  /** Where the gateway listens. */
  readonly url: string;
  /** Ends the gateway, then the nodes, then their databases. */
  stop(): Promise<void>;
}

/**
 * Starts a node with a real gate for each hospital, and a gateway that serves the whole API over them. If
 * one does not start, those that did are ended.
 */
export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const { hospitals, others = [], server, gateway: more = {} } = options;
  const gatewayKey = options.gatewayKey ?? (await newGatewayKey());
  const stops: (() => Promise<unknown>)[] = server === undefined ? [] : [() => server.close()];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const nodes: GatedNode[] = [];
    for (const hospital of hospitals) {
      const node = await startGatedNode(hospital);
      stops.push(() => node.stop());
      nodes.push(node);
    }
    const institutions = [...nodes.map(({ asked }) => asked), ...others];
    const logger = more.logger ?? SILENT;
    const gateway = await startGateway(institutions, {
      subgraphs: networkDomains({
        nodes: createAskNodes({ institutions: () => institutions, gatewayKey, logger }),
        network: networkOf(institutions),
        activeInstitutions: () => institutions.map(({ id }) => id),
      }),
      landing: async () => ({ document: '{ __typename }', headers: {} }),
      ...more,
      gatewayKey,
    });
    stops.push(() => gateway.close());
    const url = await gateway.listen({ host: '127.0.0.1', port: 0 });
    return { nodes, institutions, gateway, gatewayKey, url, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}
