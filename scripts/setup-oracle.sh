#!/bin/sh
# Makes a Python environment with the libraries that Hubwright's tests compare it with.
#
#   scripts/setup-oracle.sh [DIR [SET]]        (default: .venv current)
#
#   SET             holds                                                      its interpreter goes into
#   current         torch, transformers 5, sentence-transformers, onnx, …      HUBWRIGHT_PYTHON
#   transformers4   torch, transformers 4.57                                   HUBWRIGHT_PYTHON_V4
#   hub2            huggingface_hub 2 and its hf command                       HUBWRIGHT_PYTHON_HUB2
#
# The last line of stdout is the interpreter's path. Nothing is done when all is there already.
# Exit codes: 0 ready; 2 wrong usage; 3 it cannot be had here, with the reason in one line on stderr.
set -eu

# What is in `alone` is installed without what it asks for: transformers 4.57 asks for a huggingface_hub below 1, and
# works with 1.33 once its version check is answered (see answer_for_old_hub).
alone=
case "${2:-current}" in
  current)
    packages="torch==2.13.0 transformers==5.18.0 huggingface_hub==1.33.0 onnxruntime==1.30.0
      accelerate safetensors onnx onnxscript scikit-learn scipy pandas numpy hf_xet sentence-transformers cryptography"
    ;;
  transformers4)
    packages="torch==2.13.0 huggingface_hub==1.33.0 tokenizers==0.22.2 onnxruntime==1.30.0 accelerate safetensors numpy
      packaging pyyaml regex requests tqdm filelock"
    alone="transformers==4.57.6"
    ;;
  hub2) packages="huggingface_hub==2.0.0 hf_xet" ;;
  *)
    echo "usage: $0 [DIR [current|transformers4|hub2]]" >&2
    exit 2
    ;;
esac

give_up() {
  echo "setup-oracle: $1" >&2
  exit 3
}

# The seconds bound what pip's own --timeout does not: many slow answers, a build, a prompt.
run_for() {
  seconds=$1
  shift
  if command -v timeout >/dev/null 2>&1; then
    timeout -k 10 "$seconds" "$@" </dev/null
  else
    "$@" </dev/null
  fi
}

# Reads metadata only: importing torch would cost seconds on each of the runs that have nothing to do.
is_ready() {
  [ -x "$python" ] && run_for 60 "$python" -c '
import sys
from importlib.metadata import version
for name, _, wanted in (package.partition("==") for package in sys.argv[1:]):
    if wanted and version(name).split("+")[0] != wanted or not version(name):
        sys.exit(f"{name} {version(name)} instead of {wanted}")
' $packages $alone >"$log" 2>&1
}

pip_install() {
  seconds=$1
  shift
  run_for "$seconds" "$python" -m pip install --quiet --no-input --disable-pip-version-check --progress-bar off \
    --timeout 15 --retries 1 "$@" >>"$log" 2>&1
}

# A configured extra index may be the only one that can be reached. Named as the main index it keeps pip from asking
# the ordinary one, which a machine without internet would wait for.
install_from_configured_indexes() {
  configured=$("$python" -m pip config get global.extra-index-url 2>/dev/null </dev/null) || return 1
  links=$("$python" -m pip config get global.find-links 2>/dev/null </dev/null) || links=
  set --
  for url in $configured; do
    if [ "$#" -eq 0 ]; then set -- --index-url "$url"; else set -- "$@" --extra-index-url "$url"; fi
  done
  for url in $links; do set -- "$@" --find-links "$url"; done
  [ "$#" -gt 0 ] && pip_install 600 "$@" $packages && { [ -z "$alone" ] || pip_install 300 "$@" --no-deps $alone; }
}

# One small package first: it tells within a minute whether anything answers at all.
install_from_ordinary_index() {
  pip_install 60 packaging || give_up "no package index answers, or none has the packages ($(tail -n 1 "$log"))"
  pip_install 1800 $packages && { [ -z "$alone" ] || pip_install 300 --no-deps $alone; } ||
    give_up "pip could not install the packages ($(tail -n 1 "$log"))"
}

# Python runs sitecustomize at every start: there transformers 4.57 is told the version of huggingface_hub that it asks
# for, and gets the class of error that this version raised where a repository has no chat templates.
answer_for_old_hub() {
  site=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  cat >"$site/sitecustomize.py" <<'PYTHON'
import importlib.metadata as metadata

_version = metadata.version
metadata.version = lambda name: "0.36.0" if name == "huggingface-hub" else _version(name)

try:
    import huggingface_hub
    import requests
    from huggingface_hub.errors import EntryNotFoundError

    _list_repo_tree = huggingface_hub.list_repo_tree

    def list_repo_tree(*args, **kwargs):
        try:
            yield from _list_repo_tree(*args, **kwargs)
        except EntryNotFoundError as error:
            raise requests.HTTPError(str(error)) from error

    huggingface_hub.list_repo_tree = list_repo_tree
except ImportError:  # not installed yet
    pass
PYTHON
}

[ "$#" -le 2 ] || { echo "usage: $0 [DIR [SET]]" >&2; exit 2; }
dir=${1:-.venv}
if [ -e "$dir" ] && [ ! -f "$dir/pyvenv.cfg" ] && [ -n "$(ls -A "$dir" 2>/dev/null || echo file)" ]; then
  echo "setup-oracle: $dir is there already and is no Python environment; name another folder" >&2
  exit 2
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM

python=$dir/bin/python
if ! is_ready; then
  command -v python3 >/dev/null 2>&1 || give_up "python3 is not on the PATH"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || give_up "python3 is older than 3.10"
  [ -x "$python" ] || run_for 120 python3 -m venv "$dir" >"$log" 2>&1 ||
    give_up "python3 -m venv failed ($(tail -n 1 "$log"))"
  install_from_configured_indexes || install_from_ordinary_index
  is_ready || give_up "the environment is incomplete ($(tail -n 1 "$log"))"
fi
[ -z "$alone" ] || answer_for_old_hub
echo "$(cd "$dir/bin" && pwd)/python"
