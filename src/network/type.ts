import type { InstitutionId } from '../core/ids.js';
import { isoFromSeconds } from '../core/time.js';
import type { Builder } from '../graph/builder.js';
import { INSTITUTION_ROLES } from '../ledger/roles.js';
import type { Institution, Network, NetworkParameters, Statement } from './model.js';
import type { NetworkSource } from './source.js';

/** Adds Institution, the entity that every other subgraph refers to by its id alone. */
export function addInstitutionType<Opened>(builder: Builder<Opened>, source: NetworkSource) {
  const RoleEnum = builder.enumType('Role', {
    description: 'What an institution does in the network.',
    values: INSTITUTION_ROLES,
  });
  const StatusEnum = builder.enumType('InstitutionStatus', {
    values: {
      ACTIVE: {},
      SUSPENDED: {
        description: 'It is not asked, and every root before its suspension has ended.',
      },
    } as const,
  });
  const InstitutionRef = builder.objectRef<Institution>('Institution').implement({
    description: 'A member of the network, as the ledger lists it.',
    fields: (t) => ({
      id: t.exposeID('id'),
      name: t.exposeString('name'),
      roles: t.field({ type: [RoleEnum], resolve: ({ roles }) => roles }),
      status: t.field({ type: StatusEnum, resolve: ({ status }) => status }),
      account: t.exposeString('account', {
        description: 'The account that signs for it on the ledger, and its answers to wallets.',
      }),
      anchoredAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'Of its last anchor; null before the first.',
        resolve: ({ anchoredAt }) => (anchoredAt === undefined ? null : isoFromSeconds(anchoredAt)),
      }),
      endpointChangesAt: t.field({
        type: 'DateTime',
        nullable: true,
        description:
          'When its node will be asked at another place; null where no change is to come.',
        resolve: ({ endpointChangesAt: at }) => (at === undefined ? null : isoFromSeconds(at)),
      }),
    }),
  });
  builder.asEntity(InstitutionRef, {
    key: builder.selection<{ id: string }>('id'),
    // The source reads a map in memory: there is nothing that a batch would save.
    resolveReference: ({ id }) => source.institutions([id as InstitutionId])[0] ?? null,
  });
  return InstitutionRef;
}

type InstitutionRef<Opened> = ReturnType<typeof addInstitutionType<Opened>>;

/** Adds Network and the query for it: public, because the ledger is. */
export function addNetworkType<Opened>(
  builder: Builder<Opened>,
  source: NetworkSource,
  institutionRef: InstitutionRef<Opened>,
) {
  const StatementRef = builder.objectRef<Statement>('Statement').implement({
    description: 'What a proof can state in this network.',
    fields: (t) => ({
      name: t.exposeString('name'),
      vkeyHash: t.exposeString('verificationKeyHash', {
        description: 'SHA-256 of its verification key, hexadecimal.',
      }),
    }),
  });
  const ParametersRef = builder.objectRef<NetworkParameters>('NetworkParameters').implement({
    description: 'Numbers that every node of this network goes by.',
    fields: (t) => ({
      name: t.exposeString('name'),
      acknowledgementQuorum: t.exposeInt('acknowledgementQuorum', {
        description: 'Signatures of other institutions that an anchor needs.',
      }),
      tokenMaxSeconds: t.exposeInt('tokenMaxSeconds', {
        description: "Longest life of a requester's token.",
      }),
    }),
  });
  const NetworkRef = builder.objectRef<Network>('Network').implement({
    description: "The ledger's newest head, and the institutions that stand under it.",
    fields: (t) => ({
      chainId: t.exposeInt('chainId'),
      contract: t.exposeID('contract'),
      epoch: t.exposeInt('epoch', { description: 'Grows with every anchor and every suspension.' }),
      root: t.field({ type: 'Field', resolve: ({ root }) => root.toString() }),
      anchoredAt: t.field({
        type: 'DateTime',
        resolve: ({ anchoredAt }) => isoFromSeconds(anchoredAt),
      }),
      institutions: t.field({ type: [institutionRef], resolve: (network) => network.institutions }),
      statements: t.field({ type: [StatementRef], resolve: ({ statements }) => statements }),
      parameters: t.field({ type: ParametersRef, resolve: ({ parameters }) => parameters }),
    }),
  });
  builder.queryType({
    fields: (t) => ({
      network: t.field({ type: NetworkRef, resolve: () => source.network() }),
      institution: t.field({
        type: institutionRef,
        nullable: true,
        description:
          'One of `network.institutions`. Null if the ledger lists none of this id. Public.',
        args: { id: t.arg.id({ required: true, description: 'As `Institution.id` has it.' }) },
        resolve: (_root, { id }) => source.institutions([id as InstitutionId])[0] ?? null,
      }),
    }),
  });
}
