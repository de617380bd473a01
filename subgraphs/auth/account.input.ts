import { isEmail, IsString, MaxLength, MinLength, ValidateBy, type ValidationOptions } from 'class-validator';
import { Field, InputType } from 'type-graphql';
import { MAX_PASSWORD_BYTES } from './password.js';

const MIN_PASSWORD_LENGTH = 8;
const MAX_EMAIL_LENGTH = 254;

function MaxPasswordBytes(options?: ValidationOptions): PropertyDecorator {
  const validator = {
    validate: (value: unknown) => typeof value === 'string' && Buffer.byteLength(value) <= MAX_PASSWORD_BYTES,
    defaultMessage: () => `password must have at most ${MAX_PASSWORD_BYTES} bytes`,
  };
  return ValidateBy({ name: 'maxBytes', validator }, options);
}

/** Surrounding spaces do not count: people paste them. */
function IsEmailAddress(options?: ValidationOptions): PropertyDecorator {
  const validator = {
    validate: (value: unknown) => typeof value === 'string' && isEmail(value.trim()),
    defaultMessage: () => 'email must be an email address',
  };
  return ValidateBy({ name: 'isEmail', validator }, options);
}

@InputType()
export class RegisterInput {
  @Field(() => String, { description: 'Compared without regard to case and surrounding spaces.' })
  @IsEmailAddress()
  @MaxLength(MAX_EMAIL_LENGTH)
  email!: string;

  @Field(() => String, { description: '8 characters to 72 bytes.' })
  @MinLength(MIN_PASSWORD_LENGTH)
  @MaxPasswordBytes()
  password!: string;
}

@InputType()
export class LoginInput {
  @Field(() => String)
  @IsString()
  @MaxLength(MAX_EMAIL_LENGTH)
  email!: string;

  @Field(() => String)
  @MaxPasswordBytes()
  password!: string;
}

@InputType()
export class RefreshSessionInput {
  @Field(() => String)
  @MaxLength(512)
  refreshToken!: string;
}
