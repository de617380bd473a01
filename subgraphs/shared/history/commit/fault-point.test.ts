import { describe, expect, it } from '@jest/globals';
import type { EventSink } from '#shared/events/event-sink.port.js';
import { withFault } from './fault-point.js';
import type { ObjectStore } from '../store/object-store.port.js';

const POINT = 'put:record:before:1';
/** What matters is which they are; nobody goes through them. */
const doors = { store: {} as ObjectStore, events: {} as EventSink };

describe('withFault', () => {
  it('gives back the very same doors in production, whatever FAULT_POINT says', () => {
    const given = withFault({ FAULT_POINT: POINT, NODE_ENV: 'production' }, doors);
    expect(given).toBe(doors);
  });

  it.each(['production', 'development', 'test'])('gives back the very same doors where no point is set (%s)', (env) => {
    expect(withFault({ NODE_ENV: env }, doors)).toBe(doors);
  });

  it.each([{ NODE_ENV: 'development' }, { NODE_ENV: 'test' }, {}])(
    'puts the point before both otherwise (%j)',
    (env) => {
      const given = withFault({ FAULT_POINT: POINT, ...env }, doors);
      expect(given.store).not.toBe(doors.store);
      expect(given.events).not.toBe(doors.events);
    },
  );
});
