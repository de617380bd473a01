import { pino, type Logger } from 'pino';

export type { Logger };

/** Never in a log line, whoever puts them there. */
const REDACTED = [
  'authorization',
  'password',
  'accessToken',
  'refreshToken',
  'prompt',
  'text',
  'messages',
  'req.headers.authorization',
  'req.headers.cookie',
];

export interface LoggerOptions {
  readonly level: string;
  readonly service: string;
}

/** Structured JSON lines on standard output, one per happening, each naming its service. */
export function createLogger({ level, service }: LoggerOptions): Logger {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: '[redacted]' },
    formatters: { level: (label) => ({ level: label }) },
  });
}
