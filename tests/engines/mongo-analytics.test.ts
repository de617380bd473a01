import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Collection, Document } from 'mongodb';
import { openMongo, type MongoUnderTest } from './mongo-under-test.js';

/** The pipelines of §5.1 of the original specification, in the words that all engines understand alike. */
const SERVICES = ['image', 'chat', 'summarize'];
const HOUR_MS = 3_600_000;
const START = Date.parse('2026-03-27T00:00:00Z');
const EVENTS: Document[] = Array.from({ length: 240 }, (_, at) => ({
  ts: new Date(START + at * HOUR_MS),
  userId: at % 4 === 3 ? 'other' : 'ana',
  service: SERVICES[at % SERVICES.length],
  provider: at % 2 ? 'local' : 'pollinations',
  model: `m${at % 5}`,
  latencyMs: (at * 37) % 1_000,
  status: at % 6 === 0 ? 500 : 200,
  tokens: { in: at, out: 2 * at },
  cost: { usd: at % 9 === 0 ? null : 0.25 },
}));
const FROM = new Date(START + 24 * HOUR_MS);
const TO = new Date(START + 200 * HOUR_MS);
const MINE = EVENTS.filter(({ userId, ts }) => userId === 'ana' && ts >= FROM && ts <= TO);
const MATCH = { $match: { userId: 'ana', ts: { $gte: FROM, $lte: TO } } };
const PERCENTILES = { $percentile: { input: '$latencyMs', p: [0.5, 0.95], method: 'approximate' } };
const ERRORS = { $sum: { $cond: [{ $gte: ['$status', 400] }, 1, 0] } };

let mongo: MongoUnderTest;
let events: Collection;
beforeAll(async () => {
  mongo = await openMongo();
  events = await mongo.collectionOf();
  await events.createIndexes([{ key: { userId: 1, ts: -1 } }, { key: { service: 1, ts: -1 } }]);
  await events.insertMany(EVENTS.map((event) => ({ ...event })));
});
afterAll(() => mongo?.stop());

const sumOf = (of: (event: Document) => number, among = MINE): number =>
  among.reduce((sum, event) => sum + of(event), 0);

