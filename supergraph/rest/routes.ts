import type { RestRoute } from './route.js';
import { ANALYTICS_ROUTES } from './routes/analytics.js';
import { AUTH_ROUTES } from './routes/auth.js';
import { CHAT_ROUTES } from './routes/chat.js';
import { IMAGE_ROUTES } from './routes/image.js';
import { SUMMARIZE_ROUTES } from './routes/summarize.js';

/** Every route of §2 of the original specification. */
export const REST_ROUTES: readonly RestRoute[] = [
  ...AUTH_ROUTES,
  ...ANALYTICS_ROUTES,
  ...IMAGE_ROUTES,
  ...SUMMARIZE_ROUTES,
  ...CHAT_ROUTES,
];
