import { IsOptional, Matches, MaxLength, Min, ValidateBy, type ValidationOptions } from 'class-validator';
import { Field, InputType, Int } from 'type-graphql';
import { IdempotentInput } from '#shared/history/graph/idempotent.input.js';
import { STYLE_NAMES } from '#shared/llm/image/image-styles.js';
import { parseImageSize, SIZE_RULE } from './image-size.js';

const MAX_PROMPT_LENGTH = 4_000;
const MAX_STYLE_LENGTH = 64;

function IsImageSize(options?: ValidationOptions): PropertyDecorator {
  const validator = {
    validate: (value: unknown) => typeof value === 'string' && parseImageSize(value) !== null,
    defaultMessage: () => `size ${SIZE_RULE}`,
  };
  return ValidateBy({ name: 'imageSize', validator }, options);
}

@InputType()
export class GenerateImageInput extends IdempotentInput {
  @Field(() => String, { description: 'What the picture shows, 1 to 4000 characters.' })
  @Matches(/\S/, { message: 'prompt must not be blank' })
  @MaxLength(MAX_PROMPT_LENGTH)
  prompt!: string;

  @Field(() => String, {
    defaultValue: '1024x1024',
    description: '`<width>x<height>`, each 64 to 2048 pixels. What a provider makes in another size is cut to it.',
  })
  @IsImageSize()
  size!: string;

  @Field(() => Int, {
    nullable: true,
    description:
      'Same prompt, size, style and seed give the same picture where the provider honours seeds. Random if absent.',
  })
  @IsOptional()
  @Min(0)
  seed?: number | null;

  @Field(() => String, {
    nullable: true,
    description: `One of ${STYLE_NAMES.map((name) => `\`${name}\``).join(', ')}, or words of your own; at most ${MAX_STYLE_LENGTH} characters.`,
  })
  @IsOptional()
  @MaxLength(MAX_STYLE_LENGTH)
  style?: string | null;
}
