import type { Reply } from './message.ts';

/** The page on which a person allows the access of a business, or denies it. */
export function authorizePage(query: URLSearchParams, businesses: readonly string[]): Reply {
  const links = [
    ...businesses.map((business) => link(query, { decision: 'allow', business }, `Allow ${business}`)),
    link(query, { decision: 'deny' }, 'Deny'),
  ];
  const items = links.map((each) => `<li>${each}</li>`).join('');
  return html(
    200,
    `<h1>Casso sandbox</h1><p>An application asks to see a business. Which one may it see?</p><ul>${items}</ul>`,
  );
}

/** Nobody is sent back to an address that is not registered. */
export function refusalPage(reason: string): Reply {
  return html(400, `<h1>Casso sandbox</h1><p>${reason}</p>`);
}

function link(query: URLSearchParams, choice: Readonly<Record<string, string>>, text: string): string {
  const target = new URLSearchParams([...query, ...Object.entries(choice)]).toString();
  return `<a href="/auth/authorize?${target.replaceAll('&', '&amp;')}">${text}</a>`;
}

const STYLE = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
  body { max-width: 26rem; margin: 12vh auto; padding: 0 1.5rem }
  ul { display: grid; gap: .5rem; padding: 0; list-style: none }
  a { display: block; padding: .6rem 1rem; border: 1px solid; border-radius: .6rem; text-decoration: none }`;

function html(status: number, content: string): Reply {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width">`;
  const body = `<!DOCTYPE html><html lang="en">${head}<title>Casso sandbox</title><style>${STYLE}</style><main>${content}</main></html>`;
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}
