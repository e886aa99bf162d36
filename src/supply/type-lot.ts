import type { Builder } from '../graph/builder.js';
import type { FederatedTypes } from '../graph/federated.js';
import type { Lot, Product } from './model.js';

/** Adds Lot, where records and supply meet: the lot crosses domains, never the pack. */
export function addLotType<Opened>(
  builder: Builder<Opened>,
  { institutionRef, FederatedRef }: FederatedTypes<Opened>,
) {
  const ProductRef = addProductType(builder);
  const RecallRef = builder.objectRef<NonNullable<Lot['recall']>>('Recall').implement({
    description: 'That a lot is called back.',
    fields: (t) => ({
      since: t.field({ type: 'DateTime', resolve: ({ sinceMs }) => new Date(sinceMs) }),
      custodian: t.field({ type: institutionRef, resolve: ({ custodian }) => ({ id: custodian }) }),
    }),
  });
  return builder.objectRef<Lot>('Lot').implement({
    description: 'A lot of a trade item: public product information, and no serial.',
    interfaces: [FederatedRef as never],
    fields: (t) => ({
      gtin: t.exposeID('gtin', { description: '14 digits.' }),
      lot: t.exposeID('lot'),
      expiry: t.field({ type: 'Date', nullable: true, resolve: ({ expiry }) => expiry }),
      product: t.field({ type: ProductRef, nullable: true, resolve: ({ product }) => product }),
      recall: t.field({ type: RecallRef, nullable: true, resolve: ({ recall }) => recall }),
      holders: t.field({
        type: [institutionRef],
        nullable: true,
        description:
          'Institutions that have handled it, as far as sources answered; none: it is unknown.',
        resolve: ({ holders }) => holders.map((id) => ({ id })),
      }),
    }),
  });
}

function addProductType<Opened>(builder: Builder<Opened>) {
  return builder.objectRef<Product>('Product').implement({
    description: 'A trade item as its labeler describes it.',
    fields: (t) => ({
      gtin: t.exposeID('gtin'),
      name: t.exposeString('name'),
      labeler: t.exposeString('labeler', { nullable: true }),
      dosageForm: t.exposeString('dosageForm', { nullable: true }),
      strength: t.exposeString('strength', { nullable: true }),
    }),
  });
}
