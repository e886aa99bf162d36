import type { Builder } from '../graph/builder.js';
import type { FederatedTypes } from '../graph/federated.js';
import { idOfLot } from '../graph/node/id.js';
import { addNodeInterface, NODE_ID } from '../graph/node/interface.js';
import { GTIN, LOT, LOT_NUMBER } from '../graph/words.js';
import type { Lot, Product } from './model.js';

const NULL_UNTOLD = 'Null if no source that answered says so.';
const NULL_UNDESCRIBED = 'Null if the labeler does not say.';

/** Adds Lot, which connects records and supply: the lot crosses domains, never the pack. */
export function addLotType<Opened>(
  builder: Builder<Opened>,
  { institutionRef, FederatedRef }: FederatedTypes<Opened>,
) {
  const ProductRef = addProductType(builder);
  const RecallRef = builder.objectRef<NonNullable<Lot['recall']>>('Recall').implement({
    description: 'The recall of a lot.',
    fields: (t) => ({
      since: t.field({
        type: 'DateTime',
        description: 'When it was recalled.',
        resolve: ({ sinceMs }) => new Date(sinceMs),
      }),
      custodian: t.field({
        type: institutionRef,
        description: 'The institution that recalled it.',
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
        description: `The product. ${NULL_UNTOLD}`,
        resolve: ({ product }) => product,
      }),
      recall: t.field({
        type: RecallRef,
        nullable: true,
        description:
          'The recall, if any. Null if no source that answered knows of one; "not recalled" ' +
          'is certain only if `complete` is true.',
        resolve: ({ recall }) => recall,
      }),
      holders: t.field({
        type: [institutionRef],
        nullable: true,
        description:
          'Institutions that have handled it. Empty if no source that answered knows the ' +
          'lot. Null only together with an error in `errors`.',
        resolve: ({ holders }) => holders.map((id) => ({ id })),
      }),
    }),
  });
}

function addProductType<Opened>(builder: Builder<Opened>) {
  return builder.objectRef<Product>('Product').implement({
    description: 'A trade item as described by its labeler.',
    fields: (t) => ({
      gtin: t.exposeID('gtin', { description: GTIN }),
      name: t.exposeString('name', { description: "The product's name." }),
      labeler: t.exposeString('labeler', {
        nullable: true,
        description: `The company that markets it. ${NULL_UNDESCRIBED}`,
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
