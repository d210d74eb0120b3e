import { z } from 'zod';
import {
  badRequest,
  bearer,
  type ErrorObject,
  errorDocument,
  jsonApi,
  mediaType,
  parseJson,
  unauthorized,
} from './message.ts';
import { type Route, route } from './routes.ts';
import type { Verifications } from './verifications.ts';

const JSON_TYPES = new Set(['application/vnd.api+json', 'application/json']);

const bodyShape = z.object({
  data: z.object({
    type: z.literal('cardholder_verification'),
    attributes: z.object({
      phone_number: z.string().regex(/^[1-9]\d{6,14}$/u),
      account_identifier: z.string().regex(/^\d+$/u),
    }),
  }),
});

/**
 * `POST /connect/v1/cardholder_verifications` (§6.2), with the application's own bearer. Any other media type than
 * JSON is read as a form, so nothing of the document is found in it (§1).
 */
export function verificationRoute(
  isApplication: (token: string | undefined) => Promise<boolean>,
  verifications: Verifications,
): Route {
  return route('POST', '/connect/v1/cardholder_verifications', async (request) => {
    if (!(await isApplication(bearer(request)))) return unauthorized('The access token is invalid');
    const body = JSON_TYPES.has(mediaType(request)) ? parseJson(request.body) : {};
    if (body === undefined) return badRequest(request);

    const parsed = bodyShape.safeParse(body);
    if (!parsed.success) {
      return errorDocument(
        422,
        parsed.error.issues.map((issue) => isInvalid(issue.path)),
      );
    }
    const { phone_number, account_identifier } = parsed.data.data.attributes;
    const verification = verifications.create(phone_number, account_identifier);
    if (!verification) return errorDocument(422, [isInvalid(['data', 'attributes', 'account_identifier'])]);
    return jsonApi(201, { data: verification });
  });
}

function isInvalid(path: readonly PropertyKey[]): ErrorObject {
  return { title: 'is invalid', source: { pointer: `/${path.map(String).join('/')}` } };
}
