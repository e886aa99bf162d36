import type { Builder } from '../graph/builder.js';
import { idOfLot } from '../graph/node/id.js';
import { NODE_ID } from '../graph/node/interface.js';
import { describedValues, GTIN, LOT, LOT_NUMBER } from '../graph/words.js';
import type { DispenseContent, LotKey } from './kind-dispense.js';
import type { Released } from './model.js';
import type { RecordTypes } from './type-record.js';
import { EMPTY_UNCODED, NO_CODING, NULL_UNCODED, NULL_UNSAID } from './words/elements.js';
import { DISPENSE_STATUS } from './words/statuses.js';

/** Adds Dispense, and Lot as a reference into the supply subgraph. */
export function addDispenseType<Opened>({
  builder,
  RecordRef,
  CodeableConceptRef,
  DosageRef,
  QuantityRef,
}: RecordTypes<Opened>) {
  const StatusEnum = builder.enumType('DispenseStatus', {
    description: 'How far a dispense is, as FHIR MedicationDispense Status Codes.',
    values: describedValues(DISPENSE_STATUS),
  });
  const LotRef = addLotReference(builder);
  return builder.objectRef<Released & DispenseContent>('Dispense').implement({
    description: 'A medicine handed over, as FHIR R4 MedicationDispense; recorded says when.',
    interfaces: [RecordRef],
    fields: (t) => ({
      status: t.expose('status', { type: StatusEnum, description: 'How far it is.' }),
      category: t.expose('category', {
        type: CodeableConceptRef,
        nullable: true,
        description: `For example inpatient or community. ${NULL_UNCODED}`,
      }),
      medication: t.expose('medication', {
        type: CodeableConceptRef,
        description: `The medicine. ${NO_CODING}`,
      }),
      quantity: t.expose('quantity', {
        type: QuantityRef,
        nullable: true,
        description: `How much was handed over. ${NULL_UNSAID}`,
      }),
      daysSupply: t.expose('daysSupply', {
        type: QuantityRef,
        nullable: true,
        description: `How long it lasts, usually in days. ${NULL_UNSAID}`,
      }),
      dosageInstruction: t.expose('dosageInstruction', {
        type: [DosageRef],
        description: `How to take it, step by step. ${EMPTY_UNCODED}`,
      }),
      lot: t.expose('lot', {
        type: LotRef,
        nullable: true,
        description:
          'The lot that it is of; never the pack, whose serial number identifies a person. Null if unknown.',
      }),
    }),
  });
}

/** Lot as this subgraph knows it: by its key alone. */
function addLotReference<Opened>(builder: Builder<Opened>) {
  const ref = builder.objectRef<LotKey>('Lot');
  builder.objectType(ref, {
    description: LOT,
    fields: (t) => ({
      id: t.id({ shareable: true, description: NODE_ID, resolve: idOfLot }),
      gtin: t.exposeID('gtin', { description: GTIN }),
      lot: t.exposeID('lot', { description: LOT_NUMBER }),
    }),
  });
  builder.asEntity(ref, {
    key: builder.keyDirective(builder.selection<{ gtin: string; lot: string }>('gtin lot'), false),
    resolveReference: ({ gtin, lot }) => ({ gtin, lot }),
  });
  return ref;
}
