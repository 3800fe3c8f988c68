import { escapeMarkup } from '../../formats/markup.ts';
import { checkGate, requireCommit, requireReadable } from '../access.ts';
import { sendHtml } from '../answer.ts';
import { getParam, type Handler } from '../exchange.ts';
import { renderPage } from '../page.ts';
import { readFileFacts } from '../storage/file-facts.ts';
import { DEFAULT_BRANCH, describeCommit } from '../storage/history.ts';
import { readFiles } from '../storage/tree.ts';
import { requireDiscussion } from './discussion-access.ts';

/** GET /: the public repositories. A browser sends no token, so there are no others to show. */
export const showHome: Handler = async ({ hub, response }) => {
  const visible = (await hub.store.list()).filter((meta) => !meta.private);
  const items = visible.map(({ namespace, name }) => {
    const id = escapeMarkup(`${namespace}/${name}`);
    return `<li><a href="/${id}">${id}</a></li>`;
  });
  const list = items.length === 0 ? '<p>No public models yet.</p>' : `<ul>${items.join('')}</ul>`;
  sendHtml(response, renderPage('Local Hub', `<h1>Local Hub</h1>${list}`));
};

/** GET /:ns/:name and the addresses that clients print: …/tree/:rev and …/commit/:rev. */
export const showModel: Handler = async (exchange) => {
  const repository = await requireReadable(exchange);
  const commit = await requireCommit(repository, exchange.params.rev ?? DEFAULT_BRANCH);
  const files = await readFiles(repository.objects, commit.tree);
  const { id: oid, title, date } = describeCommit(commit);
  const id = escapeMarkup(repository.id);
  const rows = await Promise.all(
    [...files].map(async ([path, blob]) => {
      const { size, lfs } = await readFileFacts(repository, blob);
      const href = `/${repository.id}/resolve/${oid}/${path.split('/').map(encodeURIComponent).join('/')}`;
      const kind = lfs === undefined ? '' : 'LFS';
      return `<tr><td><a href="${escapeMarkup(href)}">${escapeMarkup(path)}</a></td><td>${size}</td><td>${kind}</td></tr>`;
    }),
  );
  const table = `<table><tr><th>file</th><th>bytes</th><th></th></tr>${rows.join('')}</table>`;
  const body = [
    `<h1>${id}</h1>`,
    `<p>${escapeMarkup(title)} · <code>${oid}</code> · ${date}</p>`,
    table,
    await renderCard(),
  ];
  sendHtml(exchange.response, renderPage(repository.id, body.join('')));

  async function renderCard(): Promise<string> {
    const blob = files.get('README.md');
    if (blob === undefined) return '';
    checkGate(exchange, repository);
    return `<h2>README.md</h2><pre>${escapeMarkup((await repository.objects.readBlob(blob)).toString('utf8'))}</pre>`;
  }
};

/** GET /:ns/:name/discussions/:num: where the address of a pull request leads. */
export const showDiscussion: Handler = async (exchange) => {
  const repository = await requireReadable(exchange);
  const { num, title, status, author, base, events } = await requireDiscussion(
    repository,
    Number(getParam(exchange, 'num')),
  );
  const kind = base === undefined ? 'Discussion' : 'Pull request';
  const said = events.map((event) => {
    const text = event.type === 'comment' ? `<pre>${escapeMarkup(event.text)}</pre>` : event.type;
    return `<li><b>${escapeMarkup(event.author)}</b> ${event.createdAt} ${text}</li>`;
  });
  const files =
    base === undefined ? '' : `<p><a href="/${repository.id}/tree/refs%2Fpr%2F${num}">files</a></p>`;
  const heading = `<h1>${escapeMarkup(title)}</h1><p>${kind} ${num} of ${escapeMarkup(author)}: ${status}</p>`;
  sendHtml(exchange.response, renderPage(title, `${heading}${files}<ul>${said.join('')}</ul>`));
};
