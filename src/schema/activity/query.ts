import { builder } from '../builder.ts';
import { forwardArguments } from '../pagination.ts';
import { bongloyPageCalls, cassoPageCalls, cursors, pageRows, price } from '../price.ts';
import { Provider } from '../provider.ts';
import { MoneyMovement } from './money-movement.ts';

const MoneyMovementConnection = builder.connectionObject(
  {
    type: MoneyMovement,
    name: 'MoneyMovementConnection',
    description: 'A page of movements of both providers.',
    fields: (t) => ({
      unavailableProviders: t.field({
        type: [Provider],
        description:
          'Linked providers that gave no usable answer for this page; `errors` says why. Their movements are not lost: ' +
          'they come with a later page, or when this one is asked again.',
        resolve: ({ unavailableProviders }) => unavailableProviders ?? [],
      }),
    }),
  },
  { name: 'MoneyMovementEdge', description: 'A movement and where it stands in the list.' },
);

builder.queryField('activity', (t) =>
  t.field({
    extensions: price({
      calls: (args) => bongloyPageCalls(args) + cassoPageCalls(args),
      rows: pageRows,
      lookUps: cursors,
    }),
    type: MoneyMovementConnection,
    nullable: true,
    description:
      'What moved at every linked provider, merged newest first. When one provider is down, the page holds what the ' +
      'other one has. Needs a session, or an operator with `casso:read`.',
    skipTypeScopes: true,
    authScopes: { somebody: true },
    args: forwardArguments(t.arg),
    resolve: async (_root, args, { access, loaders, reportPartial, viewer }, { path }) => {
      if (viewer.kind === 'OPERATOR') access.casso('casso:read');
      loaders.requireAny();
      const page = await loaders.activity(args);
      for (const { error } of page.failed) reportPartial(error, [path.key]);
      return { ...page, unavailableProviders: page.failed.map(({ name }) => name) };
    },
  }),
);
