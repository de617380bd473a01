import { localSettings } from '../../infra/local/settings.js';

/** What is not about limits must not meet them. */
const UNLIMITED = { RATE_LIMIT_PER_MIN: '100000', SIGN_IN_LIMIT_PER_MIN: '100000', SIGN_IN_FAILURES: '100000' };

/** Of a platform under test, on a data folder of its own: cheap passwords, no wait at its end, no limits but those of `env`. */
export function platformSettings(dataDir: string, env: Record<string, string>): ReturnType<typeof localSettings> {
  return localSettings({
    DATA_DIR: dataDir,
    PORT: '0',
    LOG_LEVEL: 'info',
    BCRYPT_ROUNDS: '4',
    SHUTDOWN_GRACE: '0s',
    ...UNLIMITED,
    ...env,
  });
}
