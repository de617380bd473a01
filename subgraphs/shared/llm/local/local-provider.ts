/** The name, in records and costs, of everything that runs in this process. */
export const LOCAL_PROVIDER = 'local';
