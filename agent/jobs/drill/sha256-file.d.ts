declare module "sha256-file" {
  /** Reads a file as a stream; `digest` is hex. The package types nothing and takes any path of node:fs. */
  function sha256File(
    path: string | Buffer,
    done: (error: Error | null, digest: string | null) => void,
  ): void;
  export default sha256File;
}
