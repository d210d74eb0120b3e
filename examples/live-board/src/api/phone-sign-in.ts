/**
 * Proves that this phone is the person's own, as Firebase phone auth does. This stands in for it with the sandbox's
 * simulator; in your app, replace the two bodies:
 *
 *     confirmation = await signInWithPhoneNumber(getAuth(), phoneNumber, recaptcha);  // sends the SMS
 *     return (await confirmation.confirm(code)).user.getIdToken();
 */
export async function sendCode(_phoneNumber: string): Promise<void> {}

/** @returns the ID token for `authenticateCardholder`; null when the code is wrong. */
export async function confirmCode(phoneNumber: string, code: string): Promise<string | null> {
  const response = await fetch('/_sandbox/firebase-token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ phoneNumber: phoneNumber.replace('+', ''), code }),
  });
  if (response.status === 422) return null;
  if (!response.ok) throw new Error(`the phone sign-in answered ${response.status}`);
  return response.json();
}
