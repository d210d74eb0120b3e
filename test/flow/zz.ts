import { jetstreamManager } from '@nats-io/jetstream';
import { startNats } from '../support/nats-server.ts';
import { connectNats } from '../../src/store/nats.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { createJetStreamSessionStore } from '../../src/sessions/jetstream.ts';
const c = await startNats(3); const logger = createLogger('silent'); const t0 = Date.now(); const say = (...a: unknown[]) => console.log(((Date.now() - t0) / 1000).toFixed(2), ...a);
const WRITERS = Number(process.argv[2] ?? 8), KEYS = Number(process.argv[3] ?? 1), ROUNDS = Number(process.argv[4] ?? 3);
const ns = [await connectNats({ url: c.url, logger }), await connectNats({ url: c.url, logger })];
const st = await Promise.all(ns.map(nats => createJetStreamSessionStore({ nats, bucket: 's', replicas: 3, maxDays: 90 })));
const jsm = await jetstreamManager(ns[0]!.connection);
const ids = Array.from({ length: KEYS }, (_, k) => String(k).padStart(64, '0')); for (const id of ids) await st[0]!.create({ id, createdAt: 1, expiresAt: 2, sealed: '0' });
let ok = 0, conflict = 0, failed = 0, over = false, backs = 0; const max = new Map<string, { value: number; rev: number }>(); const okOf = new Map<string, number>();
const revs = new Set<number>(); let dupRev = 0;
const w = Array.from({ length: WRITERS }, async (_, n) => { const s = st[n % 2]!; while (!over) { try {
  const id = ids[Math.floor(Math.random() * KEYS)]!; const known = max.get(id);
  const row = (await s.get(id))!; if (known && Number(row.sealed) < known.value) { if (backs++ < 5) say('BACK', id.slice(-2), 'read', row.sealed, 'rev', row.version, 'acked', known.value, 'rev', known.rev); }
  const r = await s.replace({ ...row, sealed: String(Number(row.sealed) + 1) }, row.version);
  if (r) { ok++; okOf.set(id, (okOf.get(id) ?? 0) + 1); if (revs.has(r.version)) dupRev++; revs.add(r.version); const m = max.get(id); if (!m || Number(r.sealed) > m.value) max.set(id, { value: Number(r.sealed), rev: r.version }); } else conflict++; } catch { failed++; } } });
const wait = (ms: number) => new Promise(r => setTimeout(r, ms));
const info = async () => { const i = await jsm.streams.info('KV_s'); return { leader: i.cluster?.leader, last: i.state.last_seq, msgs: i.state.messages, replicas: i.cluster?.replicas?.map(r => `${r.name} current=${r.current} lag=${r.lag ?? 0} ${r.offline ? 'offline' : ''}`) }; };
for (let k = 0; k < ROUNDS; k++) { await wait(1500); const before0 = await info(); const l = before0.leader; const v = c.servers.find(s => s.name === l)!; say(JSON.stringify(before0)); const before = ok; await v.kill(); const t = Date.now(); while (ok === before || Date.now() - t < 500) await wait(20); while (ok < before + 50) await wait(20); say('killed', l, 'back after', Date.now() - t, JSON.stringify({ ok, conflict, failed, dupRev })); await v.restart(); say('restarted'); await wait(1500); say(JSON.stringify(await info())); }
over = true; await Promise.all(w); for (const id of ids.slice(0, 4)) say('final', (await st[1]!.get(id))?.sealed, 'successes', okOf.get(id)); say({ ok, conflict, failed, backs, dupRev });
for (let i = 0; i < 6; i++) { say(JSON.stringify(await info()), (await st[0]!.get(ids[0]!))?.sealed); await ns[0]!.connection.request('$JS.API.STREAM.LEADER.STEPDOWN.KV_s').catch(() => {}); await wait(1000); }
await Promise.all(st.map(s => s.close())); await Promise.all(ns.map(n => n.close())); await c.dispose();
