import type { Reply, SandboxRequest } from './message.ts';

/** `C` is whatever the routes are served for: for the API, the business whose credential was shown. */
export interface Route<C> {
  readonly method: string;
  /** Its group is the path's parameter. */
  readonly path: RegExp;
  readonly handle: (request: SandboxRequest, context: C, id: string) => Reply;
}

/** A route whose path may hold `:id`, one segment. */
export function route<C>(method: string, path: string, handle: Route<C>['handle']): Route<C> {
  return { method, path: new RegExp(`^${path.replace(':id', '(?<id>[^/]+)')}$`, 'u'), handle };
}

/** The answer of the first route that matches, or undefined. */
export function dispatch<C>(
  routes: readonly Route<C>[],
  request: SandboxRequest,
  context: C,
): Reply | undefined {
  for (const { method, path, handle } of routes) {
    const match = method === request.method ? path.exec(request.path) : null;
    if (match) return handle(request, context, match.groups?.['id'] ?? '');
  }
  return undefined;
}
