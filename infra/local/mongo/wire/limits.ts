/** https://www.mongodb.com/docs/manual/reference/command/hello/#mongodb-data-hello.maxMessageSizeBytes */
export const MAX_MESSAGE_BYTES = 48_000_000;
