import type { Reply, SandboxRequest } from './message.ts';

export interface Route {
  readonly method: 'GET' | 'POST';
  /** Its groups are the path's parameters. */
  readonly path: RegExp;
  readonly handle: (request: SandboxRequest, id: string) => Reply | Promise<Reply>;
}

/** A route whose path may hold `:id`, one segment. */
export function route(method: Route['method'], path: string, handle: Route['handle']): Route {
  return { method, path: new RegExp(`^${path.replace(':id', '(?<id>[^/]+)')}$`, 'u'), handle };
}

/** The answer of the first route that matches, or undefined. */
export function dispatch(
  routes: readonly Route[],
  request: SandboxRequest,
): Reply | Promise<Reply> | undefined {
  for (const { method, path, handle } of routes) {
    const match = method === request.method ? path.exec(request.path) : null;
    if (match) return handle(request, match.groups?.['id'] ?? '');
  }
  return undefined;
}
