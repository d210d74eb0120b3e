import { setTimeout } from 'node:timers/promises';
import { ERROR_CODES } from '../../src/domain/errors.ts';
import type { Feed } from '../support/feed.ts';
import type { Json } from '../support/json.ts';
import { subscribeOverSse } from '../support/sse-client.ts';
import { connect } from '../support/ws-client.ts';
import type { Case } from './case.ts';
import { METRICS_TOKEN, type World } from './world.ts';

/** An operation ends within its deadline of 15 s; a subscription holds an event for 30 s before it gives up. */
const ANSWERED_WITHIN = 20_000;
/** While anything else is under way. */
const HEALTHY_WITHIN = 2_000;
/** How long a subscription is listened to after something has happened. */
const LISTENED = 300;

/** What is wrong with how the gateway took the case; null: nothing. */
export async function tryCase(world: World, tried: Case): Promise<string | null> {
  world.spoil(tried.spoilages);
  try {
    const complaint = await within(ask(world, tried), ANSWERED_WITHIN, 'it was not answered in time');
    return complaint ? `${complaint}${lastErrorOf(world)}` : await complaintOfProcess(world);
  } finally {
    world.spoil([]);
  }
}

async function ask(world: World, tried: Case): Promise<string | null> {
  for (let time = 0; time < tried.times; time += 1) {
    const [complaint, health] = await Promise.all([
      tried.kind === 'subscription'
        ? listen(world, tried)
        : tried.transport === 'post'
          ? post(world, tried)
          : overSocket(world, tried),
      healthOf(world),
    ]).catch((error: unknown) => [`no answer: ${String(error)}`, null] as const);
    if (complaint ?? health) return complaint ?? health;
  }
  return null;
}

async function post(world: World, { operation, asker }: Case): Promise<string | null> {
  const token = world.tokenOf(asker);
  const response = await fetch(`${world.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(operation),
  });
  const text = await response.text();
  if (response.status >= 500) return `status ${response.status}: ${text.slice(0, 300)}`;
  try {
    return complaintOf(JSON.parse(text));
  } catch {
    return `no JSON: ${text.slice(0, 300)}`;
  }
}

async function overSocket(world: World, { operation, asker }: Case): Promise<string | null> {
  const client = await connect(world.url, world.tokenOf(asker) ?? undefined);
  try {
    const feed = client.subscribe(operation.query, operation.variables);
    await feed.ended;
    return complaintOfFeed(feed);
  } finally {
    await client.close();
  }
}

async function listen(world: World, { operation, asker, transport }: Case): Promise<string | null> {
  const token = world.tokenOf(asker) ?? undefined;
  const client = transport === 'sse' ? null : await connect(world.url, token);
  const feed =
    client?.subscribe(operation.query, operation.variables) ??
    subscribeOverSse(world.url, operation.query, operation.variables, token);
  world.makeNews();
  await setTimeout(LISTENED);
  feed.leave();
  await client?.close();
  return complaintOfFeed(feed);
}

async function complaintOfFeed(feed: Feed): Promise<string | null> {
  const end = await Promise.race([feed.ended, Promise.resolve(null)]);
  for (const result of [...feed.results, ...(end?.kind === 'error' ? [{ errors: end.errors }] : [])]) {
    const complaint = complaintOf(result as Json);
    if (complaint) return complaint;
  }
  return null;
}

/** Every error has a code that frontends know, and none is a fault of ours. */
function complaintOf({ errors = [] }: Json): string | null {
  for (const error of errors) {
    const code = error.extensions?.code;
    if (code === 'INTERNAL_SERVER_ERROR' || !(code in ERROR_CODES))
      return `an error: ${JSON.stringify(error)}`;
  }
  return null;
}

async function healthOf({ url }: World): Promise<string | null> {
  const begun = performance.now();
  await fetch(`${url}/healthz`);
  const ms = performance.now() - begun;
  return ms > HEALTHY_WITHIN ? `held: /healthz took ${Math.round(ms)} ms` : null;
}

async function complaintOfProcess({ child, url }: World): Promise<string | null> {
  if (!child.isRunning) return `the process ended: ${child.stderr.slice(-500)}`;
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
  const rejections = /^mekong_unhandled_rejections_total (\d+)/m.exec(await response.text())?.[1] ?? '0';
  return rejections === '0' ? null : `${rejections} rejections were awaited by nothing`;
}

/** What the process logged of it. */
function lastErrorOf({ child }: World): string {
  const line = child.log.findLast(({ level }) => level === 'error');
  return line ? `\nlogged: ${JSON.stringify(line)}` : '';
}

async function within<T>(promise: Promise<T>, ms: number, late: string): Promise<T | string> {
  const timer = new AbortController();
  const timeout = setTimeout(ms, late, { signal: timer.signal, ref: false }).catch(() => late);
  return Promise.race([promise, timeout]).finally(() => timer.abort());
}
