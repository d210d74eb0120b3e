import { expect, test } from 'vitest';
import { SECOND } from '../../src/lib/duration.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

/** How long a provider that kept failing is left alone. */
const OPEN = 10 * SECOND;

const QUERY = {
  BONGLOY: '{ cardholder { name } bankAccounts(first: 1) { nodes { id } } }',
  CASSO: '{ bankAccounts(first: 1) { nodes { id } } cardholder { name } }',
} as const;
const FIELD = { BONGLOY: 'cardholder', CASSO: 'bankAccounts' } as const;
const OTHER = { BONGLOY: 'CASSO', CASSO: 'BONGLOY' } as const;

/** The state whose sample of the gauge is 1. */
async function breakerOf(gateway: Gateway, provider: string): Promise<string[]> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const samples = text.matchAll(/^mekong_upstream_breaker_state\{provider="(\w+)",state="([\w-]+)"\} 1$/gm);
  return [...samples].filter(([, of]) => of === provider).map(([, , state]) => state ?? '');
}

test.concurrent.for(['BONGLOY', 'CASSO'] as const)(
  '%s is left alone for ten seconds once it kept failing, and is asked again when it is well; /metrics says so',
  { timeout: 60_000 },
  async (provider, { onTestFinished }) => {
    // Without the operator's key nothing is reconciled: every request to a provider is a query's.
    const gateway = await startGateway({ env: { CASSO_API_KEY: '' } });
    onTestFinished(() => gateway.stop());
    const token = await gateway.logIn();
    const ask = () => gateway.ask(QUERY[provider], {}, token);
    const simulator = provider === 'BONGLOY' ? gateway.bongloy : gateway.casso;
    expect(await breakerOf(gateway, provider)).toEqual(['closed']);

    const begun = performance.now();
    const match = provider === 'BONGLOY' ? '/connect' : '/v2';
    simulator.control.setFault({ kind: 'status', code: 500, match, times: 1_000 });
    await expect
      .poll(
        async () => {
          await ask();
          return breakerOf(gateway, provider);
        },
        { timeout: 2 * OPEN, interval: 1 },
      )
      .toEqual(['open']);
    expect(await breakerOf(gateway, OTHER[provider])).toEqual(['closed']);

    simulator.control.clearFaults();
    simulator.clearRequests();
    const refused = await ask();
    expect(refused.data?.[FIELD[provider]]).toBeNull();
    expect(refused.data?.[FIELD[OTHER[provider]]]).not.toBeNull();
    expect(refused.errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE', provider } }]);
    expect(simulator.requests).toEqual([]);

    await expect
      .poll(async () => (await ask()).data?.[FIELD[provider]], { timeout: 2 * OPEN, interval: 250 })
      .not.toBeNull();
    expect(performance.now() - begun).toBeGreaterThan(OPEN);
    expect(await breakerOf(gateway, provider)).toEqual(['closed']);
    // One try went first: nothing was sent that was not answered.
    expect(simulator.requests).toHaveLength(1);
  },
);
