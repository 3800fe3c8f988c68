import { describe, expect, it } from 'vitest';
import { PYTHON, WITHOUT_PYTHON } from '../oracle/python.ts';
import { runPython } from './run-python.ts';
import { ALICE_READS, BOB, sha256, useHub } from './running-hub.ts';

describe.skipIf(PYTHON === undefined)(
  `Python's huggingface_hub against the local Hub${WITHOUT_PYTHON}`,
  () => {
    const hub = useHub();

    it.each([
      ['over Xet', {}],
      ['without Xet', { HF_HUB_DISABLE_XET: '1' }],
    ])('creates, uploads, lists, tags and downloads %s', async (_, variables) => {
      const out = await runPython(
        hub.url(),
        `
api = HfApi()
out["user"] = api.whoami()["name"]
out["url"] = str(api.create_repo("alice/python-model", private=True))
api.create_repo("alice/python-model", exist_ok=True)
folder = work / "run"; (folder / "sub").mkdir(parents=True)
(folder / "config.json").write_text("{}")
(folder / "model.safetensors").write_bytes(bytes(range(256)) * 1000)
(folder / "empty.txt").write_bytes(b"")
(folder / "sub/plot one.png").write_bytes(b"\\x89PNG\\x00")
(folder / "README.md").write_text("---\\nlicense: mit\\ntags: [reward-model]\\n---\\n# Hello\\n")
commit = api.upload_folder(repo_id="alice/python-model", folder_path=folder, commit_message="upload")
out["oid"] = commit.oid
again = api.upload_folder(repo_id="alice/python-model", folder_path=folder, commit_message="again")
out["again"] = again.oid
out["files"] = api.list_repo_files("alice/python-model")
info = api.model_info("alice/python-model", files_metadata=True)
out["license"] = info.card_data.license
out["private"] = info.private
out["lfs"] = {s.rfilename: s.lfs.sha256 for s in info.siblings if s.lfs}
api.create_tag("alice/python-model", tag="v1", tag_message="first")
api.create_tag("alice/python-model", tag="v1", exist_ok=True)
api.create_branch("alice/python-model", branch="dev/one")
refs = api.list_repo_refs("alice/python-model", include_pull_requests=True)
out["tags"] = [t.name for t in refs.tags]
out["branches"] = [b.name for b in refs.branches]
snapshot = pathlib.Path(snapshot_download("alice/python-model", revision="v1"))
out["snapshot"] = sorted(str(p.relative_to(snapshot)) for p in snapshot.rglob("*") if p.is_file())
out["same"] = all((snapshot / p.relative_to(folder)).read_bytes() == p.read_bytes() for p in folder.rglob("*") if p.is_file())
out["verify"] = len(api.verify_repo_checksums("alice/python-model", local_dir=str(folder)).mismatches)
path = hf_hub_download("alice/python-model", "sub/plot one.png", revision="dev/one")
out["plot"] = pathlib.Path(path).read_bytes().hex()
out["commits"] = [c.title for c in api.list_repo_commits("alice/python-model")]
out["paths"] = [(p.path, p.last_commit.title) for p in api.get_paths_info("alice/python-model", ["config.json", "sub"], expand=True)]
api.delete_folder("sub", repo_id="alice/python-model")
out["after"] = [t.path for t in api.list_repo_tree("alice/python-model", recursive=True)]
api.update_repo_settings("alice/python-model", private=False, gated="auto")
api.auth_check("alice/python-model", write=True)
api.delete_repo("alice/python-model")
api.delete_repo("alice/python-model", missing_ok=True)
out["exists"] = api.repo_exists("alice/python-model")
`,
        variables,
      );
      expect(out).toMatchObject({
        user: 'alice',
        url: `${hub.url()}/alice/python-model`,
        again: out.oid,
        license: 'mit',
        private: true,
        tags: ['v1'],
        branches: ['dev/one', 'main'],
        same: true,
        verify: 0,
        plot: '89504e4700',
        commits: ['upload', 'initial commit'],
        paths: [
          ['config.json', 'upload'],
          ['sub', 'upload'],
        ],
        exists: false,
      });
      const files = [
        '.gitattributes',
        'README.md',
        'config.json',
        'empty.txt',
        'model.safetensors',
        'sub/plot one.png',
      ];
      expect([out.files, out.snapshot].map((list) => [...(list as string[])].sort())).toEqual([files, files]);
      expect((out.after as string[]).sort()).toEqual(files.filter((path) => !path.startsWith('sub')));
      const weights = Buffer.concat(
        Array.from({ length: 1000 }, () => Buffer.from(Array.from({ length: 256 }, (_, i) => i))),
      );
      expect(out.lfs).toMatchObject({ 'model.safetensors': sha256(weights) });
    });

    it('raises the errors that the real Hub makes it raise', async () => {
      const id = await hub.newRepo();
      const out = await runPython(
        hub.url(),
        `
import warnings
def name(call):
    try:
        call()
        return None
    except Exception as error:
        return [type(error).__name__, getattr(getattr(error, "response", None), "status_code", None), str(error)]
id = "${id}"
api = HfApi()
add = lambda path, data=b"x", **kw: lambda: api.upload_file(path_or_fileobj=data, path_in_repo=path, repo_id=id, **kw)
first = api.model_info(id).sha
out["repo"] = name(lambda: api.model_info("alice/nope"))
out["repo anonymous"] = name(lambda: HfApi(token=False).model_info("alice/nope"))
out["revision"] = name(lambda: api.model_info(id, revision="nope"))
out["entry"] = name(lambda: hf_hub_download(id, "nope"))
out["tree"] = name(lambda: list(api.list_repo_tree(id, "nope")))
out["token"] = name(lambda: HfApi(token="hf_wrong").whoami())
out["read"] = name(add("a.txt", token="${ALICE_READS}"))
out["other"] = name(add("a.txt", token="${BOB}"))
out["path"] = name(add("..\\\\ddd"))
out["card"] = name(add("README.md", b"---\\nmodel-index: foo\\n---\\n"))
out["exists"] = name(lambda: api.create_repo(id))
out["create"] = name(lambda: api.create_repo("bob/x"))
out["branch"] = name(lambda: api.create_branch(id, branch="main"))
out["protected"] = name(lambda: api.delete_branch(id, branch="main"))
out["invalid"] = name(lambda: api.create_branch(id, branch="refs/pr/5"))
out["tag"] = name(lambda: api.delete_tag(id, tag="nope"))
out["deletion"] = name(lambda: api.delete_file("nope", repo_id=id))
add("a.txt")()
out["stale"] = name(add("b.txt", parent_commit=first))
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    add("README.md", b"no metadata")()
    out["warning"] = [str(w.message) for w in caught]
`,
      );
      const row = (key: string) => out[key] as [string, number, string];
      const kinds = Object.keys(out)
        .filter((key) => key !== 'warning')
        .map((key) => [key, ...row(key).slice(0, 2)]);
      expect(kinds).toEqual([
        ['repo', 'RepositoryNotFoundError', 404],
        ['repo anonymous', 'RepositoryNotFoundError', 401],
        ['revision', 'RevisionNotFoundError', 404],
        ['entry', 'RemoteEntryNotFoundError', 404],
        ['tree', 'RemoteEntryNotFoundError', 404],
        ['token', 'HfHubHTTPError', 401],
        ['read', 'HfHubHTTPError', 403],
        ['other', 'HfHubHTTPError', 403],
        ['path', 'HfHubHTTPError', 422],
        ['card', 'ValueError', null],
        ['exists', 'HfHubHTTPError', 409],
        ['create', 'HfHubHTTPError', 403],
        ['branch', 'HfHubHTTPError', 409],
        ['protected', 'HfHubHTTPError', 403],
        ['invalid', 'BadRequestError', 400],
        ['tag', 'RevisionNotFoundError', 404],
        ['deletion', 'RemoteEntryNotFoundError', 404],
        ['stale', 'HfHubHTTPError', 412],
      ]);
      expect(row('card')[2]).toContain('"model-index" must be an array');
      expect(row('read')[2]).toContain('you must use a write token to upload to a repository');
      expect(row('stale')[2]).toContain('The branch was updated since you opened this page');
      expect(row('branch')[2]).toContain('Reference refs/heads/main already exists');
      expect(row('protected')[2]).toContain('Cannot delete refs/heads/main');
      expect(out.warning).toEqual([expect.stringContaining('empty or missing yaml metadata in repo card')]);
    });

    it('loads a model with transformers, custom code included', async () => {
      const out = await runPython(
        hub.url(),
        `
import torch
from transformers import AutoModel, AutoConfig, BertConfig, BertModel
torch.manual_seed(0)
model = BertModel(BertConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, vocab_size=50))
folder = work / "bert"
model.save_pretrained(folder)
config = json.loads((folder / "config.json").read_text())
config["model_type"] = "tiny_custom"
config["auto_map"] = {"AutoConfig": "modeling_tiny.TinyConfig", "AutoModel": "modeling_tiny.TinyModel"}
(folder / "config.json").write_text(json.dumps(config))
(folder / "modeling_tiny.py").write_text("from transformers import BertConfig, BertModel\\n\\nclass TinyConfig(BertConfig):\\n    model_type = 'tiny_custom'\\n\\nclass TinyModel(BertModel):\\n    config_class = TinyConfig\\n")
api = HfApi()
api.create_repo("alice/tiny", private=True)
api.upload_folder(repo_id="alice/tiny", folder_path=folder)
api.create_tag("alice/tiny", tag="v1.0.0")
loaded = AutoModel.from_pretrained("alice/tiny", revision="v1.0.0", trust_remote_code=True)
out["type"] = type(loaded).__name__
out["same"] = all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), loaded.state_dict().values()))
`,
      );
      expect(out).toEqual({ type: 'TinyModel', same: true });
    }, 300_000);
  },
);
