import { afterAll, afterEach, expect, test } from 'vitest';
import { logIn } from '../../src/sandbox/login.ts';
import { killChildren } from '../support/child.ts';
import { prepareGatewayProcess } from '../support/gateway-process.ts';

const METRICS_TOKEN = 'metrics-token-of-these-tests-0000';
/** Loaded before the gateway: a promise that is rejected, and that nothing awaits, at each SIGWINCH. */
const FORGETFUL = 'process.on("SIGWINCH",()=>{Promise.reject(new Error("forgotten"))})';

const gateway = await prepareGatewayProcess({
  NODE_ENV: 'production',
  METRICS_TOKEN,
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(FORGETFUL)}`,
});
afterEach(killChildren);
afterAll(() => gateway.remove());

test('a rejection that nothing awaits is logged with the operations under way, counted, and ends no process', async () => {
  const child = await gateway.start();
  const { url, bongloy } = gateway;
  const token = await logIn({ ...gateway, app: { url } });
  const ask = async (query: string, requestId: string) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        'x-request-id': requestId,
      },
      body: JSON.stringify({ query }),
    });
    return response.json();
  };

  bongloy.control.setFault({ kind: 'delay', ms: 1_000, match: '/connect/v1/cards' });
  const waiting = ask('query Waiting { cards(first: 1) { nodes { id } } }', 'waiting-1');
  await expect.poll(() => bongloy.requests.at(-1)).toMatchObject({ path: expect.stringContaining('/cards') });
  child.signal('SIGWINCH');
  await child.says('nothing awaited a promise that was rejected');
  expect(child.log.at(-1)).toMatchObject({
    level: 'error',
    err: { message: 'forgotten' },
    operations: ['Waiting waiting-1'],
  });

  expect(await waiting).toMatchObject({ data: { cards: { nodes: [{}] } } });
  const metrics = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
  expect(await metrics.text()).toContain('\nmekong_unhandled_rejections_total 1\n');
  child.signal('SIGTERM');
  expect(await child.exit).toBe(0);
}, 60_000);
