import type { PresentedSession } from '../../sessions/login.ts';
import { linkedProviders } from '../../sessions/session.ts';
import { builder } from '../builder.ts';
import { Provider } from '../provider.ts';

export const Session = builder.objectRef<PresentedSession>('Session').implement({
  description:
    "Stands for every provider that was linked to it. The providers' own tokens stay with this API, sealed, and are " +
    'refreshed by it; no client ever sees one.',
  fields: (t) => ({
    token: t.exposeString('token', {
      description: 'Opaque. Send it as `Authorization: Bearer <token>`, and keep it like a password.',
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'When it ends if it is not used; every use moves that away, up to an absolute end.',
      resolve: ({ session }) => new Date(session.expiresAt),
    }),
    linkedProviders: t.field({
      type: [Provider],
      description: 'The providers whose fields it opens.',
      resolve: ({ session }) => linkedProviders(session),
    }),
  }),
});

/** The payload of every login. */
export const sessionPayload = (name: string, description: string) =>
  builder.objectRef<{ readonly session: PresentedSession }>(name).implement({
    description,
    fields: (t) => ({
      session: t.expose('session', {
        type: Session,
        description: 'The session that the provider is linked to: the presented one, else a new one.',
      }),
    }),
  });
