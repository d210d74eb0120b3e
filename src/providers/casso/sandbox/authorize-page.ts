import type { Reply } from './message.ts';

/** The page on which a person allows the access of a business, or denies it. */
export function authorizePage(query: URLSearchParams, businesses: readonly string[]): Reply {
  const links = [
    ...businesses.map((business) => link(query, { decision: 'allow', business }, `Allow ${business}`)),
    link(query, { decision: 'deny' }, 'Deny'),
  ];
  return html(200, `<h1>Casso sandbox</h1><p>An application asks for access.</p><p>${links.join(' ')}</p>`);
}

/** Nobody is sent back to an address that is not registered. */
export function refusalPage(reason: string): Reply {
  return html(400, `<h1>Casso sandbox</h1><p>${reason}</p>`);
}

function link(query: URLSearchParams, choice: Readonly<Record<string, string>>, text: string): string {
  const target = new URLSearchParams([...query, ...Object.entries(choice)]).toString();
  return `<a href="/auth/authorize?${target.replaceAll('&', '&amp;')}">${text}</a>`;
}

function html(status: number, content: string): Reply {
  const body = `<!DOCTYPE html><html lang="en"><title>Casso sandbox</title><body>${content}</body></html>`;
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}
