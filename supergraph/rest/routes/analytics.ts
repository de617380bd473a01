import { z } from 'zod';
import {
  ReportEventDocument,
  UsageCostsDocument,
  UsageOverviewDocument,
  UsagePerformanceDocument,
  UsageTimeseriesDocument,
} from '../operations/operations.generated.js';
import { restRoute, type QueryParameter, type RestRequest } from '../route.js';

const INSTANT = {
  schema: { type: 'string', anyOf: [{ format: 'date' }, { format: 'date-time' }] },
  accepted: 'a date, or a date and time with a zone, such as 2026-01-31T12:00:00Z',
};
const RANGE: readonly QueryParameter[] = [
  { ...INSTANT, name: 'from', description: 'A date, or a date with a time; 30 days before `to` by default.' },
  { ...INSTANT, name: 'to', description: 'A date, or a date with a time; now by default.' },
];

const span = { from: z.iso.datetime(), to: z.iso.datetime() };
const count = z.int().min(0);
const milliseconds = z.number().describe('Milliseconds.');
const usd = z.number().describe('US dollars.');

const target = ({ params, query }: RestRequest) => ({
  userId: params['userId'],
  range: { ...instant('from', query), ...instant('to', query) },
});

/** A date alone is its first moment in UTC, as `ISODate("2025-09-01")` is in the original's pipelines. */
function instant(name: 'from' | 'to', { [name]: text }: RestRequest['query']): Record<string, string> {
  if (text === undefined) return {};
  return { [name]: /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00.000Z` : text };
}

export const ANALYTICS_ROUTES = [
  restRoute({
    method: 'POST',
    path: '/analytics/events',
    tag: 'analytics',
    summary: 'Report a request that you made by yourself',
    access: 'user',
    body: { input: 'ReportEventInput', required: true },
    errors: ['FORBIDDEN'],
    status: 201,
    reply: z.object({ id: z.string(), ts: z.iso.datetime(), requestId: z.string() }),
    document: ReportEventDocument,
    variables: ({ body }) => ({ input: body }),
    toReply: ({ reportEvent }) => reportEvent,
  }),
  restRoute({
    method: 'GET',
    path: '/analytics/user/:userId/overview',
    tag: 'analytics',
    summary: 'The key figures of a span of time',
    access: 'user',
    query: RANGE,
    status: 200,
    reply: z.object({
      ...span,
      usoTotal: count,
      serviciosDistintos: count,
      topServicios: z.array(z.object({ service: z.string(), count })),
      topModelos: z.array(z.object({ provider: z.string(), model: z.string(), count })),
      latencia: z.object({ p50: milliseconds.nullable(), p95: milliseconds.nullable() }),
      errorRate: z.number().describe('The share of requests with a status of 400 or more, 0 to 1.'),
      consumo: z.object({ tokensIn: count, tokensOut: count, inputBytes: count, outputBytes: count, usd }),
    }),
    document: UsageOverviewDocument,
    variables: target,
    toReply: ({ usage: { from, to, overview } }) => ({
      from,
      to,
      usoTotal: overview.totalRequests,
      serviciosDistintos: overview.distinctServices,
      topServicios: overview.topServices,
      topModelos: overview.topModels,
      latencia: { p50: overview.latency.p50Ms, p95: overview.latency.p95Ms },
      errorRate: overview.errorRate,
      consumo: overview.consumption,
    }),
  }),
  restRoute({
    method: 'GET',
    path: '/analytics/user/:userId/timeseries',
    tag: 'analytics',
    summary: 'Requests by day or hour and service',
    access: 'user',
    query: [
      ...RANGE,
      {
        name: 'bucket',
        schema: { type: 'string', enum: ['day', 'hour'], default: 'day' },
        description: 'How long each point of the series is.',
      },
      {
        name: 'timezone',
        schema: { type: 'string', default: 'UTC' },
        description: 'Whose days and hours, by IANA name.',
      },
    ],
    status: 200,
    reply: z.object({
      ...span,
      series: z.array(z.object({ start: z.iso.datetime(), service: z.string(), count })),
    }),
    document: UsageTimeseriesDocument,
    variables: (request) => ({
      ...target(request),
      bucket: request.query['bucket'],
      timezone: request.query['timezone'],
    }),
    toReply: ({ usage: { from, to, timeseries } }) => ({ from, to, series: timeseries }),
  }),
  restRoute({
    method: 'GET',
    path: '/analytics/user/:userId/perf',
    tag: 'analytics',
    summary: 'Speed and errors by service',
    access: 'user',
    query: RANGE,
    status: 200,
    reply: z.object({
      ...span,
      services: z.array(
        z.object({
          service: z.string(),
          requests: count,
          p50: milliseconds,
          p95: milliseconds,
          average: milliseconds,
          errorRate: z.number(),
        }),
      ),
    }),
    document: UsagePerformanceDocument,
    variables: target,
    toReply: ({ usage: { from, to, performance } }) => ({
      from,
      to,
      services: performance.map(({ p50Ms, p95Ms, averageMs, ...service }) => ({
        ...service,
        p50: p50Ms,
        p95: p95Ms,
        average: averageMs,
      })),
    }),
  }),
  restRoute({
    method: 'GET',
    path: '/analytics/user/:userId/costs',
    tag: 'analytics',
    summary: 'Cost by model',
    access: 'user',
    query: RANGE,
    status: 200,
    reply: z.object({
      ...span,
      models: z.array(
        z.object({
          service: z.string(),
          provider: z.string(),
          model: z.string(),
          requests: count,
          usd,
          tokensIn: count,
          tokensOut: count,
        }),
      ),
    }),
    document: UsageCostsDocument,
    variables: target,
    toReply: ({ usage: { from, to, costs } }) => ({ from, to, models: costs }),
  }),
];
