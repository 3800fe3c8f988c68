/** Where a model may be asked to run. `auto` tries what this machine may have and ends at the CPU. */
export const DEVICES = ['auto', 'cpu', 'cuda', 'webgpu', 'coreml', 'dml'] as const;

export type Device = (typeof DEVICES)[number];

/** An execution provider by the name that ONNX Runtime gives it. */
export type ExecutionProvider = Exclude<Device, 'auto'>;
