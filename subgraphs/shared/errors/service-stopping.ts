/** Why work is ended for which a process that is stopping has no more time. */
export class ServiceStopping extends Error {
  override readonly name = 'ServiceStopping';

  constructor() {
    super('the service is stopping');
  }
}
