import { requireScope } from '../../auth/viewer.ts';
import { badUserInput, forbidden } from '../../domain/errors.ts';
import { builder } from '../builder.ts';
import {
  BadUserInputError,
  ForbiddenError,
  mutationResult,
  RateLimitedError,
  UnauthenticatedError,
  UpstreamError,
} from '../errors.ts';
import { calls, price } from '../price.ts';

const RegisterCassoWebhookPayload = builder
  .objectRef<{ readonly url: string; readonly incomeOnly: boolean }>('RegisterCassoWebhookPayload')
  .implement({
    description: 'Casso will tell this gateway of new transactions.',
    fields: (t) => ({
      url: t.expose('url', {
        type: 'URL',
        description: 'Where it will tell them: this gateway, as the world reaches it.',
      }),
      incomeOnly: t.exposeBoolean('incomeOnly', {
        description: 'Whether it tells of money that came in alone.',
      }),
    }),
  });

const RegisterCassoWebhookInput = builder.inputType('RegisterCassoWebhookInput', {
  description: 'What Casso shall tell.',
  fields: (t) => ({
    incomeOnly: t.boolean({
      required: true,
      defaultValue: false,
      description: 'True: only of money that came in.',
    }),
  }),
});

const register = mutationResult({
  name: 'RegisterCassoWebhookResult',
  description: 'The registration, or why there is none.',
  payload: RegisterCassoWebhookPayload,
  errors: [BadUserInputError, UnauthenticatedError, ForbiddenError, RateLimitedError, UpstreamError],
});

builder.mutationField('registerCassoWebhook', (t) =>
  t.field({
    extensions: price({ calls: calls(3) }),
    type: register.union,
    description:
      "Makes this gateway the webhook of the shop's own Casso business, in the place of an earlier registration of the " +
      'same address. Needs an operator with `casso:admin`.',
    skipTypeScopes: true,
    authScopes: { anyone: true },
    args: {
      input: t.arg({ type: RegisterCassoWebhookInput, required: true, description: 'What it shall tell.' }),
    },
    resolve: (_root, { input: { incomeOnly } }, { viewer, access, loaders, services }) =>
      register.settle(
        (async () => {
          // Not for sessions: Casso shows the token to the business, and who knows it could forge others' webhooks.
          if (requireScope(viewer, 'casso:admin').kind !== 'OPERATOR') throw forbidden('casso:admin');
          access.casso('casso:admin');
          const { url, secureToken } = services.cassoWebhook();
          if (secureToken === null) {
            throw badUserInput(
              'input',
              'The gateway has no token for Casso: set CASSO_WEBHOOK_SECURE_TOKENS first.',
            );
          }
          return loaders.casso().registerWebhook({ url, secureToken, incomeOnly });
        })(),
      ),
  }),
);
