import { useEffect, useEffectEvent, useRef } from 'react';

/** The end of what was loaded: asks for more when it comes near, and by hand. */
export function OlderRows({ loading, onWanted }: { loading: boolean; onWanted: () => void }) {
  const end = useRef<HTMLDivElement>(null);
  const ask = useEffectEvent(() => {
    if (!loading) onWanted();
  });
  useEffect(() => {
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) ask();
      },
      { rootMargin: '400px' },
    );
    if (end.current) observer.observe(end.current);
    return () => observer.disconnect();
  }, [loading]);

  return (
    <div className="older" ref={end}>
      <button type="button" className="button button--quiet" disabled={loading} onClick={onWanted}>
        {loading ? 'Loading…' : 'Show older'}
      </button>
    </div>
  );
}
