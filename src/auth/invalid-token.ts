import { GatewayError } from '../domain/errors.ts';

/** A token was presented and is no good. Always the same text: it does not tell unknown from expired from forged. */
export const invalidToken = (options?: ErrorOptions): GatewayError =>
  new GatewayError('UNAUTHENTICATED', 'The token is not valid, or no longer: log in again.', {}, options);
