import type { IncomingMessage } from 'node:http';
import { GraphQLError } from 'graphql';
import type { Authenticate } from '../auth/authenticate.ts';
import type { RequestLimits } from '../auth/request-limits.ts';
import { ANONYMOUS } from '../auth/viewer.ts';
import { GatewayError } from '../domain/errors.ts';
import { type AddressOf, bearerToken } from './asker.ts';
import type { Asker } from './context.ts';
import type { ErrorMask } from './errors.ts';

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
  const viewer = await authenticate(authorization).catch((error: unknown) => {
    if (error instanceof GatewayError && error.code === 'UNAUTHENTICATED') limits.count(ANONYMOUS, address);
    throw error;
  });
  limits.count(viewer, address);
  return { viewer, token: bearerToken(authorization), address };
}

/** Over HTTP. @throws GraphQLError that the client may read. */
export async function admit(
  request: IncomingMessage,
  requestId: string,
  options: AdmissionOptions & { readonly mask: ErrorMask },
): Promise<Asker> {
  try {
    return await identify(request.headers.authorization, options.addressOf(request), options);
  } catch (error) {
    throw refusal(error) ?? options.mask(error, requestId);
  }
}

/** A token that is not valid fails the request as a whole, with the status that HTTP has for it (RFC 6750 §3). */
function refusal(error: unknown): GraphQLError | null {
  if (!(error instanceof GatewayError) || error.code !== 'UNAUTHENTICATED') return null;
  return new GraphQLError(error.message, {
    extensions: {
      code: error.code,
      http: { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } },
    },
  });
}