/** How many events have each name, by name. */
function counts(nameOf: (event: Document) => string): [string, number][] {
  const groups = Object.entries(Object.groupBy(MINE, nameOf));
  return groups
    .map(([name, group = []]): [string, number] => [name, group.length])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function byCount([a, x]: [string, number], [b, y]: [string, number]): number {
  return y - x || (a < b ? -1 : 1);
}

const usdOf = (user: string): number =>
  sumOf(
    ({ cost }) => cost.usd ?? 0,
    EVENTS.filter(({ userId }) => userId === user),
  );

function expectPercentiles(found: number[], among: Document[]): void {
  const sorted = among.map(({ latencyMs }) => Number(latencyMs)).toSorted((a, b) => a - b);
  for (const [at, p] of [0.5, 0.95].entries()) {
    // Some engines interpolate between the values on either side of the rank.
    expect(found[at]).toBeGreaterThanOrEqual(sorted[Math.floor(p * (sorted.length - 1)) - 1] ?? 0);
    expect(found[at]).toBeLessThanOrEqual(sorted[Math.ceil(p * sorted.length)] ?? Infinity);
  }
}

describe('the overview', () => {
  it('is what one $facet adds up', async () => {
    const [row] = await events
      .aggregate([
        MATCH,
        {
          $facet: {
            total: [{ $count: 'count' }],
            services: [{ $group: { _id: '$service' } }, { $count: 'distinct' }],
            topServices: [
              { $group: { _id: '$service', count: { $sum: 1 } } },
              { $sort: { count: -1, _id: 1 } },
              { $limit: 5 },
            ],
            topModels: [
              { $group: { _id: { provider: '$provider', model: '$model' }, count: { $sum: 1 } } },
              { $sort: { count: -1, '_id.provider': 1, '_id.model': 1 } },
              { $limit: 5 },
            ],
            latencies: [{ $group: { _id: null, l: PERCENTILES } }],
            errors: [
              { $group: { _id: null, total: { $sum: 1 }, errors: ERRORS } },
              {
                $project: { _id: 0, rate: { $cond: [{ $eq: ['$total', 0] }, 0, { $divide: ['$errors', '$total'] }] } },
              },
            ],
            consumption: [
              {
                $group: {
                  _id: null,
                  in: { $sum: '$tokens.in' },
                  out: { $sum: '$tokens.out' },
                  usd: { $sum: '$cost.usd' },
                },
              },
            ],
          },
        },
      ])
      .toArray();
    expect(row).toMatchObject({
      total: [{ count: MINE.length }],
      services: [{ distinct: 3 }],
      errors: [{ rate: MINE.filter(({ status }) => status >= 400).length / MINE.length }],
      consumption: [
        {
          in: sumOf(({ tokens }) => tokens.in),
          out: sumOf(({ tokens }) => tokens.out),
          usd: sumOf(({ cost }) => cost.usd ?? 0),
        },
      ],
    });
    const services = counts(({ service }) => service).toSorted(byCount);
    expect(row?.['topServices']).toEqual(services.map(([_id, count]) => ({ _id, count })));
    const models = counts(({ provider, model }) => `${provider} ${model}`)
      .toSorted(byCount)
      .slice(0, 5);
    expect(row?.['topModels'].map(({ _id, count }: Document) => [`${_id.provider} ${_id.model}`, count])).toEqual(
      models,
    );
    expectPercentiles(row?.['latencies'][0].l, MINE);
  });
});

describe('the series', () => {
  it('by local day and service follows the clocks of the zone', async () => {
    const day = { $dateToString: { date: '$ts', format: '%Y-%m-%d', timezone: 'Europe/Madrid' } };
    const rows = await events
      .aggregate([MATCH, { $group: { _id: { day, service: '$service' }, count: { $sum: 1 } } }])
      .toArray();
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Madrid' });
    const found = rows.map(({ _id, count }) => [`${_id.day} ${_id.service}`, count]);
    expect(found.toSorted(([a], [b]) => (a < b ? -1 : 1))).toEqual(
      counts(({ ts, service }) => `${format.format(ts)} ${service}`),
    );
  });

  it('by hour is rising', async () => {
    const hour = { $dateTrunc: { date: '$ts', unit: 'hour' } };
    const rows = await events
      .aggregate([MATCH, { $group: { _id: hour, count: { $sum: 1 } } }, { $sort: { _id: 1 } }])
      .toArray();
    expect(rows).toEqual(MINE.map(({ ts }) => ({ _id: ts, count: 1 })));
  });

  it('by slots since the epoch gives whole numbers', async () => {
    const slot = { $floor: { $divide: [{ $subtract: ['$ts', new Date(0)] }, 6 * HOUR_MS] } };
    const rows = await events
      .aggregate([MATCH, { $group: { _id: slot, count: { $sum: 1 } } }, { $sort: { _id: 1 } }])
      .toArray();
    const expected = counts(({ ts }) => String(Math.floor(ts.getTime() / (6 * HOUR_MS))));
    expect(rows.map(({ _id, count }) => [String(_id), count])).toEqual(expected);
  });
});

describe('the performance of each service', () => {
  it('has percentiles, mean and error rate', async () => {
    const group = {
      _id: '$service',
      requests: { $sum: 1 },
      errors: ERRORS,
      latencies: PERCENTILES,
      mean: { $avg: '$latencyMs' },
    };
    const rows = await events.aggregate([MATCH, { $group: group }, { $sort: { requests: -1, _id: 1 } }]).toArray();
    expect(rows).toHaveLength(3);
    for (const { _id, requests, errors, latencies, mean } of rows) {
      const own = MINE.filter(({ service }) => service === _id);
      expect([requests, errors]).toEqual([own.length, own.filter(({ status }) => status >= 400).length]);
      expect(mean).toBeCloseTo(sumOf(({ latencyMs }) => latencyMs, own) / own.length, 6);
      expectPercentiles(latencies, own);
    }
  });
});

describe('the rollup of a day', () => {
  it('is merged into a collection of its own, and again without counting twice', async () => {
    const day = { $dateToString: { date: '$ts', format: '%Y-%m-%d' } };
    const pipeline = [
      {
        $group: {
          _id: { day, userId: '$userId', service: '$service' },
          requests: { $sum: 1 },
          usd: { $sum: '$cost.usd' },
        },
      },
      { $merge: { into: 'rollup_daily', on: '_id', whenMatched: 'replace', whenNotMatched: 'insert' } },
    ];
    for (const _ of [1, 2]) await events.aggregate(pipeline).toArray();
    const totals = { _id: '$_id.userId', requests: { $sum: '$requests' }, usd: { $sum: '$usd' } };
    const rows = await mongo.db
      .collection('rollup_daily')
      .aggregate([{ $group: totals }, { $sort: { _id: 1 } }])
      .toArray();
    expect(rows).toEqual([
      { _id: 'ana', requests: 180, usd: usdOf('ana') },
      { _id: 'other', requests: 60, usd: usdOf('other') },
    ]);
  });
});
