/** A step was given up because another one has failed. */
export class StepStopped extends Error {}

/** What happens while the platform starts, told to whoever watches. */
export interface Progress {
  /** Runs one step and tells how it ended. */
  step<T>(name: string, run: () => Promise<T>): Promise<T>;
  note(text: string): void;
}

export const silentProgress: Progress = {
  step: (_name, run) => run(),
  note: () => undefined,
};

/** One line a step on a terminal or in a log, with the seconds it took. */
export function consoleProgress(write: (line: string) => void): Progress {
  return {
    async step(name, run) {
      const startedAt = performance.now();
      try {
        const result = await run();
        write(`  ✔ ${name.padEnd(28)} ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
        return result;
      } catch (error) {
        write(error instanceof StepStopped ? `  – ${name} (stopped)` : `  ✘ ${name}`);
        throw error;
      }
    },
    note: (text) => write(`  ! ${text}`),
  };
}
