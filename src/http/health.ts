import type { Handler } from './server.ts';
import { sendJson } from './server.ts';

/** The process is alive. */
export const healthz: Handler = (_request, response) => sendJson(response, 200, { status: 'ok' });

/** Able to serve: 200, or 503 naming what is missing. @param check answers null when all is well. */
export const readyz =
  (check: () => Promise<string | null>): Handler =>
  async (_request, response) => {
    const problem = await check();
    if (problem === null) sendJson(response, 200, { status: 'ready' });
    else sendJson(response, 503, { status: 'not ready', problem });
  };
