import type { Rule } from '../rule.ts';

/** Weights in forms that run code when they are loaded. */
const PICKLED =
  /(^|\/)([^/]*\.(pt|pth|ckpt|pkl|pickle|joblib|dill|npy|npz|h5|hdf5|keras)|(pytorch_model|adapter_model|model)[^/]*\.bin)$/i;

export const weightsPickleFree: Rule = {
  code: 'weights-pickle-free',
  title: 'no weights are pickled',
  group: 'weights',
  severity: 'error',
  explanation:
    'No file has a form that can run code when it is loaded: pickles in `.bin`, `.pt`, `.ckpt`, `.pkl`, joblib, NumPy object arrays, HDF5 with Keras lambdas. safetensors cannot, and every reader of the Hub has it.',
  fix: 'ship safetensors alone, and delete it',
  cheap: true,
  async check({ files }) {
    const findings = files
      .filter((path) => PICKLED.test(path))
      .map((path) => ({ path, message: 'has a form that can run code when it is loaded' }));
    return { findings };
  },
};
