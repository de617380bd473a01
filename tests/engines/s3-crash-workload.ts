/** One step of the workload: `text` is repeated to that size; a null puts nothing but deletes. */
export interface Step {
  readonly key: string;
  readonly text: string | null;
  readonly repeat?: number;
  readonly tags?: boolean;
}

const LARGE = 70_000;

/** Every way in which an object changes between memory, journal and file, also while checkpoints run. */
export const STEPS: readonly Step[] = [
  { key: 'a/1.txt', text: 'a' },
  { key: 'b/2.txt', text: 'b' },
  { key: 'a/1.txt', text: 'c' },
  { key: 'big.bin', text: 'd', repeat: LARGE },
  { key: 'b/2.txt', text: null },
  { key: 'a/1.txt', text: 'c', tags: true },
  { key: 'big.bin', text: 'e' },
  { key: 'b/2.txt', text: 'f', repeat: 500 },
  { key: 'a/1.txt', text: 'g', repeat: LARGE },
  { key: 'big.bin', text: null },
  { key: 'c/deep/er/3.txt', text: 'h' },
  { key: 'a/1.txt', text: null },
  { key: 'a/1.txt', text: 'i' },
  { key: 'c/deep/er/3.txt', text: 'j', repeat: 300 },
  { key: 'b/2.txt', text: null },
];

export function textOf({ text, repeat = 1 }: Step): string {
  return (text ?? '').repeat(repeat);
}

/** What the first steps leave: the text of each key, and whether it is tagged. */
export function stateAfter(count: number): Map<string, { text: string; tagged: boolean }> {
  const state = new Map<string, { text: string; tagged: boolean }>();
  for (const step of STEPS.slice(0, count)) {
    if (step.text === null) state.delete(step.key);
    else state.set(step.key, { text: textOf(step), tagged: step.tags ?? false });
  }
  return state;
}
