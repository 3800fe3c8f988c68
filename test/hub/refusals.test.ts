import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ALICE, ALICE_READS, BOB, fileLine, useHub } from './running-hub.ts';

const hub = useHub();
const json = (body: unknown) => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
});

describe('refusals', () => {
  it('says in headers why, for every kind of missing thing', async () => {
    const id = await hub.newRepo();
    const cases: [path: string, token: string, status: number, code: string | null, message: string][] = [
      ['/api/models/alice/nope', ALICE, 404, 'RepoNotFound', 'Repository not found'],
      ['/api/models/alice/nope', '', 401, 'RepoNotFound', 'Invalid username or password.'],
      ['/api/datasets/alice/d', ALICE, 404, 'RepoNotFound', 'Repository not found'],
      ['/api/models/gpt2', ALICE, 404, 'RepoNotFound', 'Repository not found'],
      [`/api/models/${id}/revision/nope`, ALICE, 404, 'RevisionNotFound', 'Invalid rev id: nope'],
      [`/${id}/resolve/nope/x`, ALICE, 404, 'RevisionNotFound', 'Invalid rev id: nope'],
      [`/${id}/resolve/main/x`, '', 404, 'EntryNotFound', 'Entry not found'],
      [`/api/models/${id}`, 'hf_wrong', 401, null, 'Invalid credentials in Authorization header'],
      ['/api/whoami-v2', '', 401, null, 'Invalid username or password.'],
      ['/api/nothing/here', ALICE, 404, null, "Sorry, we can't find the page you are looking for."],
      ['/api/models/%E0%A4%A', ALICE, 400, null, 'The path is not valid percent-encoding'],
    ];
    for (const [path, token, status, code, message] of cases) {
      const answer = await hub.call(path, { token });
      expect([path, answer.status, answer.headers.get('x-error-code')]).toEqual([path, status, code]);
      expect(answer.headers.get('x-error-message')).toBe(message);
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      const text = await answer.text();
      expect(path.startsWith('/api/') ? JSON.parse(text) : { error: text }).toEqual({ error: message });
    }
  });

  it('names the commit that lacks a file, which clients remember', async () => {
    const id = await hub.newRepo();
    const { sha } = (await (await hub.call(`/api/models/${id}`)).json()) as { sha: string };
    const answer = await hub.call(`/${id}/resolve/main/nope`, { method: 'HEAD' });
    expect(answer.headers.get('x-repo-commit')).toBe(sha);
  });

  it('answers 409 with the url when the repository is there already', async () => {
    const id = await hub.newRepo();
    const answer = await hub.call(
      '/api/repos/create',
      json({ name: id.split('/')[1], organization: 'alice' }),
    );
    expect(answer.status).toBe(409);
    expect(await answer.json()).toEqual({
      error: `You already created this model repo: ${id}`,
      url: `${hub.url()}/${id}`,
    });
  });

  it('takes no name, type or visibility that the Hub does not take', async () => {
    const create = async (body: object) => (await hub.call('/api/repos/create', json(body))).status;
    for (const name of ['', '..', 'a--b', '-a', 'a.', 'x.git', 'a b', 'a/b', 'é', 'a'.repeat(97)]) {
      expect([name, await create({ name })]).toEqual([name, 400]);
    }
    expect(await create({ name: 'ok', type: 'dataset' })).toBe(400);
    expect(await create({ name: 'ok', visibility: 'protected' })).toBe(400);
    expect(
      (await hub.call('/api/repos/create', { ...json({ name: 'ok' }), token: ALICE_READS })).status,
    ).toBe(403);
    expect((await hub.call('/api/repos/create', { ...json({ name: 'ok' }), token: '' })).status).toBe(401);
  });

  it('refuses paths that would leave the folder they are downloaded into', async () => {
    const id = await hub.newRepo();
    const paths = [
      '',
      '/etc/passwd',
      '../x',
      'a/../../x',
      './x',
      'a//b',
      'a/',
      '.git/config',
      'a/.GIT/x',
      '..\\x',
      'a\0b',
      'a\nb',
      `${'x'.repeat(256)}`,
    ];
    for (const path of paths) {
      expect([path, (await hub.commit(id, [fileLine(path, 'x')])).status]).toEqual([path, 422]);
    }
    const preupload = await hub.call(
      `/api/models/${id}/preupload/main`,
      json({ files: [{ path: '..\\x', size: 1, sample: '' }] }),
    );
    expect(preupload.status).toBe(422);
  });

  it('refuses a commit that is malformed, and says where', async () => {
    const id = await hub.newRepo();
    const post = async (body: string) => {
      const answer = await hub.call(`/api/models/${id}/commit/main`, { method: 'POST', body });
      return [answer.status, ((await answer.json()) as { error: string }).error];
    };
    const header = '{"key":"header","value":{"summary":"s"}}';
    const file = JSON.stringify(fileLine('a', 'a'));
    expect(await post('')).toEqual([400, 'Add a line with the key `lfsFile`, `file` or `deletedFile`']);
    expect(await post(header)).toEqual([400, 'Add a line with the key `lfsFile`, `file` or `deletedFile`']);
    expect(await post(file)).toEqual([400, 'The first line of a commit has to be its header']);
    expect(await post(`${header}\n${header}\n${file}`)).toEqual([400, 'The commit has more than one header']);
    expect(await post(`${header}\n{`)).toEqual([400, 'The body is not valid JSON']);
    expect((await post(`{"key":"header","value":{"summary":" "}}\n${file}`))[1]).toContain('"value.summary"');
    expect(
      (await post(`${header}\n{"key":"file","value":{"path":"a","content":"?","encoding":"base64"}}`))[1],
    ).toBe('The content of a is not valid base64');
    expect((await post(`${header}\n{"key":"copy","value":{}}`))[0]).toBe(400);
    expect((await post(`${header}\n${file}\n${JSON.stringify(fileLine('a/b', 'b'))}`))[1]).toContain(
      'at once',
    );
  });

  it('takes regular files only when they are text of at most 10 MiB without a token in it', async () => {
    const id = await hub.newRepo();
    const refusal = async (content: string | Uint8Array) => {
      const answer = await hub.commit(id, [fileLine('f', content)]);
      return [answer.status, ((await answer.json()) as { error: string }).error];
    };
    expect((await refusal('x'.repeat(10 * 1024 * 1024 + 1)))[1]).toContain('larger than 10 MiB');
    expect((await refusal('x'.repeat(20 * 1024 * 1024)))[1]).toContain('larger than 10 MiB');
    expect((await refusal(new Uint8Array([1, 0, 2])))[1]).toContain('binary files');
    const [status, message] = await refusal(`token = "${BOB}"`);
    expect(status).toBe(400);
    expect(message).toContain('valid Hugging Face secrets');
    expect(message).not.toContain(BOB);
  });

  it('bounds a JSON body', async () => {
    const answer = await hub.call('/api/validate-yaml', json({ content: 'x'.repeat(11 * 1024 * 1024) }));
    expect(answer.status).toBe(413);
  });

  it('answers only to loopback names', async () => {
    const status = await new Promise((resolve, reject) => {
      const call = request(hub.url(), { headers: { Host: 'evil.example' } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      call.on('error', reject).end();
    });
    expect(status).toBe(421);
  });
});
