import { CLAIMS_PREFIX, OUTBOX_PREFIX } from '#shared/history/keys.js';
import type { LlmService } from '#shared/history/history.port.js';

/** An IAM policy, as AWS and MinIO take it. */
export interface Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly PolicyStatement[];
}

interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: string;
  readonly Resource: readonly string[];
}

const OBJECT_ACTIONS = ['PutObject', 'PutObjectTagging', 'GetObject', 'DeleteObject'] as const;

/** What a service does with the objects below a prefix. */
interface Use {
  /** `*` stands for anything. */
  readonly prefix: string;
  readonly actions: readonly (typeof OBJECT_ACTIONS)[number][];
  readonly why: string;
  /** All services where it is absent. */
  readonly only?: LlmService;
}

const USES: readonly Use[] = [
  {
    prefix: 'requests/',
    actions: ['PutObject', 'PutObjectTagging', 'GetObject'],
    why: 'input, output, record and artifacts of each request; artifacts are tagged for the lifecycle rule; signed URLs read',
  },
  {
    prefix: 'users/',
    actions: ['PutObject', 'GetObject'],
    why: 'the index of each user and day, which is read and written anew, and the list of a user’s conversations',
  },
  {
    prefix: OUTBOX_PREFIX,
    actions: ['PutObject', 'GetObject', 'DeleteObject'],
    why: 'requests whose index line and event are still to come; removed when they have',
  },
  {
    prefix: CLAIMS_PREFIX,
    actions: ['PutObject', 'GetObject'],
    why: 'claims of idempotency keys',
  },
  {
    prefix: 'probe/',
    actions: ['PutObject', 'GetObject', 'DeleteObject'],
    why: 'one object by which each process finds out at its start whether conditional writes are honoured',
  },
  {
    prefix: 'leases/',
    actions: ['PutObject', 'GetObject', 'DeleteObject'],
    why: 'turns of writers, where conditional writes are not honoured; AWS and MinIO can do without',
  },
  {
    prefix: 'sessions/',
    actions: ['PutObject', 'GetObject'],
    why: 'state and turns of conversations',
    only: 'chat',
  },
  {
    prefix: 'sessions/*/messages/',
    actions: ['PutObjectTagging'],
    why: 'the file of a turn is an artifact of its request, and tagged as one',
    only: 'chat',
  },
];

const LIST_WHY =
  'lists what is below a prefix; health checks (HeadBucket) need it for the bucket as a whole, and without it S3 answers 403, not 404, for what is not there';

/** All that a service may do with its bucket, and no more; `history:verify` and `history:reindex` need nothing else. */
export function servicePolicy(service: LlmService, bucket: string): Policy {
  const arn = `arn:aws:s3:::${bucket}`;
  const uses = usesOf(service);
  const objects = OBJECT_ACTIONS.map((action) => {
    const granted = uses.filter(({ actions }) => actions.includes(action));
    return statement(
      action,
      granted.map(({ prefix }) => `${arn}/${prefix}*`),
    );
  });
  return { Version: '2012-10-17', Statement: [...objects, statement('ListBucket', [arn])] };
}

/** Why a service's policy has what it has, one line for each prefix. */
export function policyReasons(service: LlmService): readonly string[] {
  const objects = usesOf(service).map(({ prefix, actions, why }) => `${prefix}* (${actions.join(', ')}): ${why}`);
  return [...objects, `the bucket (ListBucket): ${LIST_WHY}`];
}

function usesOf(service: LlmService): readonly Use[] {
  return USES.filter(({ only }) => only === undefined || only === service);
}

function statement(action: string, Resource: readonly string[]): PolicyStatement {
  return { Sid: action, Effect: 'Allow', Action: `s3:${action}`, Resource };
}
