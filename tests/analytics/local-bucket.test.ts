import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { bucketStarts, localClock, SLOT_MS } from '../../subgraphs/analytics/local-bucket.js';
import { localStart } from './usage-reference.js';

const instant = fc.date({
  min: new Date('2012-01-01T00:00:00Z'),
  max: new Date('2037-01-01T00:00:00Z'),
  noInvalidDate: true,
});
const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
const bucket = fc.constantFrom<('day' | 'hour')[]>('day', 'hour');

describe('bucketStarts', () => {
  it('finds where the local day or hour begins, in any zone of the world', () => {
    const property = fc.property(instant, zone, bucket, (date, timezone, step) => {
      const start = bucketStarts(step, localClock(timezone))(date.getTime());
      expect(new Date(start).toISOString()).toBe(localStart(date.toISOString(), step, timezone));
    });
    fc.assert(property, { numRuns: 400 });
  });

  it.each(['Australia/Lord_Howe', 'Africa/Cairo', 'Asia/Beirut', 'America/Havana', 'America/Santiago', 'Pacific/Apia'])(
    'is right at every change of the clock in %s',
    (timezone) => {
      const clock = localClock(timezone);
      const offsetAt = (ms: number) => clock(ms) - ms;
      const [from, to] = [Date.parse('2012-01-01T00:00:00Z'), Date.parse('2027-01-01T00:00:00Z')];
      for (let ms = from; ms < to; ms += 86_400_000) {
        if (offsetAt(ms) === offsetAt(ms + 86_400_000)) continue;
        for (const step of ['day', 'hour'] as const) {
          const startOf = bucketStarts(step, clock);
          for (let slot = ms; slot < ms + 2 * 86_400_000; slot += 7 * SLOT_MS) {
            const expected = localStart(new Date(slot).toISOString(), step, timezone);
            expect(new Date(startOf(slot)).toISOString()).toBe(expected);
          }
        }
      }
    },
  );
});
