import type { CardholderVerification as Verification } from '../../domain/cardholder-verification.ts';
import { builder } from '../builder.ts';
import {
  BadUserInputError,
  InvalidGrantError,
  mutationResult,
  RateLimitedError,
  UpstreamError,
} from '../errors.ts';
import { calls, price } from '../price.ts';
import { longest } from '../text-lengths.ts';
import { sessionPayload } from './type.ts';

const CardholderVerification = builder.objectRef<Verification>('CardholderVerification').implement({
  description: 'The first step of a cardholder’s login: Bongloy expects this person now.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Give it to `authenticateCardholder`.' }),
    phoneNumber: t.expose('phoneNumber', {
      type: 'PhoneNumber',
      description: 'Where the code will be sent.',
    }),
    status: t.exposeString('status', { description: "Bongloy's own word; `pending` at first." }),
    validUntil: t.expose('validUntil', {
      type: 'DateTime',
      description: 'Two minutes after it was made: make it as the last step before asking for the code.',
    }),
  }),
});

const CreateCardholderVerificationPayload = builder
  .objectRef<{ readonly verification: Verification }>('CreateCardholderVerificationPayload')
  .implement({
    description: 'The login has begun.',
    fields: (t) => ({
      verification: t.expose('verification', {
        type: CardholderVerification,
        description: 'What was begun.',
      }),
    }),
  });

const CreateCardholderVerificationInput = builder.inputType('CreateCardholderVerificationInput', {
  description: 'Who wants to log in.',
  fields: (t) => ({
    phoneNumber: t.field({
      type: 'PhoneNumber',
      required: true,
      description: "The cardholder's phone number.",
    }),
    accountIdentifier: t.string({
      extensions: longest(64),
      required: true,
      description: 'The number of one of the accounts, with the issuer’s code in front: `201000138`.',
    }),
  }),
});

const verification = mutationResult({
  name: 'CreateCardholderVerificationResult',
  description: 'The verification, or why there is none.',
  payload: CreateCardholderVerificationPayload,
  errors: [BadUserInputError, RateLimitedError, UpstreamError],
});

const AuthenticateCardholderInput = builder.inputType('AuthenticateCardholderInput', {
  description: 'The proof that the phone is in the right hands.',
  fields: (t) => ({
    authToken: t.string({
      extensions: longest(8_192),
      required: true,
      description: "The Firebase ID token of the device's phone sign-in: as secret as a password.",
    }),
    cardholderVerificationId: t.id({ required: true, description: 'From `createCardholderVerification`.' }),
  }),
});

const authentication = mutationResult({
  name: 'AuthenticateCardholderResult',
  description: 'The session, or why there is none.',
  payload: sessionPayload('AuthenticateCardholderPayload', 'The cardholder is logged in.'),
  errors: [InvalidGrantError, BadUserInputError, RateLimitedError, UpstreamError],
});

builder.mutationFields((t) => ({
  createCardholderVerification: t.field({
    extensions: price({ calls: calls(2) }),
    type: verification.union,
    description:
      'Bongloy login, first step: names the phone and an account. Then sign the phone in with Firebase, and give the ' +
      'token to `authenticateCardholder` within two minutes.',
    skipTypeScopes: true,
    authScopes: { anyone: true },
    args: { input: t.arg({ type: CreateCardholderVerificationInput, required: true, description: 'Who.' }) },
    resolve: (_root, { input }, { services, address, signal, onAttempt, requestId }) =>
      verification.settle(
        services.loginLimits
          .attempt(address, input.phoneNumber)
          .then(() => services.login.createVerification(input, { signal, onAttempt, requestId }))
          .then((begun) => ({ verification: begun })),
      ),
  }),
  authenticateCardholder: t.field({
    extensions: price({ calls: calls(2) }),
    type: authentication.union,
    description:
      'Bongloy login, second step. Answers a session; when the request carries one already, adds Bongloy to it.',
    skipTypeScopes: true,
    authScopes: { anyone: true },
    args: { input: t.arg({ type: AuthenticateCardholderInput, required: true, description: 'The proof.' }) },
    resolve: (_root, { input }, { services, presented, address, signal, onAttempt, requestId }) =>
      authentication.settle(
        services.loginLimits
          .attempt(address)
          .then(() =>
            services.login.authenticateCardholder(presented, input, { signal, onAttempt, requestId }),
          )
          .then((session) => ({ session })),
      ),
  }),
}));
