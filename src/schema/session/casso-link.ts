import { builder } from '../builder.ts';
import {
  BadUserInputError,
  InvalidGrantError,
  InvalidStateError,
  mutationResult,
  RateLimitedError,
  UpstreamError,
} from '../errors.ts';
import { calls, price } from '../price.ts';
import { longest } from '../text-lengths.ts';
import { sessionPayload } from './type.ts';

const StartCassoAuthorizationPayload = builder
  .objectRef<{ readonly authorizationUrl: string; readonly state: string; readonly expiresAt: number }>(
    'StartCassoAuthorizationPayload',
  )
  .implement({
    description: 'Where to send the browser.',
    fields: (t) => ({
      authorizationUrl: t.expose('authorizationUrl', {
        type: 'URL',
        description: "Casso's page: open it in the browser.",
      }),
      state: t.exposeString('state', {
        description:
          'Comes back with the code: compare the two, and give it to `completeCassoAuthorization`.',
      }),
      expiresAt: t.field({
        type: 'DateTime',
        description: 'When the state is too old: ten minutes from now.',
        resolve: ({ expiresAt }) => new Date(expiresAt),
      }),
    }),
  });

const StartCassoAuthorizationInput = builder.inputType('StartCassoAuthorizationInput', {
  description: 'How the browser comes back.',
  fields: (t) => ({
    redirectUri: t.field({
      type: 'URL',
      required: true,
      description: 'One of the redirect URIs that this gateway was configured with, exactly.',
    }),
    scopes: t.stringList({
      extensions: longest(64),
      description: 'What to ask for in Casso’s words; `webhook` and `transaction` without.',
    }),
  }),
});

const start = mutationResult({
  name: 'StartCassoAuthorizationResult',
  description: 'Where to send the browser, or why nowhere.',
  payload: StartCassoAuthorizationPayload,
  errors: [BadUserInputError],
});

const CompleteCassoAuthorizationInput = builder.inputType('CompleteCassoAuthorizationInput', {
  description: 'What the browser brought back.',
  fields: (t) => ({
    code: t.string({
      extensions: longest(4_096),
      required: true,
      description: 'The `code` of the redirect.',
    }),
    state: t.string({ required: true, description: 'The `state` of the redirect.' }),
  }),
});

const complete = mutationResult({
  name: 'CompleteCassoAuthorizationResult',
  description: 'The session, or why there is none.',
  payload: sessionPayload('CompleteCassoAuthorizationPayload', 'The Casso business is linked.'),
  errors: [InvalidGrantError, InvalidStateError, UpstreamError],
});

const LinkCassoApiKeyInput = builder.inputType('LinkCassoApiKeyInput', {
  description: 'A key of the Casso business.',
  fields: (t) => ({
    apiKey: t.string({
      required: true,
      description:
        "Made by hand in Casso's settings. It opens everything in the business: as secret as a password.",
    }),
  }),
});

const apiKey = mutationResult({
  name: 'LinkCassoApiKeyResult',
  description: 'The session, or why there is none.',
  payload: sessionPayload('LinkCassoApiKeyPayload', 'The Casso business is linked.'),
  errors: [InvalidGrantError, RateLimitedError, UpstreamError],
});

builder.mutationFields((t) => ({
  startCassoAuthorization: t.field({
    type: start.union,
    description:
      'Casso OAuth, first step: where to send the browser. Casso gives new partners API keys instead.',
    skipTypeScopes: true,
    authScopes: { anyone: true },
    args: {
      input: t.arg({ type: StartCassoAuthorizationInput, required: true, description: 'The way back.' }),
    },
    resolve: (_root, { input: { redirectUri, scopes } }, { services, presented, address }) =>
      start.settle(
        services.loginLimits
          .attempt(address)
          .then(() =>
            services.login.startCassoAuthorization(presented, { redirectUri, scopes: scopes ?? [] }),
          ),
      ),
  }),
  completeCassoAuthorization: t.field({
    extensions: price({ calls: calls(2) }),
    type: complete.union,
    description:
      'Casso OAuth, second step. Answers a session; when the request carries one already, adds Casso to it. Send it with ' +
      'the session that the first step was sent with, or without one if it had none.',
    skipTypeScopes: true,
    authScopes: { anyone: true },
    args: {
      input: t.arg({ type: CompleteCassoAuthorizationInput, required: true, description: 'Code and state.' }),
    },
    resolve: (_root, { input }, { services, presented, address, signal, onAttempt, requestId }) =>
      complete.settle(
        services.loginLimits
          .attempt(address)
          .then(() =>
            services.login.completeCassoAuthorization(presented, input, { signal, onAttempt, requestId }),
          )
          .then((session) => ({ session })),
      ),
  }),
  linkCassoApiKey: t.field({
    extensions: price({ calls: calls(1) }),
    type: apiKey.union,
    description:
      'Links a Casso business by its API key. Answers a session; when the request carries one already, adds Casso to it.',
    skipTypeScopes: true,
    authScopes: { anyone: true },
    args: { input: t.arg({ type: LinkCassoApiKeyInput, required: true, description: 'The key.' }) },
    resolve: (_root, { input }, { services, presented, address, signal, onAttempt, requestId }) =>
      apiKey.settle(
        services.loginLimits
          .attempt(address)
          .then(() =>
            services.login.linkCassoApiKey(presented, input.apiKey, { signal, onAttempt, requestId }),
          )
          .then((session) => ({ session })),
      ),
  }),
}));
