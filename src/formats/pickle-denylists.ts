/**
 * What two published scanners of pickles call dangerous, so that a report can say whether others agree. Modules only,
 * submodules included; where picklescan names single functions they are `module.name`. A deny-list is never complete:
 * what Hubwright goes by is its own allow-list (`training-args-imports.ts`).
 *
 * @see https://github.com/mmaitre314/picklescan/blob/05c3514/src/picklescan/scanner.py, `_unsafe_globals` (MIT)
 * @see https://github.com/trailofbits/fickling/blob/002cbb0/fickling/fickle.py, `UNSAFE_IMPORTS` (LGPL-3.0)
 */
export const DENYLISTS = {
  picklescan: [
    ...[
      '__builtin__.apply',
      '__builtin__.breakpoint',
      '__builtin__.compile',
      '__builtin__.eval',
      '__builtin__.exec',
    ],
    ...[
      '__builtin__.getattr',
      '__builtin__.open',
      'builtins.apply',
      'builtins.breakpoint',
      'builtins.compile',
    ],
    ...[
      'builtins.eval',
      'builtins.exec',
      'builtins.getattr',
      'builtins.open',
      '_pickle',
      'aiohttp',
      'asyncio',
      'bdb',
    ],
    ...['cProfile.run', 'cProfile.runctx', 'code.InteractiveInterpreter.runcode', 'commands', 'ctypes'],
    ...['distutils.file_util', 'doctest.debug_script', 'ensurepip._run_pip', 'functools.partial', 'httplib'],
    ...[
      'idlelib.autocomplete.AutoComplete.fetch_completions',
      'idlelib.autocomplete.AutoComplete.get_entity',
    ],
    ...[
      'idlelib.calltip.Calltip.fetch_tip',
      'idlelib.calltip.get_entity',
      'idlelib.debugobj.ObjectTreeItem.SetText',
    ],
    ...['idlelib.pyshell.ModifiedInterpreter.runcode', 'idlelib.pyshell.ModifiedInterpreter.runcommand'],
    ...['idlelib.run.Executive.runcode', 'lib2to3.pgen2.grammar.Grammar.loads'],
    ...['lib2to3.pgen2.pgen.ParserGenerator.make_label', 'nt', 'numpy.f2py', 'numpy.testing._private.utils'],
    ...[
      'operator.attrgetter',
      'operator.itemgetter',
      'operator.methodcaller',
      'os',
      'pdb',
      'pickle',
      'pip',
      'posix',
    ],
    ...[
      'profile.Profile.run',
      'profile.Profile.runctx',
      'pty',
      'pydoc',
      'requests.api',
      'runpy',
      'shutil',
      'socket',
    ],
    ...['ssl', 'subprocess', 'sys', 'timeit', 'torch._dynamo.guards.GuardBuilder.get'],
    ...['torch._inductor.codecache.compile_file', 'torch.jit.unsupported_tensor_ops.execWrapper'],
    ...[
      'torch.fx.experimental.symbolic_shapes.ShapeEnv.evaluate_guards_expression',
      'torch.serialization.load',
    ],
    ...[
      'torch.utils._config_module.ConfigModule.load_config',
      'torch.utils.bottleneck.__main__.run_autograd_prof',
    ],
    ...['torch.utils.bottleneck.__main__.run_cprofile', 'torch.utils.collect_env.run'],
    ...[
      'torch.utils.data.datapipes.utils.decoder.basichandlers',
      'trace.Trace.run',
      'trace.Trace.runctx',
      'venv',
    ],
    'webbrowser',
  ],
  fickling: [
    ...[
      '__builtin__',
      '__builtins__',
      'builtins',
      'os',
      'posix',
      'nt',
      'subprocess',
      'sys',
      'pty',
      'commands',
    ],
    ...[
      'multiprocessing',
      '_posixsubprocess',
      'code',
      'codeop',
      'runpy',
      'marshal',
      'types',
      'compile',
      'exec',
    ],
    ...['eval', 'doctest', '_interpreters', '_xxsubinterpreters', 'importlib', '_frozen_importlib'],
    ...[
      '_frozen_importlib_external',
      '_imp',
      'imp',
      'pkgutil',
      'zipimport',
      'gc',
      'site',
      'unittest',
      'inspect',
    ],
    ...['test', '_operator', 'operator', 'functools', 'cProfile', 'profile', 'pdb', 'bdb', 'timeit', 'trace'],
    ...[
      'socket',
      'ssl',
      'httplib',
      'http',
      'urllib',
      'urllib2',
      'requests',
      'aiohttp',
      'asyncio',
      'webbrowser',
    ],
    ...[
      'smtplib',
      'imaplib',
      'ftplib',
      'poplib',
      'telnetlib',
      'nntplib',
      'ctypes',
      '_ctypes',
      'pickle',
      '_pickle',
    ],
    ...[
      'dill',
      'cloudpickle',
      'joblib',
      'shutil',
      'tempfile',
      'filecmp',
      'distutils',
      'pydoc',
      'pexpect',
      'pipes',
    ],
    ...['venv', 'ensurepip', 'pip', 'idlelib', 'lib2to3', 'socketserver', 'xmlrpc', 'signal', '_signal'],
    ...[
      'threading',
      '_thread',
      'atexit',
      'sqlite3',
      '_sqlite3',
      'fileinput',
      'glob',
      'platform',
      'linecache',
    ],
    ...['difflib', 'compileall', 'py_compile', 'mmap', 'select', 'selectors', 'logging', 'syslog', 'tarfile'],
    ...['zipfile', 'shelve', 'uuid', '_osx_support', '_aix_support'],
  ],
} as const;

/** Builtins that fickling takes for harmless although it denies their module. */
const FICKLING_SAFE = new Set(
  'bool int float complex str bytes bytearray list tuple set frozenset dict len abs sum min max round pow divmod sorted reversed enumerate zip range map filter slice iter next all any hash id repr ascii bin hex oct ord chr isinstance issubclass object callable format'.split(
    ' ',
  ),
);

/** The scanners that flag an import, by name. @param name `module.name`, as in `PickleReading.imports` */
export function listDeniers(name: string): string[] {
  return (Object.keys(DENYLISTS) as (keyof typeof DENYLISTS)[]).filter((scanner) => {
    if (scanner === 'fickling' && FICKLING_SAFE.has(/^(?:__)?builtins?(?:__)?\.(\w+)$/.exec(name)?.[1] ?? ''))
      return false;
    return DENYLISTS[scanner].some((denied) => name === denied || name.startsWith(`${denied}.`));
  });
}
