import type { Builder } from '../graph/builder.js';
import { DISPENSE_STATUSES, type Dispense, type LotKey } from './model.js';
import type { ConceptTypes } from './type-concept.js';
import type { RecordInterface } from './type-record.js';

/** Adds Dispense, and Lot as a reference into the supply subgraph. */
export function addDispenseType<Opened>(
  builder: Builder<Opened>,
  recordRef: RecordInterface<Opened>,
  { CodeableConceptRef, QuantityRef }: ConceptTypes<Opened>,
) {
  const StatusEnum = builder.enumType('DispenseStatus', { values: DISPENSE_STATUSES });
  const LotRef = addLotReference(builder);
  return builder.objectRef<Dispense>('Dispense').implement({
    description: 'A medicine handed over, as FHIR R4 MedicationDispense; recorded says when.',
    interfaces: [recordRef],
    fields: (t) => ({
      status: t.field({ type: StatusEnum, resolve: ({ status }) => status }),
      medication: t.field({ type: CodeableConceptRef, resolve: ({ medication }) => medication }),
      quantity: t.field({
        type: QuantityRef,
        nullable: true,
        resolve: ({ quantity }) => quantity,
      }),
      daysSupply: t.field({
        type: QuantityRef,
        nullable: true,
        resolve: ({ daysSupply }) => daysSupply,
      }),
      lot: t.field({
        type: LotRef,
        nullable: true,
        description: 'Never the pack: a serial number identifies a person. Null if unknown.',
        resolve: ({ lot }) => lot,
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
