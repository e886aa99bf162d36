import type { Builder } from '../graph/builder.js';
import type { FederatedTypes } from '../graph/federated.js';
import { idOfLot } from '../graph/node/id.js';
import { addNodeInterface, NODE_ID } from '../graph/node/interface.js';
import { GTIN, LOT, LOT_NUMBER } from '../graph/words.js';
import type { Lot, Product } from './model.js';

const NULL_UNTOLD = 'Null if no source that answered says so.';
const NULL_UNDESCRIBED = 'Null if the labeler does not say.';

/** Adds Lot, where records and supply meet: the lot crosses domains, never the pack. */
export function addLotType<Opened>(
  builder: Builder<Opened>,
  { institutionRef, FederatedRef }: FederatedTypes<Opened>,
) {
  const ProductRef = addProductType(builder);
  const RecallRef = builder.objectRef<NonNullable<Lot['recall']>>('Recall').implement({
    description: 'That a lot is called back.',
    fields: (t) => ({
      since: t.field({
        type: 'DateTime',
        description: 'When it was called back.',
        resolve: ({ sinceMs }) => new Date(sinceMs),
      }),
      custodian: t.field({
        type: institutionRef,
        description: 'The institution that says so.',
        resolve: ({ custodian }) => ({ id: custodian }),
      }),
    }),
  });
  return builder.objectRef<Lot>('Lot').implement({
    description: LOT,
    interfaces: [FederatedRef as never, addNodeInterface(builder) as never],
    fields: (t) => ({
      id: t.id({ shareable: true, description: NODE_ID, resolve: idOfLot }),
      gtin: t.exposeID('gtin', { description: GTIN }),
      lot: t.exposeID('lot', { description: LOT_NUMBER }),
      expiry: t.field({
        type: 'Date',
        nullable: true,
        description: `When it expires. ${NULL_UNTOLD}`,
        resolve: ({ expiry }) => expiry,
      }),
      product: t.field({
        type: ProductRef,
        nullable: true,
        description: `What it is a lot of. ${NULL_UNTOLD}`,
        resolve: ({ product }) => product,
      }),
      recall: t.field({
        type: RecallRef,
        nullable: true,
        description:
          'That it is called back. Null if no source that answered says so: not called back is ' +
          'certain only where `complete` is true.',
        resolve: ({ recall }) => recall,
      }),
      holders: t.field({
        type: [institutionRef],
        nullable: true,
        description:
          'Institutions that have handled it. Empty if no source that answered knows the lot. Null only ' +
          'beside an error in `errors`.',
        resolve: ({ holders }) => holders.map((id) => ({ id })),
      }),
    }),
  });
}

function addProductType<Opened>(builder: Builder<Opened>) {
  return builder.objectRef<Product>('Product').implement({
    description: 'A trade item as its labeler describes it.',
    fields: (t) => ({
      gtin: t.exposeID('gtin', { description: GTIN }),
      name: t.exposeString('name', { description: "The product's name." }),
      labeler: t.exposeString('labeler', {
        nullable: true,
        description: `Who brings it to market. ${NULL_UNDESCRIBED}`,
      }),
      dosageForm: t.exposeString('dosageForm', {
        nullable: true,
        description: `For example tablet. ${NULL_UNDESCRIBED}`,
      }),
      strength: t.exposeString('strength', {
        nullable: true,
        description: `For example 500 mg. ${NULL_UNDESCRIBED}`,
      }),
    }),
  });
}
