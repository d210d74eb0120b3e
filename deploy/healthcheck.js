// Whether the gateway in this container is alive: exit code 0 or 1. The image has no curl.
const { PORT = '4000' } = process.env;
const answer = await fetch(`http://127.0.0.1:${PORT}/healthz`, { signal: AbortSignal.timeout(4_000) }).catch(
  () => null,
);
process.exit(answer?.ok ? 0 : 1);
