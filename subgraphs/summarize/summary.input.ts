import { IsOptional, Matches, MaxLength, MinLength } from 'class-validator';
import { Field, InputType, registerEnumType } from 'type-graphql';
import { IdempotentInput } from '#shared/history/graph/idempotent.input.js';
import type { SummaryLength as Length } from '#shared/llm/llm.port.js';

const MAX_TEXT_LENGTH = 200_000;
const MAX_URL_LENGTH = 2_048;
const MAX_KEY_LENGTH = 1_024;
const MAX_STYLE_LENGTH = 64;

const SummaryLength = { short: 'short', med: 'med', long: 'long' } as const satisfies { [Name in Length]: Name };

registerEnumType(SummaryLength, { name: 'SummaryLength', description: 'How much a summary may say.' });

@InputType({ description: 'Exactly one of `text`, `url` and `s3Key` says what to summarize.' })
export class SummarizeInput extends IdempotentInput {
  @Field(() => String, { nullable: true, description: '1 to 200000 characters.' })
  @IsOptional()
  @Matches(/\S/, { message: 'text must not be blank' })
  @MaxLength(MAX_TEXT_LENGTH)
  text?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'A page on the public web: HTML, of which the main text is taken, plain text or a PDF. At most 2048 characters, http or https at port 80 or 443. What `meta.source` of the record says of it is all that is kept of the page.',
  })
  @IsOptional()
  // Only the form: where a URL may lead is decided where it is fetched, with one answer for all that it may not.
  @Matches(/^https?:\/\/\S+$/i, { message: 'url must be an http(s) URL' })
  @MaxLength(MAX_URL_LENGTH)
  url?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'A file of a summary that you asked for: the key of its `summary.txt`, `output.json` or `input.json`. Files of images and chats lie in other buckets.',
  })
  @IsOptional()
  @MinLength(1)
  @MaxLength(MAX_KEY_LENGTH)
  s3Key?: string | null;

  @Field(() => SummaryLength, { defaultValue: SummaryLength.med })
  length!: Length;

  @Field(() => String, { nullable: true, description: '`bullet` for a list of points; at most 64 characters.' })
  @IsOptional()
  @MaxLength(MAX_STYLE_LENGTH)
  style?: string | null;
}
