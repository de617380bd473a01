import type { z } from 'zod';
import { ConfigError, loadConfig, type Env } from '#shared/config/load-config.js';
import { createLogger, type Logger } from '#shared/logging/logger.js';
import { Lifecycle } from './lifecycle.js';

/** The settings that running a service needs, whatever else its schema holds. */
interface ProcessSettings {
  readonly LOG_LEVEL: string;
  readonly SHUTDOWN_GRACE: number;
}

export interface ServiceParts<Config> {
  readonly config: Config;
  readonly log: Logger;
  readonly life: Lifecycle;
}

export interface ServiceDefinition<Schema extends z.ZodType<ProcessSettings>> {
  readonly name: string;
  readonly config: Schema;
  readonly env: Env;
  boot(parts: ServiceParts<z.output<Schema>>): Promise<void>;
}

/**
 * Runs one process of the platform: settings, logger, boot; then until SIGTERM, SIGINT, or the end of the parent that
 * holds its IPC channel; then nothing new is taken, what is under way may end within `SHUTDOWN_GRACE`, and everything is released in reverse. A boot that fails releases what it had and exits 1.
 */
export async function runService<Schema extends z.ZodType<ProcessSettings>>(
  service: ServiceDefinition<Schema>,
): Promise<void> {
  const log = createLogger({ level: service.env['LOG_LEVEL'] || 'info', service: service.name });
  const life = new Lifecycle(log);
  const stop = (): void => void life.close().then(() => process.connected && process.disconnect());
  for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(signal, stop);
  try {
    const config = loadConfig(service.config, service.env);
    life.graceMs = config.SHUTDOWN_GRACE;
    await service.boot({ config, log, life });
  } catch (error) {
    if (error instanceof ConfigError) log.fatal({ problems: error.problems }, 'cannot start: configuration');
    else log.fatal({ err: error }, 'cannot start');
    process.exitCode = 1;
    stop();
  }
}
