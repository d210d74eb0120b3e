import { createHash, randomBytes } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import type { Clock } from '../../../lib/clock.ts';
import { HOUR, SECOND } from '../../../lib/duration.ts';

export const ONE_TIME_CODE = '123456';

const PROJECT = 'bongloy-app-sandbox';
const ISSUER = `https://securetoken.google.com/${PROJECT}`;

/**
 * Stands in for the device's phone sign-in (§6.1, step 2) and for the provider's check of its result. The claims are
 * those of the seed's sample (§6.3); the signature is HS256 with a key of our own, since nobody else verifies it.
 */
export class PhoneSignIn {
  readonly #clock: Clock;
  readonly #key = randomBytes(32);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `phoneNumber` is E.164 digits without `+`. Undefined if the code is wrong. */
  async idToken(phoneNumber: string, code: string): Promise<string | undefined> {
    if (code !== ONE_TIME_CODE) return undefined;
    const now = Math.floor(this.#clock.now() / SECOND);
    const user = createHash('sha256').update(phoneNumber).digest('base64url').slice(0, 28);
    const phone = `+${phoneNumber}`;
    const firebase = { identities: { phone: [phone] }, sign_in_provider: 'phone' };
    return new SignJWT({ auth_time: now, user_id: user, phone_number: phone, firebase })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(PROJECT)
      .setSubject(user)
      .setIssuedAt(now)
      .setExpirationTime(now + HOUR / SECOND)
      .sign(this.#key);
  }

  /** The phone that signed in, without `+`; undefined if the token is forged or too old. */
  async phoneOf(idToken: string): Promise<string | undefined> {
    try {
      const currentDate = new Date(this.#clock.now());
      const options = { algorithms: ['HS256'], issuer: ISSUER, audience: PROJECT, currentDate };
      const { payload } = await jwtVerify(idToken, this.#key, options);
      return String(payload['phone_number']).slice(1);
    } catch {
      return undefined;
    }
  }
}
