/** Where a model may be asked to run. `auto` tries what this machine may have and ends at the CPU. */
export const DEVICES = ['auto', 'cpu', 'cuda', 'webgpu', 'coreml', 'dml'] as const;

export type Device = (typeof DEVICES)[number];

/** An execution provider by the name that ONNX Runtime gives it. */
export type ExecutionProvider = Exclude<Device, 'auto'>;

/** Where and how a caller wants the model to run. */
export interface DeviceChoice {
  /** The CPU unless asked for another. A device that computes other logits than the CPU is not used. */
  readonly device?: Device | undefined;
  /** Fail rather than compute on the CPU. */
  readonly requireGpu?: boolean | undefined;
  /**
   * Whether CUDA may multiply in TF32, which keeps 10 bits of float32's 23. What decides is `NVIDIA_TF32_OVERRIDE` in
   * the environment before CUDA is loaded: who sets it (the CLI does) says here what it set, and the report repeats it.
   */
  readonly tf32?: boolean | undefined;
  /** Read weights from their file as they are needed; undefined decides by the memory that is available. */
  readonly mappedWeights?: boolean | undefined;
}

/** What scores depend on besides the model, the runtime and the device, where it is not the usual. */
export interface Conditions {
  /** The graph that ran, if not model.onnx itself: the same checkpoint, its attention taken apart. */
  readonly graph?: { readonly attention: 'decomposed'; readonly sha256: string } | undefined;
  /** Of CUDA only. */
  readonly tf32?: boolean | undefined;
  /** Weights stayed in their file instead of being copied into the order in which kernels read them. */
  readonly weights?: 'mapped' | undefined;
}
