import { GraphQLError } from 'graphql';
import type { Authenticate } from '../auth/authenticate.ts';
import type { RequestLimits } from '../auth/request-limits.ts';
import { ANONYMOUS, type Viewer } from '../auth/viewer.ts';
import { GatewayError } from '../domain/errors.ts';
import { type AddressOf, bearerToken } from './asker.ts';
import type { Asker } from './context.ts';

export interface AdmissionOptions {
  readonly authenticate: Authenticate;
  readonly addressOf: AddressOf;
  readonly limits: RequestLimits;
}

/**
 * Finds out who asks and counts it: for a request over HTTP, and for a socket when it says who it is. A token that is
 * not valid counts for the address, so that guessing is as slow as asking without one.
 * @throws GatewayError UNAUTHENTICATED, RATE_LIMITED; what `Authenticate` throws.
 */
export async function identify(
  authorization: string | undefined,
  address: string,
  { authenticate, limits }: Pick<AdmissionOptions, 'authenticate' | 'limits'>,
): Promise<Asker> {
  let viewer: Viewer;
  try {
    viewer = await authenticate(authorization);
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'UNAUTHENTICATED') limits.count(ANONYMOUS, address);
    throw error;
  }
  limits.count(viewer, address);
  return { viewer, token: bearerToken(authorization), address };
}

/** A token that is not valid fails the request as a whole, with the status that HTTP has for it (RFC 6750 §3). */
export function tokenRefusal(error: unknown): GraphQLError | null {
  if (!(error instanceof GatewayError) || error.code !== 'UNAUTHENTICATED') return null;
  return new GraphQLError(error.message, {
    extensions: {
      code: error.code,
      http: { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } },
    },
  });
}
