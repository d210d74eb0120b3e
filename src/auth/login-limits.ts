import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { rateLimited } from '../domain/errors.ts';
import { MINUTE, SECOND } from '../lib/duration.ts';

/** How often logins may be tried. Counters are this process's own. */
export interface LoginLimits {
  /**
   * Counts one attempt.
   * @param phoneNumber where the attempt names one.
   * @throws GatewayError RATE_LIMITED with the seconds to wait, whichever of the two was exceeded.
   */
  attempt(address: string, phoneNumber?: string): Promise<void>;
}

/** Attempts per phone number are half of those per address. */
const PHONE_SHARE = 0.5;

/** @param perMinute attempts per address; 0 is off. */
export function createLoginLimits(perMinute: number): LoginLimits {
  if (perMinute === 0) return { attempt: async () => {} };
  const duration = MINUTE / SECOND;
  const addresses = new RateLimiterMemory({ points: perMinute, duration });
  const phones = new RateLimiterMemory({
    points: Math.max(1, Math.floor(perMinute * PHONE_SHARE)),
    duration,
  });
  return {
    async attempt(address, phoneNumber) {
      await consume(addresses, address);
      if (phoneNumber) await consume(phones, phoneNumber);
    },
  };
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (error) {
    throw error instanceof RateLimiterRes ? rateLimited(error.msBeforeNext) : error;
  }
}
