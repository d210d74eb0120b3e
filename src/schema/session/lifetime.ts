import { requireSession } from '../../auth/viewer.ts';
import type { LogoutOutcome } from '../../sessions/login.ts';
import { linkedProviders, type Session } from '../../sessions/session.ts';
import { builder } from '../builder.ts';
import { InvalidGrantError, mutationResult, UnauthenticatedError, UpstreamError } from '../errors.ts';
import { calls, price } from '../price.ts';
import { Provider } from '../provider.ts';

const RefreshSessionPayload = builder.objectRef<Session>('RefreshSessionPayload').implement({
  description: 'The session lives on.',
  fields: (t) => ({
    expiresAt: t.field({
      type: 'DateTime',
      description: 'When it ends now if it is not used.',
      resolve: ({ expiresAt }) => new Date(expiresAt),
    }),
    linkedProviders: t.field({
      type: [Provider],
      description: 'The providers whose fields it opens.',
      resolve: linkedProviders,
    }),
  }),
});

const refresh = mutationResult({
  name: 'RefreshSessionResult',
  description: 'The session, or why it could not be refreshed.',
  payload: RefreshSessionPayload,
  errors: [UnauthenticatedError, InvalidGrantError, UpstreamError],
});

const LogoutPayload = builder.objectRef<LogoutOutcome>('LogoutPayload').implement({
  description: 'The session is gone here, whatever the providers said.',
  fields: (t) => ({
    revoked: t.expose('revoked', {
      type: [Provider],
      description: 'Providers that confirmed the end of the login.',
    }),
    unconfirmed: t.expose('unconfirmed', {
      type: [Provider],
      description: 'Providers that did not answer, or have no such call (Casso).',
    }),
  }),
});

const logout = mutationResult({
  name: 'LogoutResult',
  description: 'The end of the session, or why there was none.',
  payload: LogoutPayload,
  errors: [UnauthenticatedError],
});

builder.mutationFields((t) => ({
  refreshSession: t.field({
    extensions: price({ calls: calls(2) }),
    type: refresh.union,
    description:
      "Refreshes the providers' tokens now and moves the session's idle end. Rarely needed: both happen by themselves.",
    skipTypeScopes: true,
    authScopes: { anyone: true },
    resolve: (_root, _args, { services, viewer, address, signal, onAttempt, requestId }) =>
      refresh.settle(
        (async () => {
          const session = requireSession(viewer);
          await services.loginLimits.attempt(address);
          return services.login.refresh(session, { signal, onAttempt, requestId });
        })(),
      ),
  }),
  logout: t.field({
    extensions: price({ calls: calls(2) }),
    type: logout.union,
    description: 'Ends the session, closes its sockets, and revokes what the providers let be revoked.',
    skipTypeScopes: true,
    authScopes: { anyone: true },
    // Counted by no limit: it always works, and works once for a session.
    resolve: (_root, _args, { services, viewer, signal, onAttempt, requestId }) =>
      logout.settle(
        (async () => {
          const session = requireSession(viewer);
          return services.login.logout(session, { signal, onAttempt, requestId });
        })(),
      ),
  }),
}));
