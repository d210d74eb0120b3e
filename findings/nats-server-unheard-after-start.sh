#!/usr/bin/env bash
# nats-server 2.10.27 (Debian trixie's package; Node.js 20 watches it): a server may start so that none of its votes leave it.
# Expected: of three servers that are started at once, one leads the meta group and counts both others in it.
# Observed: in some starts the leader never hears from one of the others. That one runs, serves clients, and its /healthz says
# ok; it is heard after it was started again. The cause, by the source: the goroutine that sends what the Raft groups say reads
# the system account when it begins. When that is before the account is set, it sends nothing, and reports nothing. 2.11 passes
# the account to it.
# It is a race: four clusters are started at a time, again and again, for up to ten minutes. Exits 0 when it was seen.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir -p lists/partial
chmod 755 . lists
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' 'Component: main' | sed -n 1p)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >sources.list
apt=(-qq -o Dir::Etc::SourceList="$folder/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$folder/lists"
  -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root)
apt-get "${apt[@]}" update
apt-get "${apt[@]}" download nats-server=2.10.27-1+b2
dpkg -x nats-server_*.deb .
cat >watch.mjs <<'JS'
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

const CLUSTERS = 4;
const FOR = 600_000;
const PATIENCE = 20_000;
const numbers = [0, 1, 2];
const running = new Set();
process.on('exit', () => running.forEach((server) => server.kill('SIGKILL')));

function start(folder, base, n) {
  const route = (of) => `nats://127.0.0.1:${base + 10 + of}`;
  const args = ['-js', '-a', '127.0.0.1', '-p', base + n, '-m', base + 20 + n, '-sd', `${folder}/n${n}`, '--name', `n${n}`];
  args.push('--cluster_name', 'c', '--cluster', route(n), '--routes', numbers.map(route).join(','));
  const server = spawn('./usr/sbin/nats-server', args.map(String), { stdio: 'ignore' });
  running.add(server);
  server.once('exit', () => running.delete(server));
  return server;
}

const ask = (port, path) => fetch(`http://127.0.0.1:${port}${path}`).then((r) => r.json()).catch(() => null);

/** What its leader says of the meta group, as soon as both others are in it, or at last. */
async function metaGroup(base) {
  let group = null;
  for (const begun = Date.now(); Date.now() - begun < PATIENCE; await setTimeout(100)) {
    for (const n of numbers) {
      const found = (await ask(base + 20 + n, '/jsz'))?.meta_cluster;
      if (found?.leader === `n${n}`) group = found;
    }
    if (group?.replicas?.filter(({ current }) => current).length === 2) return { group, isWhole: true };
  }
  return { group, isWhole: false };
}

let rounds = 0;
async function tryCluster(base) {
  const folder = await mkdtemp('./cluster-');
  const servers = numbers.map((n) => start(folder, base, n));
  const { group, isWhole } = await metaGroup(base);
  rounds += 1;
  if (!isWhole && group) {
    const names = [group.leader, ...(group.replicas ?? []).map(({ name }) => name)];
    const unheard = numbers.find((n) => !names.includes(`n${n}`));
    const health = await ask(base + 20 + unheard, '/healthz');
    console.log(`cluster ${rounds}: the leader has ${names.join(' and ')}; n${unheard} says ${JSON.stringify(health)}`);
    process.exit(unheard === undefined ? 1 : 0);
  }
  for (const server of servers) server.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
}

const end = Date.now() + FOR;
await Promise.all(
  Array.from({ length: CLUSTERS }, async (_, n) => {
    while (Date.now() < end) await tryCluster(27_000 + 100 * n);
  }),
);
console.log(`not seen in ${rounds} clusters`);
process.exit(1);
JS
node watch.mjs
