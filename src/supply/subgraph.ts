import DataLoader from 'dataloader';
import type { GraphQLSchema } from 'graphql';
import { DomainError } from '../core/errors.js';
import { type Builder, createBuilder, toSubgraph } from '../graph/builder.js';
import type { SubgraphContext } from '../graph/context.js';
import { addFederatedTypes } from '../graph/federated.js';
import { perRequest } from '../graph/per-request.js';
import { isSelected } from '../graph/selection.js';
import { GTIN, LOT_NUMBER, QUERY } from '../graph/words.js';
import { isDay } from './epcis-index.js';
import { parseEpc, toGtin, toSerial } from './gs1.js';
import { isLotKey, orUnknown } from './known-lot.js';
import type { Lot, Pack } from './model.js';
import { ALL_TIME, type LotKey, type SupplySource, type TraceItem, unknownLot } from './source.js';
import { addTraceType, addVerificationType } from './type.js';
import { addLotType } from './type-lot.js';

/** The supply subgraph over a node's database or over the network: the same schema either way. */
export function supplySubgraph<Opened>(source: SupplySource<Opened>): GraphQLSchema {
  const builder = createBuilder<Opened>();
  const federated = addFederatedTypes(builder);
  const VerificationRef = addVerificationType(builder, federated);
  const TraceRef = addTraceType(builder, federated);
  const LotRef = addLotType(builder, federated);
  const lookUpLot = createLotLookUp(source);

  builder.asEntity(LotRef, {
    key: builder.selection<{ gtin: string; lot: string }>('gtin lot'),
    // Never null, because that would also remove gtin and lot, which another subgraph knows. An
    // unknown lot has no holders; one with a malformed key has no sources either.
    resolveReference: (key, context) =>
      isLotKey(key) ? lookUpLot(context, key) : unknownLot(key, []),
  });

  builder.queryType({ description: QUERY });
  addProductQueries(builder, source, { VerificationRef, TraceRef });
  addLotQuery(builder, LotRef, lookUpLot);
  return toSubgraph(builder);
}

/** Adds the queries about packs and items. */
function addProductQueries<Opened>(
  builder: Builder<Opened>,
  source: SupplySource<Opened>,
  refs: {
    readonly VerificationRef: ReturnType<typeof addVerificationType<Opened>>;
    readonly TraceRef: ReturnType<typeof addTraceType<Opened>>;
  },
): void {
  builder.queryFields((t) => ({
    verifyProduct: t.field({
      type: refs.VerificationRef,
      description:
        'Whether the manufacturer made a pack with these four printed identifiers. Public.',
      args: {
        gtin: t.arg.id({ required: true, description: GTIN }),
        serial: t.arg.string({
          required: true,
          description: "The pack's serial number: 1 to 20 characters.",
        }),
        lot: t.arg.string({ required: true, description: LOT_NUMBER }),
        expiry: t.arg({ type: 'Date', required: true, description: 'The expiry day, YYYY-MM-DD.' }),
      },
      resolve: (_root, args, { opened }) => source.verify(opened, toPack(args)),
    }),
    trace: t.field({
      type: refs.TraceRef,
      nullable: true,
      description:
        "What happened to an item. Null without a trading partner's accreditation, whether or not " +
        'the item is known.',
      args: {
        epc: t.arg({
          type: 'URI',
          required: true,
          description: 'The item, as an EPC URN or a GS1 Digital Link.',
        }),
        from: t.arg({
          type: 'DateTime',
          description: 'The first moment of the period. Absent: no lower end.',
        }),
        until: t.arg({
          type: 'DateTime',
          description: 'The first moment after the period. Absent: no upper end.',
        }),
      },
      resolve: (_root, args, { opened }, info) =>
        source.trace(opened, toTraceItem(args), { evidence: isSelected(info, 'evidence') }),
    }),
  }));
}

function addLotQuery<Opened>(
  builder: Builder<Opened>,
  LotRef: ReturnType<typeof addLotType<Opened>>,
  lookUpLot: ReturnType<typeof createLotLookUp<Opened>>,
): void {
  builder.queryFields((t) => ({
    lot: t.field({
      type: LotRef,
      nullable: true,
      description:
        'A lot by its key. Null if every source answered and none knows it; ' +
        'SOURCE_UNAVAILABLE while one that could know it does not answer. Public.',
      args: {
        gtin: t.arg.id({ required: true, description: GTIN }),
        lot: t.arg.id({ required: true, description: LOT_NUMBER }),
      },
      resolve: async (_root, args, context) => {
        const key = { gtin: toGtin(args.gtin), lot: toSerial(args.lot, 'lot') };
        return orUnknown(await lookUpLot(context, key));
      },
    }),
  }));
}

/** Joins the look-ups of one request into one call to the source. */
function createLotLookUp<Opened>(source: SupplySource<Opened>) {
  const loaderOf = perRequest(({ opened }: SubgraphContext<Opened>) => {
    return new DataLoader<LotKey, Lot, string>((keys) => source.lots(opened, keys), {
      cacheKeyFn: (key) => `${key.gtin} ${key.lot}`,
    });
  });
  return (context: SubgraphContext<Opened>, { gtin, lot }: LotKey) =>
    loaderOf(context).load({ gtin, lot });
}

function toPack(args: Pack): Pack {
  if (!isDay(args.expiry)) throw new DomainError('BAD_INPUT', { argument: 'expiry' });
  return {
    gtin: toGtin(args.gtin),
    serial: toSerial(args.serial, 'serial'),
    lot: toSerial(args.lot, 'lot'),
    expiry: args.expiry,
  };
}

function toTraceItem(args: {
  readonly epc: string;
  readonly from?: Date | null | undefined;
  readonly until?: Date | null | undefined;
}): TraceItem {
  const fromMs = args.from?.getTime() ?? ALL_TIME.fromMs;
  const untilMs = args.until?.getTime() ?? ALL_TIME.untilMs;
  if (!(fromMs < untilMs)) throw new DomainError('PERIOD_EMPTY', { from: fromMs, until: untilMs });
  return { epc: parseEpc(args.epc).uri, fromMs, untilMs };
}
