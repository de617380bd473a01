import { parseArgs } from 'node:util';
import { AnalyticsSink } from '#shared/events/analytics-sink.js';
import { ConditionalStore } from '#shared/history/store/conditional-store.js';
import { LLM_SERVICES } from '#shared/events/usage-event.js';
import type { LlmService } from '#shared/history/history.port.js';
import { S3ObjectStore } from '#shared/history/store/s3-object-store.js';
import { createLogger } from '#shared/logging/logger.js';
import { pastTtl } from './event-age.js';
import { historyAccess, type HistoryAccess } from './access.js';
import { recordedEvents } from './recorded-events.js';
import { reindexHistory } from './reindex.js';
import { verifyHistory } from './verify.js';

const USAGE = `npm run history:verify  -- [--service image|summarize|chat] [--env dev]
npm run history:reindex -- [--service image|summarize|chat] [--env dev]

verify   proves that each record has its input and its artifacts with their SHA-256, that index and events are what the
         records say, and that nothing is stuck in the outbox. Prints counts and each fault; exit code 1 on any.
reindex  makes the index and the events what the records say.

Both work on S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY, S3_SECRET_KEY, ANALYTICS_URL and SERVICE_PRIVATE_KEY and the buckets
llmhist-<service>-<env> (or S3_BUCKET, for the one service that is named), or else on the platform that \`npm start\`
runs from this folder. The service may go on working meanwhile. Events older than EVENTS_TTL_DAYS, where the analytics service
has that setting, are neither looked for nor delivered.`;

const log = createLogger({ level: 'warn', service: 'history' });
const now = (): Date => new Date();
const write = (line: string): void => void process.stdout.write(`${line}\n`);

async function run(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      service: { type: 'string' },
      env: { type: 'string', default: 'dev' },
      help: { type: 'boolean', default: false },
    },
  });
  const [command] = positionals;
  const services = LLM_SERVICES.filter((name) => values.service === undefined || name === values.service);
  if (values.help || services.length === 0 || (command !== 'verify' && command !== 'reindex')) {
    write(USAGE);
    return values.help;
  }
  const access = await historyAccess(process.env, values.env);
  let isSound = true;
  for (const service of services) {
    const bucket = new S3ObjectStore(access.s3For(service));
    try {
      const store = new ConditionalStore(bucket, log);
      isSound = (await (command === 'verify' ? verify : reindex)(service, store, access)) && isSound;
    } finally {
      await bucket.close();
    }
  }
  return isSound;
}

async function verify(service: LlmService, store: ConditionalStore, access: HistoryAccess): Promise<boolean> {
  const events = () => recordedEvents(access, service);
  const { counts, faults } = await verifyHistory({
    service,
    store,
    events,
    isPastTtl: pastTtl(access.eventsTtlDays, now),
    now,
  });
  const { records, files, expired, lines, pending } = counts;
  write(
    `${service}: ${records} records, ${files} files sound or named below, ${expired} expired, ${lines} index lines, ${counts.events} events, ${pending} in the outbox`,
  );
  if (counts.past > 0) write(`  ${counts.past} records are past EVENTS_TTL_DAYS: their events were not looked for`);
  for (const fault of faults) write(`  fault: ${fault}`);
  write(faults.length === 0 ? `  sound` : `  ${faults.length} faults`);
  return faults.length === 0;
}

async function reindex(service: LlmService, store: ConditionalStore, access: HistoryAccess): Promise<boolean> {
  const events = new AnalyticsSink(access.analyticsUrl, access.signToken);
  try {
    const isPastTtl = pastTtl(access.eventsTtlDays, now);
    const { records, removed, past, isIncomplete } = await reindexHistory({ service, store, events, isPastTtl, log });
    write(
      `${service}: ${records} records are in the index and in analytics; ${removed} lines without a record are gone`,
    );
    if (past > 0) write(`  ${past} records are past EVENTS_TTL_DAYS: their events were not delivered`);
    if (isIncomplete) write('  not all of it could be done; what failed is logged above: run it again');
    return !isIncomplete;
  } finally {
    await events.close();
  }
}

try {
  process.exitCode = (await run()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
