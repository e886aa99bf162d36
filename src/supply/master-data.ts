import { z } from 'zod';
import { parseEpc } from './gs1.js';
import type { Product } from './model.js';

const Vocabularies = z.looseObject({
  epcisMasterData: z.looseObject({
    vocabularyList: z.array(
      z.looseObject({
        type: z.string(),
        vocabularyElementList: z
          .array(
            z.looseObject({
              id: z.string(),
              attributes: z
                .array(z.looseObject({ id: z.string(), attribute: z.unknown() }))
                .optional(),
            }),
          )
          .optional(),
      }),
    ),
  }),
});

/**
 * The trade items that a document's header describes: elements of the EPCClass vocabulary, with
 * the CBV's master data attributes. What the header holds otherwise is not read.
 *
 * @source CBV 2.0 section 9.2, trade item master data
 */
export function parseProducts(header: unknown): readonly Product[] {
  const { data } = Vocabularies.safeParse(header);
  const elements = (data?.epcisMasterData.vocabularyList ?? [])
    .filter(({ type }) => /EPCClass$/.test(type))
    .flatMap(({ vocabularyElementList }) => vocabularyElementList ?? []);
  return elements.flatMap(({ id, attributes }) => toProduct(id, attributes ?? []));
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

/** `urn:epcglobal:cbv:mda#dosageFormType` and `cbvmda:dosageFormType` are one attribute. */
function localName(id: string): string {
  return id.replace(/^.*[#:]/, '');
}
