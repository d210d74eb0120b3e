import { z } from 'zod';
import type { Business } from './business.ts';
import { badRequest, failure, mediaType, parseJson, success } from './message.ts';
import { type Route, route } from './routes.ts';
import type { SandboxState } from './state.ts';
import type { WebhookSender } from './webhooks.ts';

/** The account's number, not its id, as a text (§4.1). */
const syncBody = z.object({ bank_acc_id: z.string().min(1) });

/** #1 of §4. What the bank has becomes rows, and the webhooks are told of them at once. */
export function syncRoutes(state: SandboxState, webhooks: WebhookSender): Route<Business>[] {
  return [
    route('POST', '/v2/sync', (request, business) => {
      if (mediaType(request) !== 'application/json') return badRequest('The body must be JSON');
      const body = syncBody.safeParse(parseJson(request.body));
      if (!body.success) return badRequest('bank_acc_id is required');
      const account = business.accountByNumber(body.data.bank_acc_id);
      // Not documented: an error under 200, as clients in the wild expect one (§3).
      if (!account) return failure(404, 'Bank account not found');
      webhooks.announce(business, state.pull(business, account.id));
      return success(null);
    }),
  ];
}
