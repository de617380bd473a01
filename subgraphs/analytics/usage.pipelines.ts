/**
 * The aggregation pipelines of §5.1 of the original specification, as functions from whose and which span of time to
 * the stages. They keep to what MongoDB 7, DocumentDB and the embedded engine agree on: `$percentile` only as an
 * accumulator of `$group`, and no `$dateTrunc` (see local-bucket.ts).
 */
export interface UsageScope {
  readonly userId: string;
  /** Both ends included. */
  readonly from: Date;
  readonly to: Date;
}

type Stage = Readonly<Record<string, unknown>>;

const TOP = 5;

const COUNT = { $sum: 1 };
const ERRORS = { $sum: { $cond: [{ $gte: ['$status', 400] }, 1, 0] } };
const PERCENTILES = { $percentile: { input: '$latencyMs', p: [0.5, 0.95], method: 'approximate' } };

function match({ userId, from, to }: UsageScope): Stage {
  return { $match: { userId, ts: { $gte: from, $lte: to } } };
}

export interface OverviewRow {
  readonly total: readonly { readonly n: number }[];
  readonly services: readonly { readonly n: number }[];
  readonly topServices: readonly { readonly _id: string; readonly count: number }[];
  readonly topModels: readonly {
    readonly _id: { readonly provider: string; readonly model: string };
    readonly count: number;
  }[];
  /** One row, or none without events. */
  readonly totals: readonly (ConsumptionRow & { readonly errors: number; readonly latencies: readonly number[] })[];
}

export interface ConsumptionRow {
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly usd: number;
}

export function overviewPipeline(scope: UsageScope): Stage[] {
  const byModel = { provider: '$provider', model: '$model' };
  return [
    match(scope),
    {
      $facet: {
        total: [{ $count: 'n' }],
        services: [{ $group: { _id: '$service' } }, { $count: 'n' }],
        topServices: [{ $group: { _id: '$service', count: COUNT } }, { $sort: { count: -1, _id: 1 } }, { $limit: TOP }],
        topModels: [
          { $group: { _id: byModel, count: COUNT } },
          { $sort: { count: -1, '_id.provider': 1, '_id.model': 1 } },
          { $limit: TOP },
        ],
        totals: [
          {
            $group: {
              _id: null,
              errors: ERRORS,
              latencies: PERCENTILES,
              tokensIn: { $sum: '$tokens.in' },
              tokensOut: { $sum: '$tokens.out' },
              inputBytes: { $sum: '$size.inputBytes' },
              outputBytes: { $sum: '$size.outputBytes' },
              usd: { $sum: '$cost.usd' },
            },
          },
        ],
      },
    },
  ];
}

export interface SlotRow {
  /** `slot`: how many times `slotMs` since the epoch. */
  readonly _id: { readonly slot: number; readonly service: string };
  readonly count: number;
}

/** Counts by service and slots of `slotMs` in rising order, to be folded into local days or hours. */
export function slotsPipeline(scope: UsageScope, slotMs: number): Stage[] {
  const sinceEpochMs = { $subtract: ['$ts', new Date(0)] };
  const slot = { $floor: { $divide: [sinceEpochMs, slotMs] } };
  return [match(scope), { $group: { _id: { slot, service: '$service' }, count: COUNT } }, { $sort: { '_id.slot': 1 } }];
}

export interface PerformanceRow {
  readonly _id: string;
  readonly requests: number;
  readonly errors: number;
  readonly latencies: readonly number[];
  readonly averageMs: number;
}

export function performancePipeline(scope: UsageScope): Stage[] {
  const averageMs = { $avg: '$latencyMs' };
  return [
    match(scope),
    { $group: { _id: '$service', requests: COUNT, errors: ERRORS, latencies: PERCENTILES, averageMs } },
    { $sort: { requests: -1, _id: 1 } },
  ];
}

export interface CostRow {
  readonly _id: { readonly service: string; readonly provider: string; readonly model: string };
  readonly requests: number;
  readonly usd: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
}

/**
 * Of what services reported: a user's own reports cost nothing. In no order: by dollars they are put in order once these are
 * rounded.
 */
export function costsPipeline(scope: UsageScope): Stage[] {
  return [
    match(scope),
    { $match: { origin: 'service' } },
    {
      $group: {
        _id: { service: '$service', provider: '$provider', model: '$model' },
        requests: COUNT,
        usd: { $sum: '$cost.usd' },
        tokensIn: { $sum: '$tokens.in' },
        tokensOut: { $sum: '$tokens.out' },
      },
    },
  ];
}
