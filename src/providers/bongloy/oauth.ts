import type { CardholderVerification } from '../../domain/cardholder-verification.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import type { Caller, Upstream, UpstreamResponse } from '../../upstream/upstream.ts';
import type { TokenGrant } from '../provider.ts';
import { createRowReader, type OnOddity } from '../row-reader.ts';
import type { ApplicationCredential } from './application.ts';
import { idOf } from './document.ts';
import { fromFailure } from './errors.ts';
import { MEDIA_TYPE } from './exchange.ts';
import { judgeGrant, judgeRevocation, judgeVerification } from './judge.ts';
import { toVerification } from './map.ts';

/**
 * A cardholder's login (docs/providers/bongloy.md §6): verification, SMS code on the device, token; then refresh, and
 * revocation. Each is sent exactly once. All throw GatewayError RATE_LIMITED, UPSTREAM_TIMEOUT,
 * UPSTREAM_UNAVAILABLE, and UPSTREAM_REJECTED (which here means that our own credentials or settings are wrong); and
 * UpstreamFailure `aborted` when the caller gave up.
 */
export interface BongloyOAuth {
  /**
   * Begins a login: valid for two minutes, so the last step before the code is asked for.
   * @throws GatewayError BAD_USER_INPUT when the two do not belong together; which is wrong is not told.
   */
  createVerification(
    input: {
      /** E.164 with its plus sign. */
      readonly phoneNumber: string;
      readonly accountIdentifier: string;
    },
    caller: Caller,
  ): Promise<CardholderVerification>;
  /**
   * @throws GatewayError INVALID_GRANT when the device's token or the verification is wrong or over.
   */
  authenticate(
    input: {
      /** The device's Firebase ID token: as secret as a password. */
      readonly authToken: string;
      readonly cardholderVerificationId: string;
    },
    caller: Caller,
  ): Promise<TokenGrant>;
  /**
   * The old refresh token is over with this, at the latest when the new access token is first used: store the new
   * pair before using it, and never run two for one grant.
   * @throws GatewayError INVALID_GRANT when the refresh token is over: only a new login helps.
   */
  refresh(refreshToken: string, caller: Caller): Promise<TokenGrant>;
  /**
   * Ends the whole grant. Resolves when the provider confirmed it, also for a token that it does not know; a rejection
   * says only that it did not, and is no reason to keep the grant here.
   * @param token the access or the refresh token.
   */
  revoke(token: string, caller: Caller): Promise<void>;
}

export interface BongloyOAuthOptions {
  readonly upstream: Upstream;
  readonly clientId: string;
  readonly clientSecret: string;
  /** For `createVerification` alone: the OAuth endpoints know the client by the body (§6.4). */
  readonly application: ApplicationCredential;
  readonly clock?: Clock;
  readonly onOddity?: OnOddity | undefined;
}

export function createBongloyOAuth(options: BongloyOAuthOptions): BongloyOAuth {
  const { upstream, application, clock = systemClock } = options;
  const rows = createRowReader('BONGLOY', idOf, options.onOddity);
  const client = { client_id: options.clientId, client_secret: options.clientSecret };

  const sendVerification = async (
    phoneNumber: string,
    accountIdentifier: string,
    caller: Caller,
  ): Promise<UpstreamResponse> =>
    upstream.request({
      method: 'POST',
      path: '/connect/v1/cardholder_verifications',
      headers: {
        accept: MEDIA_TYPE,
        'content-type': MEDIA_TYPE,
        authorization: await application.authorization(),
      },
      body: JSON.stringify({
        data: {
          type: 'cardholder_verification',
          // Without the plus sign: the provider's form of E.164.
          attributes: { phone_number: phoneNumber.replace(/^\+/, ''), account_identifier: accountIdentifier },
        },
      }),
      ...caller,
    });

  const sendOAuth = (
    path: '/oauth/token' | '/oauth/revoke',
    parameters: Readonly<Record<string, string>>,
    caller: Caller,
  ): Promise<UpstreamResponse> =>
    upstream.request({
      method: 'POST',
      path,
      headers: { accept: MEDIA_TYPE, 'content-type': 'application/json' },
      body: JSON.stringify({ ...parameters, ...client }),
      ...caller,
    });

  /** Brings the two halves together: what was sent, and what its answer means. */
  async function settle<T>(
    sent: Promise<UpstreamResponse>,
    judge: (response: UpstreamResponse, now: number) => T,
  ): Promise<T> {
    try {
      return judge(await sent, clock.now());
    } catch (error) {
      throw fromFailure(error);
    }
  }

  return {
    createVerification: ({ phoneNumber, accountIdentifier }, caller) =>
      settle(
        sendVerification(phoneNumber, accountIdentifier, caller),
        judgeVerification(rows.only('cardholder_verification', toVerification(phoneNumber))),
      ),

    authenticate: ({ authToken, cardholderVerificationId }, caller) =>
      settle(
        sendOAuth(
          '/oauth/token',
          {
            grant_type: 'password',
            scope: 'connect',
            auth_token: authToken,
            cardholder_verification_id: cardholderVerificationId,
          },
          caller,
        ),
        judgeGrant,
      ),

    async refresh(refreshToken, caller) {
      const parameters = { grant_type: 'refresh_token', refresh_token: refreshToken };
      const grant = await settle(sendOAuth('/oauth/token', parameters, caller), judgeGrant);
      // No new refresh token means that the old one stays (RFC 6749 §6).
      return { ...grant, refreshToken: grant.refreshToken ?? refreshToken };
    },

    revoke: (token, caller) => settle(sendOAuth('/oauth/revoke', { token }, caller), judgeRevocation),
  };
}
