import { GatewayError } from '../domain/errors.ts';

/** A token was presented and is no good. Always the same text: it does not tell unknown from expired from forged. */
export const invalidToken = (options?: ErrorOptions): GatewayError =>
  new GatewayError('UNAUTHENTICATED', 'The token is not valid, or no longer: log in again.', {}, options);

/** What was presented is no bearer token at all. Its form is the client's own mistake, so it may be told. */
export const noBearerToken = (): GatewayError =>
  new GatewayError(
    'UNAUTHENTICATED',
    'No token was found. Send it as "Authorization: Bearer <token>", without quotes around the token.',
  );
