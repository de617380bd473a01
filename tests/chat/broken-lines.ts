import { expect } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { ChatClient, readAll, textOf, type StreamEvent } from './chat-client.js';
import { numbers, type NumberedProvider } from './numbered-provider.js';

export interface Readings {
  readonly provider: NumberedProvider;
  /** Addresses of supergraphs. */
  readonly doors: readonly string[];
  readonly token: string;
}

/** One line of a reader's, from joining to its end. */
interface Line {
  /** Where it is opened, among the doors that there are. */
  readonly door: number;
  /** After how many events it is cut. */
  readonly events: number;
  /** How far the provider may be ahead of the reader by then. */
  readonly ahead: number;
}

const LINES = 20;
const MOST_EVENTS = 30;
/** More than any reading takes, so that there is always more to come when a line breaks. */
const TOKENS = LINES * MOST_EVENTS + 100;

/**
 * Reads answers over lines that break so often in all, after any number of events, each joined again at any door after the last
 * event seen; then to the end. Fails unless what was seen is the record's text, each token once and in order.
 */
export async function holdsOverBrokenLines(readings: Readings, cuts: number): Promise<void> {
  let cut = 0;
  const property = fc.asyncProperty(brokenLines(readings.doors.length), async (lines) => {
    const { events, text } = await readOver(lines, readings);
    cut += lines.length;
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
    expect(textOf(events)).toBe(text);
    expect(events.at(-1)?.message).toMatchObject({ status: 200, assistantMessage: { content: text } });
  });
  await fc.assert(property, { numRuns: cuts / LINES, endOnFailure: true });
  expect(cut).toBe(cuts);
}

/** The first brings something, or the reader would not know what to join. */
function brokenLines(doors: number): fc.Arbitrary<readonly Line[]> {
  const line = (fewest: number) =>
    fc.record({
      door: fc.nat(doors - 1),
      events: fc.integer({ min: fewest, max: MOST_EVENTS }),
      ahead: fc.nat(2 * MOST_EVENTS),
    });
  const rest = fc.array(line(0), { minLength: LINES - 1, maxLength: LINES - 1 });
  return fc.tuple(line(1), rest).map(([first, others]) => [first, ...others]);
}

async function readOver(
  lines: readonly Line[],
  { provider, doors, token }: Readings,
): Promise<{ events: StreamEvent[]; text: string }> {
  const clients = doors.map((door) => new ChatClient(door, token));
  const prompt = randomUUID();
  const answer = provider.answerTo(prompt, numbers(TOKENS));
  const seen: StreamEvent[] = [];
  const readAt = (door: number): AsyncGenerator<StreamEvent, void> => {
    const last = seen.at(-1);
    const client = clients[door]!;
    return last ? client.join(last.id, last.seq) : client.send(`s-${prompt}`, prompt);
  };
  for (const { door, events, ahead } of lines) {
    answer.allow(seen.length + events + ahead);
    const reading = readAt(door);
    for (let read = 0; read < events; read += 1) seen.push(eventOf(await reading.next()));
    // What was on its way already may still come; this reader is not shown it.
    const broken = reading.next().catch(() => undefined);
    await clients[door]!.cut();
    await broken;
  }
  answer.allow(TOKENS);
  seen.push(...(await readAll(readAt(lines.length % doors.length))));
  await Promise.all(clients.map((client) => client.close()));
  return { events: seen, text: answer.text };
}

function eventOf({ value }: IteratorResult<StreamEvent, void>): StreamEvent {
  if (!value) throw new Error('the stream ended before the provider had');
  return value;
}
