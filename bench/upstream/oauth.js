import { phoneOf } from './rows.js';

/**
 * Bongloy's login as far as a gateway needs it: a verification for a phone, then a token for the verification. Who
 * holds the phone of user 7 gets `access-7`.
 */
const PHONE_OF_USER_0 = Number(phoneOf(0));
const VERIFICATION = '66666666-aaaa-4aaa-8aaa-';

export const tokenOf = (user) => `access-${user}`;
export const userOf = (authorization) => {
  const user = /^Bearer access-(\d+)$/.exec(authorization ?? '')?.[1];
  return user === undefined ? null : Number(user);
};

/** @returns status and document for a POST, or null for an unknown path. */
export function login(path, body) {
  if (path === '/connect/v1/cardholder_verifications') {
    const phone = body.data.attributes.phone_number;
    const now = Date.now();
    const time = new Date(now).toISOString();
    const data = {
      id: VERIFICATION + String(Number(phone) - PHONE_OF_USER_0).padStart(12, '0'),
      type: 'cardholder_verification',
      attributes: {
        created_at: `${time.slice(0, 19)}Z`,
        updated_at: `${time.slice(0, 19)}Z`,
        phone_number: phone,
        status: 'pending',
        valid_until: new Date(now + 120_000).toISOString(),
      },
    };
    return { status: 201, document: { data } };
  }
  if (path === '/oauth/token') {
    const user = Number(body.cardholder_verification_id.slice(VERIFICATION.length));
    const grant = { access_token: tokenOf(user), refresh_token: `refresh-${user}` };
    return { status: 200, document: { ...grant, token_type: 'Bearer', expires_in: 7200, scope: 'connect' } };
  }
  return path === '/oauth/revoke' ? { status: 200, document: {} } : null;
}
