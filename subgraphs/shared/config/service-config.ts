import { z } from 'zod';

const MIN_SECRET_LENGTH = 16;
/** What templates and tutorials are full of. */
const WELL_KNOWN = new Set([
  'minio',
  'minio123',
  'minioadmin',
  'postgres',
  'change-me',
  'changeme',
  'password',
  'secret',
]);

/** Settings that are secrets by their whole value. */
const SECRETS = ['S3_SECRET_KEY'];
/** Settings that are URLs of stores, with a password in them. */
const STORE_URLS = ['DATABASE_URL', 'ANALYTICS_MONGO_URI', 'REDIS_URL'];

/**
 * The settings of one service. In production (`NODE_ENV`) it also refuses secrets that are well known or short, and stores
 * that are reached without a password.
 */
export function serviceConfig<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.object(shape).superRefine((config: Readonly<Record<string, unknown>>, context) => {
    if (config['NODE_ENV'] !== 'production') return;
    const refuse = (name: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [name], message: `${message} in production` });
    for (const name of SECRETS) {
      const value = config[name];
      if (typeof value === 'string' && isWeak(value)) {
        refuse(name, `must be a secret of your own of at least ${MIN_SECRET_LENGTH} characters`);
      }
    }
    for (const name of STORE_URLS) {
      const value = config[name];
      if (typeof value === 'string' && isWeak(passwordOf(value))) {
        refuse(name, `must have a password of your own of at least ${MIN_SECRET_LENGTH} characters`);
      }
    }
  });
}

function isWeak(secret: string): boolean {
  return secret.length < MIN_SECRET_LENGTH || WELL_KNOWN.has(secret.toLowerCase());
}

function passwordOf(url: string): string {
  if (!URL.canParse(url)) return '';
  const { password } = new URL(url);
  try {
    return decodeURIComponent(password);
  } catch {
    // A `%` that stands for itself: drivers differ on it, and it is for them to complain.
    return password;
  }
}
