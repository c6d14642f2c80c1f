import { constants, createZstdCompress, createZstdDecompress } from "node:zlib";

/*
 * A zstd context that serves again and again. The one-shot functions of node:zlib make and free one
 * at each call, which costs more than a small blob itself (measured for 2 KB: 25 µs against 5 µs;
 * for bytes that do not compress: 1.6 GB/s against 4).
 *
 * The context is what a zlib stream of Node holds inside. That is no public interface: its shape is
 * looked at before it is used, and where it is another one there is no context, and zstd.ts uses
 * the one-shot functions.
 */
export interface ZstdContext {
  /** Bytes written to `output`; undefined where the input is broken or the output does not fit. */
  run(input: Uint8Array, output: Uint8Array): number | undefined;
}

/** What a stream of node:zlib holds (lib/zlib.js of Node 24 and 26). */
interface Handle {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputLeft: number,
    output: Uint8Array,
    outputAt: number,
    outputLeft: number,
  ): void;
  reset(): void;
  onerror: unknown;
}

interface Inside {
  readonly _handle?: Partial<Handle>;
  /** [output left, input left] after each write. */
  readonly _writeState?: Uint32Array;
}

/** Makes one frame of each input. */
export function compressContext(level: number): ZstdContext | undefined {
  const params = { [constants.ZSTD_c_compressionLevel]: level };
  const context = contextOf(createZstdCompress({ params }), constants.ZSTD_e_end);
  return (
    context && {
      run(input, output) {
        const size = context.run(input, output);
        return size === output.length ? undefined : size; // full: the frame may have no end
      },
    }
  );
}

/** Opens one frame. */
export function decompressContext(): ZstdContext | undefined {
  return contextOf(createZstdDecompress(), constants.ZSTD_e_continue);
}

function contextOf(stream: object, flush: number): ZstdContext | undefined {
  const { _handle: handle, _writeState: state } = stream as Inside;
  if (typeof handle?.writeSync !== "function" || typeof handle.reset !== "function")
    return undefined;
  if (!(state instanceof Uint32Array) || state.length !== 2) return undefined;
  let failed = false;
  handle.onerror = () => {
    failed = true; // the stream's own handler would close the context
  };
  const context = handle as Handle;
  return {
    run(input, output) {
      failed = false;
      context.reset(); // a frame that was cut must not run into this one
      context.writeSync(flush, input, 0, input.length, output, 0, output.length);
      const [outputLeft, inputLeft] = state;
      return failed || inputLeft !== 0 ? undefined : output.length - outputLeft!;
    },
  };
}
