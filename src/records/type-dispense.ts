import type { Builder } from '../graph/builder.js';
import { DISPENSE_STATUSES, type DispenseContent, type LotKey } from './kind-dispense.js';
import type { Released } from './model.js';
import type { RecordTypes } from './type-record.js';

/** Adds Dispense, and Lot as a reference into the supply subgraph. */
export function addDispenseType<Opened>({
  builder,
  RecordRef,
  CodeableConceptRef,
  QuantityRef,
}: RecordTypes<Opened>) {
  const StatusEnum = builder.enumType('DispenseStatus', { values: DISPENSE_STATUSES });
  const LotRef = addLotReference(builder);
  return builder.objectRef<Released & DispenseContent>('Dispense').implement({
    description: 'A medicine handed over, as FHIR R4 MedicationDispense; recorded says when.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', { type: StatusEnum }),
      category: t.expose('category', { type: CodeableConceptRef, nullable: true }),
      medication: t.expose('medication', { type: CodeableConceptRef }),
      quantity: t.expose('quantity', { type: QuantityRef, nullable: true }),
      daysSupply: t.expose('daysSupply', { type: QuantityRef, nullable: true }),
      lot: t.expose('lot', {
        type: LotRef,
        nullable: true,
        description: 'Never the pack: a serial number identifies a person. Null if unknown.',
      }),
    }),
  });
}

/** Lot as this subgraph knows it: by its key alone. */
function addLotReference<Opened>(builder: Builder<Opened>) {
  const ref = builder.objectRef<LotKey>('Lot');
  builder.objectType(ref, {
    fields: (t) => ({ gtin: t.exposeID('gtin'), lot: t.exposeID('lot') }),
  });
  builder.asEntity(ref, {
    key: builder.keyDirective(builder.selection<{ gtin: string; lot: string }>('gtin lot'), false),
    resolveReference: ({ gtin, lot }) => ({ gtin, lot }),
  });
  return ref;
}
