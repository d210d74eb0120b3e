import type { Viewer as ViewerValue } from '../../auth/viewer.ts';
import { builder } from '../builder.ts';
import { Provider } from '../provider.ts';

const ViewerKind = builder.enumType('ViewerKind', {
  description: 'What kind of token a request carried.',
  values: {
    ANONYMOUS: { value: 'ANONYMOUS', description: 'None: may only log in.' },
    SESSION: { value: 'SESSION', description: 'A session, made by a login.' },
    OPERATOR: {
      value: 'OPERATOR',
      description: "An operator's token, for the shop's own business.",
    },
  },
});

const Viewer = builder.objectRef<ViewerValue>('Viewer').implement({
  description: 'Who is asking.',
  fields: (t) => ({
    kind: t.expose('kind', { type: ViewerKind, description: 'What kind of token the request carried.' }),
    expiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the token ends; null for an anonymous viewer. A session ends later when it is used.',
      resolve: (viewer) => expiry(viewer),
    }),
    linkedProviders: t.field({
      type: [Provider],
      description: 'The providers whose fields will answer.',
      resolve: (_viewer, _args, { loaders }) => loaders.linkedProviders,
    }),
  }),
});

function expiry(viewer: ViewerValue): Date | null {
  if (viewer.kind === 'ANONYMOUS') return null;
  return new Date(viewer.kind === 'SESSION' ? viewer.session.expiresAt : viewer.expiresAt);
}

builder.queryField('viewer', (t) =>
  t.field({
    type: Viewer,
    description: 'Who is asking, and what they can see. Open to everyone; costs no upstream call.',
    skipTypeScopes: true,
    authScopes: { anyone: true },
    resolve: (_root, _args, { viewer }) => viewer,
  }),
);
