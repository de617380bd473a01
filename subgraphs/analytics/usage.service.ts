import type { EntityManager } from '@mikro-orm/mongodb';
import { badInput } from '#shared/errors/app-error.js';
import { reached } from './availability.js';
import { EventRow } from './entities/event.entity.js';
import { bucketStarts, localClock, SLOT_MS } from './local-bucket.js';
import {
  costsPipeline,
  overviewPipeline,
  performancePipeline,
  slotsPipeline,
  type ConsumptionRow,
  type CostRow,
  type OverviewRow,
  type PerformanceRow,
  type SlotRow,
  type UsageScope,
} from './usage.pipelines.js';

export interface UsageDependencies {
  readonly em: EntityManager;
  readonly now: () => Date;
}

export interface TimeRange {
  readonly from?: Date | null;
  readonly to?: Date | null;
}

const DEFAULT_SPAN_MS = 30 * 86_400_000;
const NOTHING: ConsumptionRow = { tokensIn: 0, tokensOut: 0, inputBytes: 0, outputBytes: 0, usd: 0 };

/** What an account used, each question answered by one aggregation over its events. */
export class UsageService {
  constructor(private readonly deps: UsageDependencies) {}

  /** Whose use and when. Throws BAD_USER_INPUT when the span ends before it begins. */
  scope(userId: string, range: TimeRange | null | undefined): UsageScope {
    const to = range?.to ?? this.deps.now();
    const from = range?.from ?? new Date(to.getTime() - DEFAULT_SPAN_MS);
    if (from > to) throw badInput('range.from', 'notAfterTo', 'range.from must not be after the end of the range.');
    return { userId: userId.toLowerCase(), from, to };
  }

  async overview(scope: UsageScope) {
    const [row] = await this.#aggregate<OverviewRow>(overviewPipeline(scope));
    const totals = row?.totals[0];
    const totalRequests = row?.total[0]?.n ?? 0;
    return {
      totalRequests,
      distinctServices: row?.services[0]?.n ?? 0,
      topServices: (row?.topServices ?? []).map(({ _id, count }) => ({ service: _id, count })),
      topModels: (row?.topModels ?? []).map(({ _id, count }) => ({ ..._id, count })),
      latency: { p50Ms: totals?.latencies[0] ?? null, p95Ms: totals?.latencies[1] ?? null },
      errorRate: totals ? totals.errors / totalRequests : 0,
      consumption: consumptionOf(totals ?? NOTHING),
    };
  }

  /** Buckets that have events, by time and then service. Throws BAD_USER_INPUT for an unknown time zone. */
  async timeseries(scope: UsageScope, bucket: 'day' | 'hour', timezone: string) {
    const startOf = bucketStarts(bucket, localClock(timezone));
    const rows = await this.#aggregate<SlotRow>(slotsPipeline(scope, SLOT_MS));
    const points = new Map<string, { start: Date; service: string; count: number }>();
    for (const { _id, count } of rows) {
      const startMs = startOf(_id.slot * SLOT_MS);
      const name = `${startMs} ${_id.service}`;
      const point = points.get(name) ?? { start: new Date(startMs), service: _id.service, count: 0 };
      point.count += count;
      points.set(name, point);
    }
    return [...points.values()].toSorted((a, b) => +a.start - +b.start || byText(a.service, b.service));
  }

  async performance(scope: UsageScope) {
    const rows = await this.#aggregate<PerformanceRow>(performancePipeline(scope));
    return rows.map(({ _id, requests, errors, latencies, averageMs }) => ({
      service: _id,
      requests,
      p50Ms: latencies[0] ?? 0,
      p95Ms: latencies[1] ?? 0,
      averageMs,
      errorRate: errors / requests,
    }));
  }

  /** The dearest first; what costs the same by name. */
  async costs(scope: UsageScope) {
    const rows = await this.#aggregate<CostRow>(costsPipeline(scope));
    const costs = rows.map(({ _id, requests, usd, tokensIn, tokensOut }) => ({
      service: _id.service,
      provider: _id.provider,
      model: _id.model,
      requests,
      usd: roundedUsd(usd),
      tokensIn: safe(tokensIn),
      tokensOut: safe(tokensOut),
    }));
    return costs.toSorted(
      (a, b) =>
        b.usd - a.usd || byText(a.service, b.service) || byText(a.provider, b.provider) || byText(a.model, b.model),
    );
  }

  async #aggregate<Row extends object>(pipeline: object[]): Promise<Row[]> {
    const rows: object[] = await reached(this.deps.em.getConnection().aggregate(EventRow, pipeline));
    return rows as Row[];
  }
}

function consumptionOf({ tokensIn, tokensOut, inputBytes, outputBytes, usd }: ConsumptionRow) {
  return {
    tokensIn: safe(tokensIn),
    tokensOut: safe(tokensOut),
    inputBytes: safe(inputBytes),
    outputBytes: safe(outputBytes),
    usd: roundedUsd(usd),
  };
}

/** A sum of what users report can pass what JSON numbers hold exactly; it stays at the greatest that they do. */
function safe(sum: number): number {
  return Math.min(sum, Number.MAX_SAFE_INTEGER);
}

/** To a billionth of a dollar: far below any price, far above the noise of adding floats. */
function roundedUsd(usd: number): number {
  return Math.round(usd * 1e9) / 1e9;
}

/** The order of the database's own sort, which knows no language. */
function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
