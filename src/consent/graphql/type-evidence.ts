import type { Evidence, EvidenceAnchor } from '../../core/evidence/evidence.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Builder } from '../../graph/builder.js';
import type { InstitutionRef } from '../../graph/federated.js';

/** Adds Evidence with its Anchor, for every subgraph that has logged rows. Once per subgraph. */
export function addEvidenceType<Opened>(
  builder: Builder<Opened>,
  { institutionRef }: { readonly institutionRef: InstitutionRef<Opened> },
) {
  const AnchorRef = builder.objectRef<EvidenceAnchor>('Anchor').implement({
    shareable: true,
    description: 'The anchor that evidence ends at: where any copy of the ledger has the digest.',
    fields: (t) => ({
      institution: t.field({
        type: institutionRef,
        description: 'The institution that anchored.',
        resolve: ({ institution }) => ({ id: institution as InstitutionId }),
      }),
      slot: t.exposeInt('slot', { description: "The institution's place on the ledger." }),
      epoch: t.exposeInt('epoch', { description: "The ledger's epoch that the anchor began." }),
      chainId: t.exposeInt('chainId', { description: "The ledger's EIP-155 chain id." }),
      contract: t.exposeID('contract', {
        description: "The register's address: 0x and 40 hexadecimal digits.",
      }),
      digest: t.exposeID('digest', { description: 'The digest: 0x and 64 hexadecimal digits.' }),
    }),
  });
  return builder.objectRef<Evidence>('Evidence').implement({
    shareable: true,
    description:
      "That a record stands in its custodian's append-only log, under a digest on the ledger. " +
      '`assent verify` checks it against the record; it needs only a copy of the ledger.',
    fields: (t) => ({
      leaf: t.exposeID('leaf', {
        description: "The record's leaf in the log: SHA-256, 0x and 64 hexadecimal digits.",
      }),
      proof: t.field({
        type: 'JSONObject',
        description: 'From the record to the digest: salts, paths, and what the digest commits to.',
        resolve: ({ proof }) => ({ ...proof }),
      }),
      anchor: t.field({
        type: AnchorRef,
        description: 'Where the ledger has the digest.',
        resolve: ({ anchor }) => anchor,
      }),
    }),
  });
}

export type EvidenceRef<Opened> = ReturnType<typeof addEvidenceType<Opened>>;
