import type { InstitutionId } from '../core/ids.js';
import { isoFromSeconds } from '../core/time.js';
import type { Role } from '../graph/ask.js';
import type { Builder } from '../graph/builder.js';
import { addNodeInterface } from '../graph/node/interface.js';
import { describedValues, INSTITUTION, INSTITUTION_ID, QUERY } from '../graph/words.js';
import type { InstitutionStatus } from '../ledger/read/read.js';
import type { Institution, Network, ProvableStatement, PublishedParameters } from './model.js';
import type { NetworkSource } from './source.js';

/** Adds Institution, the entity that every other subgraph refers to by its id alone. */
export function addInstitutionType<Opened>(builder: Builder<Opened>, source: NetworkSource) {
  const { RoleEnum, StatusEnum } = addInstitutionEnums(builder);
  const InstitutionRef = builder.objectRef<Institution>('Institution').implement({
    description: INSTITUTION,
    interfaces: [addNodeInterface(builder) as never],
    fields: (t) => ({
      id: t.exposeID('id', { description: INSTITUTION_ID }),
      name: t.exposeString('name', { description: 'Its name, for people.' }),
      roles: t.field({
        type: [RoleEnum],
        description: 'What it does in the network; at least one role.',
        resolve: ({ roles }) => roles,
      }),
      status: t.field({
        type: StatusEnum,
        description: 'Whether it takes part now.',
        resolve: ({ status }) => status,
      }),
      account: t.exposeString('account', {
        description:
          'The account that signs for it on the ledger, and its answers to wallets: 0x and 40 ' +
          'hexadecimal digits.',
      }),
      anchoredAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When it anchored last. Null before its first anchor.',
        resolve: ({ anchoredAt }) => (anchoredAt === undefined ? null : isoFromSeconds(anchoredAt)),
      }),
      endpointChangesAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When its node will be asked at another place. Null if no change is pending.',
        resolve: ({ endpointChangesAt: at }) => (at === undefined ? null : isoFromSeconds(at)),
      }),
    }),
  });
  builder.asEntity(InstitutionRef, {
    key: builder.selection<{ id: string }>('id'),
    // The source reads a map in memory, so batching would save nothing.
    resolveReference: ({ id }) => source.institutions([id as InstitutionId])[0] ?? null,
  });
  return InstitutionRef;
}

function addInstitutionEnums<Opened>(builder: Builder<Opened>) {
  const RoleEnum = builder.enumType('Role', {
    description: 'What an institution does in the network.',
    values: describedValues<Role>({
      HOSPITAL: 'It keeps records of patients, and consents of its own.',
      SPONSOR: 'It runs clinical trials.',
      MANUFACTURER: 'It makes medicines.',
      PHARMACY: 'It hands out medicines.',
      PAYER: 'It pays for health care.',
    }),
  });
  const StatusEnum = builder.enumType('InstitutionStatus', {
    description: 'Whether an institution takes part.',
    values: describedValues<InstitutionStatus>({
      ACTIVE: 'It takes part.',
      SUSPENDED: 'It is not asked, and all roots from before its suspension have ended.',
    }),
  });
  return { RoleEnum, StatusEnum };
}

type InstitutionRef<Opened> = ReturnType<typeof addInstitutionType<Opened>>;

/** Adds Network and the query for it: public, because the ledger is. */
export function addNetworkType<Opened>(
  builder: Builder<Opened>,
  source: NetworkSource,
  institutionRef: InstitutionRef<Opened>,
) {
  const { StatementRef, ParametersRef } = addNetworkParts(builder);
  const NetworkRef = builder.objectRef<Network>('Network').implement({
    description: "The ledger's newest head, and the institutions under its root.",
    fields: (t) => ({
      chainId: t.exposeInt('chainId', { description: "The ledger's EIP-155 chain id." }),
      contract: t.exposeID('contract', {
        description: "The register's address: 0x and 40 hexadecimal digits.",
      }),
      epoch: t.exposeInt('epoch', { description: 'Grows with every anchor and every suspension.' }),
      root: t.field({
        type: 'Field',
        description: 'The root that proofs are made against.',
        resolve: ({ root }) => root.toString(),
      }),
      anchoredAt: t.field({
        type: 'DateTime',
        description: 'When that root was anchored.',
        resolve: ({ anchoredAt }) => isoFromSeconds(anchoredAt),
      }),
      institutions: t.field({
        type: [institutionRef],
        description: 'All members, the suspended ones too.',
        resolve: (network) => network.institutions,
      }),
      statements: t.field({
        type: [StatementRef],
        description: 'What can be proven here.',
        resolve: ({ statements }) => statements,
      }),
      parameters: t.field({
        type: ParametersRef,
        description: 'Numbers that apply to every node.',
        resolve: ({ parameters }) => parameters,
      }),
    }),
  });
  builder.queryType({
    description: QUERY,
    fields: (t) => ({
      network: t.field({
        type: NetworkRef,
        description: 'The network as the ledger has it now. Public.',
        resolve: () => source.network(),
      }),
      institution: t.field({
        type: institutionRef,
        nullable: true,
        description:
          'One of `network.institutions`. Null if the ledger does not list this id. Public.',
        args: { id: t.arg.id({ required: true, description: INSTITUTION_ID }) },
        resolve: (_root, { id }) => source.institutions([id as InstitutionId])[0] ?? null,
      }),
    }),
  });
}

/** Adds what can be proven, and the numbers that apply to every node. */
function addNetworkParts<Opened>(builder: Builder<Opened>) {
  const StatementRef = builder.objectRef<ProvableStatement>('Statement').implement({
    description: 'What a proof can state in this network.',
    fields: (t) => ({
      name: t.exposeString('name', {
        description: 'Its name: consent, accreditation or eligibility.',
      }),
      vkeyHash: t.exposeString('verificationKeyHash', {
        description: 'SHA-256 of its verification key: 64 hexadecimal digits.',
      }),
    }),
  });
  const ParametersRef = builder.objectRef<PublishedParameters>('NetworkParameters').implement({
    description: 'Numbers that every node of this network goes by.',
    fields: (t) => ({
      name: t.exposeString('name', {
        description: "The network's name, which every signature names.",
      }),
      acknowledgementQuorum: t.exposeInt('acknowledgementQuorum', {
        description: 'How many other institutions have to sign before an anchor.',
      }),
      tokenMaxSeconds: t.exposeInt('tokenMaxSeconds', {
        description: "The longest life of a requester's token, in seconds.",
      }),
    }),
  });
  return { StatementRef, ParametersRef };
}
