import { IsOptional, Matches } from 'class-validator';
import { Field, InputType } from 'type-graphql';

/** What the inputs of requests have in common that call a model. */
@InputType()
export abstract class IdempotentInput {
  @Field(() => String, {
    nullable: true,
    description:
      'Makes the request safe to repeat: the same key with the same input is answered once, and again with the same record. 1 to 255 visible ASCII characters.',
  })
  @IsOptional()
  @Matches(/^[\x21-\x7e]{1,255}$/, { message: 'idempotencyKey must be 1 to 255 visible ASCII characters' })
  idempotencyKey?: string | null;
}
