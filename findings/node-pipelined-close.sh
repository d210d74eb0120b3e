#!/usr/bin/env bash
# Node.js 20.20.2, node:http. Two requests come at once on one connection (HTTP/1.1 pipelining, RFC 9112 §9.3.2); the first
# answer goes on, so the second one waits. Then the client closes the connection.
# Expected, by the documentation of `http.ServerResponse`: 'close' tells both responses that their connection is gone.
# Observed: the first response emits 'close'; the one that waits never does, and stays `destroyed: false, closed: false`.
# Exits 0 while that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/try.mjs" <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';

const responses = [];
const closed = new Set();
const server = createServer((request, response) => {
  response.once('close', () => closed.add(request.url));
  response.write('begun');
  responses.push(response);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const client = connect(server.address().port, '127.0.0.1');
client.on('error', () => {});
client.write(['/first', '/second'].map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
while (responses.length < 2) await new Promise(setImmediate);
const gone = new Promise((resolve) => responses[0].socket.once('close', resolve));
client.resetAndDestroy();
await gone;
await new Promise((resolve) => setTimeout(resolve, 1_000));
const [, second] = responses;
console.log(`${process.version}: closed ${[...closed]}; second: destroyed ${second.destroyed}, closed ${second.closed}`);
process.exit(closed.has('/first') && !closed.has('/second') && !second.destroyed ? 0 : 1);
JS
node "$folder/try.mjs"
