import { pino, type DestinationStream, type Logger } from 'pino';

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

/** Structured JSON lines, one per happening, each naming its service; on standard output unless told otherwise. */
export function createLogger({ level, service }: LoggerOptions, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: '[redacted]' },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination ? pino(options, destination) : pino(options);
}
