/** How long a provider may ask for; more is taken for this much. */
const LONGEST_MS = 24 * 3_600_000;

/**
 * Milliseconds that a response asks to wait: `Retry-After` as seconds or as a date (RFC 9110 §10.2.3), or OpenAI's `retry-after-ms`,
 * which is finer. Undefined where it asks for nothing that can be understood; 0 for a date in the past.
 */
export function retryAfterMs(header: (name: string) => string | null | undefined, now: number): number | undefined {
  const fine = header('retry-after-ms')?.trim();
  if (fine && /^\d+(\.\d+)?$/.test(fine)) return bounded(Number(fine));
  const value = header('retry-after')?.trim();
  if (!value) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return bounded(Number(value) * 1_000);
  // Without this a stray number would be read as a year.
  const date = /[a-z]/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : bounded(date - now);
}

function bounded(ms: number): number {
  return Math.min(LONGEST_MS, Math.max(0, Math.ceil(ms)));
}
