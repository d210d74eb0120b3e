/** In the reader's own time zone, unless told otherwise. */
const format = (options: Intl.DateTimeFormatOptions) => {
  const formatter = new Intl.DateTimeFormat(navigator.language, options);
  return (iso: string) => formatter.format(new Date(iso));
};

const clock = format({ hour: 'numeric', minute: '2-digit' });
const calendar = format({ weekday: 'long', day: 'numeric', month: 'long' });
const vietnameseDay = format({ day: 'numeric', month: 'short', timeZone: 'Asia/Ho_Chi_Minh' });
const DAY = 24 * 60 * 60 * 1_000;

/** A heading for everything of one day. */
export function dayOf(iso: string): string {
  const day = calendar(iso);
  if (day === calendar(new Date().toISOString())) return 'Today';
  if (day === calendar(new Date(Date.now() - DAY).toISOString())) return 'Yesterday';
  return day;
}

/** The time of day. Many Vietnamese banks tell the day alone, as midnight in Vietnam: then that day. */
export const timeOf = (iso: string, fromBank: boolean): string =>
  fromBank && iso.endsWith('T17:00:00.000Z') ? vietnameseDay(iso) : clock(iso);
