/** What a gateway says that it holds for its clients, by its metrics. */
export interface Held {
  readonly sockets: number;
  readonly overWebSocket: number;
  readonly overSse: number;
}

export const NOTHING: Held = { sockets: 0, overWebSocket: 0, overSse: 0 };

/** The value of each series that is asked for: `name{label="value"}`. One that was never set is 0. */
async function metricsOf({ url }: { readonly url: string }): Promise<(series: string) => number> {
  const response = await fetch(`${url}/metrics`);
  const lines = (await response.text()).split('\n');
  return (series) => {
    const line = lines.find((line) => line.startsWith(`${series} `));
    return line === undefined ? 0 : Number(line.slice(series.length));
  };
}

export const metricOf = async (gateway: { readonly url: string }, series: string): Promise<number> =>
  (await metricsOf(gateway))(series);

export async function heldBy(gateway: { readonly url: string }): Promise<Held> {
  const valueOf = await metricsOf(gateway);
  return {
    sockets: valueOf('mekong_websockets'),
    overWebSocket: valueOf('mekong_subscriptions{transport="websocket"}'),
    overSse: valueOf('mekong_subscriptions{transport="sse"}'),
  };
}
