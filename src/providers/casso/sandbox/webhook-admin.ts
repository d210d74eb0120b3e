import { z } from 'zod';
import type { WebhookRequest, WireWebhook } from '../wire.ts';
import type { Business, Webhook } from './business.ts';
import { badRequest, failure, mediaType, parseJson, type SandboxRequest, success } from './message.ts';
import { type Route, route } from './routes.ts';
import type { SandboxState } from './state.ts';
import { idOf } from './unknown.ts';

/** V1 sends the token in a header. */
const headerText = z.string().regex(/^[!-~]+$/u);

const webhookBody: z.ZodType<WebhookRequest> = z.object({
  webhook: z.url({ protocol: /^https?$/u }),
  secure_token: headerText,
  income_only: z.boolean(),
});

/**
 * #8 to #12 of §4. A second POST of the same URL makes a second webhook: not documented, and the harder of the two for
 * a client. `version` is what webhooks made here deliver: the token is V1's secure token, or V2's key.
 */
export function webhookRoutes(state: SandboxState, version: Webhook['version']): Route<Business>[] {
  return [
    route('POST', '/v2/webhooks', (request, { webhooks }) => {
      const webhook = read(request);
      if (!webhook) return badRequest('Invalid webhook');
      const id = state.nextWebhookId();
      webhooks.set(id, webhook);
      return success(wire(id, webhook));
    }),
    route('GET', '/v2/webhooks/:id', (_request, { webhooks }, text) => {
      const id = idOf(text);
      const webhook = webhooks.get(id);
      return webhook ? success(wire(id, webhook)) : notExists();
    }),
    route('PUT', '/v2/webhooks/:id', (request, { webhooks }, text) => {
      const id = idOf(text);
      if (!webhooks.has(id)) return notExists();
      const webhook = read(request);
      if (!webhook) return badRequest('Invalid webhook');
      webhooks.set(id, webhook);
      return success(wire(id, webhook));
    }),
    route('DELETE', '/v2/webhooks/:id', (_request, { webhooks }, text) =>
      webhooks.delete(idOf(text)) ? success(null) : notExists(),
    ),
    route('DELETE', '/v2/webhooks', ({ query }, { webhooks }) => {
      const found = [...webhooks].filter(([, { url }]) => url === query.get('webhook'));
      for (const [id] of found) webhooks.delete(id);
      return found.length > 0 ? success(null) : notExists();
    }),
  ];

  function read(request: SandboxRequest): Webhook | undefined {
    if (mediaType(request) !== 'application/json') return undefined;
    const { data } = webhookBody.safeParse(parseJson(request.body));
    return data && { url: data.webhook, version, secret: data.secure_token, incomeOnly: data.income_only };
  }
}

/** The names going out are not those coming in (§4.5). */
function wire(id: number, { url, secret, incomeOnly }: Webhook): WireWebhook {
  return { id, channel: 'webhook', param1: url, param2: secret, send_only_income: incomeOnly ? 1 : 0 };
}

/** The HTTP status is not stated (§3). */
const notExists = () => failure(12, 'Webhook not exists');
