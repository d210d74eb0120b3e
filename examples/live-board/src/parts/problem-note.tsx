import { explain, type Problem } from '../api/problem.ts';
import { useSecondsLeft } from './seconds-left.ts';

/** What went wrong, read out at once, with what helps. A rate limit makes the button wait as long as the API asks. */
export function ProblemNote({ problem, onRetry }: { problem: Problem; onRetry?: (() => void) | undefined }) {
  const seconds = useSecondsLeft(problem);
  return (
    <div className="problem" role="alert">
      <p>{explain(problem)}</p>
      {onRetry && (
        <button type="button" className="button button--quiet" disabled={seconds > 0} onClick={onRetry}>
          {seconds > 0 ? `Wait ${seconds} s` : 'Try again'}
        </button>
      )}
    </div>
  );
}
