import { z } from 'zod';
import { type Defect, ruleBroken } from './epcis/identifiers.js';
import { parseEpc } from './gs1.js';
import type { Product } from './model.js';

const Vocabularies = z.array(
  z.looseObject({
    type: z.string(),
    vocabularyElementList: z
      .array(
        z.looseObject({
          id: z.string(),
          attributes: z.array(z.looseObject({ id: z.string(), attribute: z.unknown() })).optional(),
        }),
      )
      .optional(),
  }),
);

/**
 * The trade items that a document describes: elements of the EPCClass vocabulary, with the CBV's
 * master data attributes. Other vocabularies are not read.
 *
 * @returns the defects separately, by their place in the list: they do not affect the document's
 *   events.
 * @source CBV 2.0 section 9.2, trade item master data
 */
export function parseProducts(vocabularyList: unknown): {
  readonly products: readonly Product[];
  readonly defects: readonly Defect[];
} {
  const { data = [] } = Vocabularies.safeParse(vocabularyList);
  const products: Product[] = [];
  const defects: Defect[] = [];
  for (const [i, { type, vocabularyElementList = [] }] of data.entries()) {
    if (!/EPCClass$/.test(type)) continue;
    for (const [j, { id, attributes = [] }] of vocabularyElementList.entries()) {
      const rule = ruleBroken(() => products.push(...toProduct(id, attributes)));
      if (rule !== undefined) defects.push({ at: [i, 'vocabularyElementList', j, 'id'], rule });
    }
  }
  return { products, defects };
}

type Attributes = readonly { readonly id: string; readonly attribute: unknown }[];

function toProduct(id: string, attributes: Attributes): readonly Product[] {
  const key = parseEpc(id);
  const values = new Map(attributes.map((one) => [localName(one.id), one.attribute]));
  const textOf = (name: string) => {
    const value = values.get(name);
    return typeof value === 'string' ? value : null;
  };
  const name = textOf('regulatedProductName') ?? textOf('descriptionShort');
  if (key.kind !== 'GTIN' || name === null) return [];
  return [
    {
      gtin: key.gtin,
      name,
      labeler: textOf('manufacturerOfTradeItemPartyName'),
      dosageForm: textOf('dosageFormType'),
      strength: textOf('strengthDescription'),
    },
  ];
}

/** `urn:epcglobal:cbv:mda#dosageFormType` and `cbvmda:dosageFormType` are the same attribute. */
function localName(id: string): string {
  return id.replace(/^.*[#:]/, '');
}
