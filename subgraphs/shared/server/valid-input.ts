import { validate } from 'class-validator';
import { ArgumentValidationError } from 'type-graphql';

/**
 * Checks an input of a subscription, whose arguments TypeGraphQL checks only when there is an event already. Takes instances of
 * input classes, nested ones too; throws what a mutation with the same input would.
 */
export async function assertValidInput(input: object): Promise<void> {
  const failures = await validate(input, {
    forbidUnknownValues: false,
    stopAtFirstError: true,
    skipMissingProperties: false,
  });
  if (failures.length > 0) throw new ArgumentValidationError(failures);
}
