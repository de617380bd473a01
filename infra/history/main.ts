import { AnalyticsSink } from '#shared/events/analytics-sink.js';
import { ConditionalStore } from '#shared/history/store/conditional-store.js';
import { AppError } from '#shared/errors/app-error.js';
import { LLM_SERVICES } from '#shared/events/usage-event.js';
import type { LlmService } from '#shared/history/history.port.js';
import { S3ObjectStore } from '#shared/history/store/s3-object-store.js';
import { createLogger } from '#shared/logging/logger.js';
import { parseArguments, runCommand, UsageError } from '../command-line.js';
import { bucketError } from '../provision/bucket-error.js';
import { pastTtl } from './event-age.js';
import { historyAccess, type HistoryAccess } from './access.js';
import { recordedEvents } from './recorded-events.js';
import { reindexHistory } from './reindex.js';
import { verifyHistory } from './verify.js';

const USAGE = `npm run history:verify  -- [--service image|summarize|chat] [--env dev]
npm run history:reindex -- [--service image|summarize|chat] [--env dev]

verify   proves that each record has its input and its artifacts with their SHA-256, that index and events are what the
         records say, and that nothing is stuck in the outbox. Prints counts and each fault; exit code 1 on any.
reindex  makes the index what the records say, and brings the events that are missing; those that are there stay as they are.

Both work on the platform that \`npm start\` runs from this folder, or, where the environment has S3_ACCESS_KEY, on
S3_ENDPOINT (AWS without it), S3_REGION, S3_SECRET_KEY, ANALYTICS_URL and SERVICE_PRIVATE_KEY. Buckets are named by
S3_BUCKET_PATTERN (llmhist-{service}-dev); --env prod stands for llmhist-{service}-prod; S3_BUCKET is the bucket of the one
service that is named. The services may go on working meanwhile. Events older than EVENTS_TTL_DAYS, where the analytics
service has that setting, are neither looked for nor delivered.
`;

const COMMANDS = { verify, reindex };

const log = createLogger({ level: 'warn', service: 'history' });
const now = (): Date => new Date();
const write = (line: string): void => void process.stdout.write(`${line}\n`);

await runCommand(async () => {
  const { values, positionals } = parseArguments({
    allowPositionals: true,
    options: { service: { type: 'string' }, env: { type: 'string' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return true;
  }
  const command = commandOf(positionals);
  const services = LLM_SERVICES.filter((name) => values.service === undefined || name === values.service);
  if (services.length === 0) throw new UsageError('--service must be image, summarize or chat');
  const access = await historyAccess(process.env, values.env);
  let isSound = true;
  for (const service of services) isSound = (await inBucketOf(service, access, command)) && isSound;
  return isSound;
});

type Command = (service: LlmService, store: ConditionalStore, access: HistoryAccess) => Promise<boolean>;

function commandOf([name, ...rest]: readonly string[]): Command {
  if (name !== 'verify' && name !== 'reindex') throw new UsageError('The command must be verify or reindex');
  if (rest.length > 0) throw new UsageError(`This is not an option: ${rest.join(' ')}`);
  return COMMANDS[name];
}

/** What the store refuses is told with the bucket's name and the reason. */
async function inBucketOf(service: LlmService, access: HistoryAccess, command: Command): Promise<boolean> {
  const settings = access.s3For(service);
  const bucket = new S3ObjectStore(settings);
  try {
    await bucket.ping();
    return await command(service, new ConditionalStore(bucket, log), access);
  } catch (error) {
    if (error instanceof AppError && error.code === 'SERVICE_UNAVAILABLE') throw bucketError(settings, error.cause);
    throw error;
  } finally {
    await bucket.close();
  }
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
