/** What a gateway says that it holds for its clients, by its metrics. */
export interface Held {
  readonly sockets: number;
  readonly overWebSocket: number;
  readonly overSse: number;
}

export const NOTHING: Held = { sockets: 0, overWebSocket: 0, overSse: 0 };

export async function heldBy({ url }: { readonly url: string }): Promise<Held> {
  const response = await fetch(`${url}/metrics`);
  const text = await response.text();
  /** A series that was never set is not there. */
  const valueOf = (series: string): number => {
    const line = text.split('\n').find((line) => line.startsWith(`${series} `));
    return line === undefined ? 0 : Number(line.slice(series.length));
  };
  return {
    sockets: valueOf('mekong_websockets'),
    overWebSocket: valueOf('mekong_subscriptions{transport="websocket"}'),
    overSse: valueOf('mekong_subscriptions{transport="sse"}'),
  };
}
