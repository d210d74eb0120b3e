import { setTimeout } from 'node:timers/promises';
import type { NatsProcess } from './nats-process.ts';

/** Two elections, which take up to nine seconds each. */
const HEARD_WITHIN = 20_000;
const MOST_STARTS = 3;
const LOOK_EVERY = 50;
const LOG_LINES = 25;

/** As `/jsz` has it, of the group of all servers that makes streams and consumers. Only its leader names the others. */
interface MetaGroup {
  readonly leader?: string;
  readonly replicas?: readonly Member[];
}

interface Member {
  readonly name: string;
  /** Whether it has all that its leader has. */
  readonly current: boolean;
  readonly offline?: boolean;
  /** Nanoseconds since its leader heard from it. */
  readonly active: number;
}

/**
 * Starts a server of a cluster, and again until the others hear from it: see docs/scaling.md, "A server that is not heard".
 * @param all the servers of the cluster.
 * @throws Error that describes them, when no start helps.
 */
export async function startHeard(server: NatsProcess, all: readonly NatsProcess[]): Promise<void> {
  for (let starts = 1; starts <= MOST_STARTS; starts += 1) {
    await server.start();
    if (await isHeardInTime(server, all)) return;
    process.stdout.write(`start ${starts} of nats-server ${server.name}: the others do not hear from it\n`);
    await server.end('SIGKILL');
  }
  throw new Error(`the others do not hear from ${server.name}\n${await describeServers(all)}`);
}

async function isHeardInTime(server: NatsProcess, all: readonly NatsProcess[]): Promise<boolean> {
  const startedAt = performance.now();
  let age = 0;
  while (age < HEARD_WITHIN) {
    await setTimeout(LOOK_EVERY);
    age = performance.now() - startedAt;
    if (await isHeard(server, all, age)) return true;
  }
  return false;
}

/** @param age milliseconds since it was started: what was heard before that was another process. */
async function isHeard(server: NatsProcess, all: readonly NatsProcess[], age: number): Promise<boolean> {
  for (const one of all) {
    const group = await metaGroupAt(one);
    if (group?.leader !== one.name) continue;
    if (one === server) return true;
    const member = group.replicas?.find(({ name }) => name === server.name);
    if (member?.current && !member.offline && member.active / 1e6 < age) return true;
  }
  return false;
}

const metaGroupAt = (server: NatsProcess): Promise<MetaGroup | undefined> =>
  server.monitor<{ meta_cluster?: MetaGroup }>('/jsz').then(
    (answer) => answer.meta_cluster,
    () => undefined,
  );

/** What each server says of itself: for a test that failed. */
export async function describeServers(all: readonly NatsProcess[]): Promise<string> {
  const parts = await Promise.all(
    all.map(async (server) => {
      const state = server.isRunning ? await stateOf(server) : 'is not running';
      return `nats-server ${server.name} ${state}\n${await server.lastLines(LOG_LINES)}\n`;
    }),
  );
  return parts.join('\n');
}

interface StreamState {
  readonly name: string;
  readonly cluster?: MetaGroup;
  readonly state: { readonly last_seq: number };
}

/** Who leads what, and how far each copy is. */
async function stateOf(server: NatsProcess): Promise<string> {
  interface Answer {
    readonly meta_cluster?: MetaGroup;
    readonly account_details?: readonly { readonly stream_detail?: readonly StreamState[] }[];
  }
  const answer = await server.monitor<Answer>('/jsz?streams=true').catch(() => null);
  if (!answer) return 'does not answer';
  const streams = answer.account_details?.flatMap((account) => account.stream_detail ?? []) ?? [];
  const said = (group: MetaGroup | undefined): string => sayGroup(group, server.name);
  return [
    `has the meta group ${said(answer.meta_cluster)}`,
    ...streams.map(({ name, state, cluster }) => `  ${name} up to ${state.last_seq}, ${said(cluster)}`),
  ].join('\n');
}

/** What one that follows says of the others is old. */
function sayGroup(group: MetaGroup | undefined, name: string): string {
  if (group?.leader !== name) return `led by ${group?.leader || 'no server'}`;
  const others = group.replicas?.map(
    ({ name: other, current, offline, active }) =>
      `${other} is ${current ? 'current' : 'behind'}${offline ? ' and offline' : ''}, heard ${Math.round(active / 1e6)} ms ago`,
  );
  return ['led by itself', ...(others ?? [])].join('; ');
}
