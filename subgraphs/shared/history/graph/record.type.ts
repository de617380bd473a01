import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, Float, GraphQLISODateTime, ID, Int, ObjectType } from 'type-graphql';
import { ByteSize, Cost, TokenCount } from '#shared/events/measures.type.js';
import type { Recorded } from '../commit/withheld.js';

/** What every service's record shows of itself. */
@ObjectType()
export abstract class RecordFields {
  @Field(() => ID)
  id!: string;

  @Field(() => Int, { description: 'HTTP status of the outcome: 200, or what the failure was answered with.' })
  status!: number;

  @Field(() => String, { description: 'Its hash, where the platform keeps no prompts.' })
  prompt!: string;

  @Field(() => String, { description: '`sha256:` and the hash of the prompt.' })
  promptHash!: string;

  @Field(() => String, { description: 'Who answered; `local` is the offline provider.' })
  provider!: string;

  @Field(() => String)
  model!: string;

  @Field(() => Float)
  latencyMs!: number;

  @Field(() => TokenCount)
  tokens!: TokenCount;

  @Field(() => ByteSize)
  size!: ByteSize;

  @Field(() => Cost)
  cost!: Cost;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;

  @Field(() => ID, { description: 'Ties the HTTP request, this record, its event and the log lines together.' })
  requestId!: string;

  @Field(() => String, { nullable: true, description: 'The error code of a failed request.' })
  error!: string | null;

  @Field(() => GraphQLJSONObject, { description: '`meta` of record.json, with the parameters of the request.' })
  meta!: Record<string, unknown>;

  /** The user it belongs to; not a field of the graph, `owner` is. */
  userId!: string;

  /** Names and keys of its artifacts; each service shows its own. */
  artifacts!: Readonly<Record<string, string>>;

  /** See `Recorded`. */
  texts?: Recorded['texts'];
}

/** A record as the graph shows it. */
export function recordFields(record: Recorded): RecordFields {
  const { meta, createdAt, service: _service, username: _username, ...same } = record;
  const { requestId, error = null } = meta;
  return { ...same, createdAt: new Date(createdAt), requestId, error, meta };
}

/**
 * What a text artifact says, as far as that is known without asking the store: to the request that made it, always; to any later
 * one, null where the platform keeps no texts. Undefined where the store has it.
 */
export function knownText({ meta, texts }: RecordFields, artifact: string): string | null | undefined {
  return texts?.get(artifact) ?? (meta['promptStorage'] === 'hash' ? null : undefined);
}
