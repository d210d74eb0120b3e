import type { Plugin } from 'graphql-yoga';
import { STREAM_TYPE } from './refusals.ts';

/**
 * Says to whatever lies between that each part of a stream is to be handed on as it comes: nginx, and gateways that obey
 * the same header, keep it back otherwise. `no-transform` keeps compressing proxies away.
 */
export function useStreamHeaders(): Plugin {
  return {
    onResponse({ response: { headers } }) {
      if (!headers.get('content-type')?.startsWith(STREAM_TYPE)) return;
      headers.set('cache-control', 'no-cache, no-transform');
      headers.set('x-accel-buffering', 'no');
      // Yoga's: the first is no coding that there is, and the second is the server's to say.
      headers.delete('content-encoding');
      headers.delete('connection');
    },
  };
}
