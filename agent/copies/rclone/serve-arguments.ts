/** How rclone is started: as restic does, and with the log that rclone-http.ts relies on. */
export function serveArguments(remote: string, config: string | undefined): string[] {
  return [
    ..."serve restic --stdio".split(" "),
    // What is deleted is deleted: else the space is never given back.
    ..."--b2-hard-delete --drive-use-trash=false".split(" "),
    // Where reserving the room fails, it leaves an empty file under the object's name.
    "--local-no-preallocate",
    // It would answer from what it saw in an earlier listing.
    "--cache-objects=false",
    ..."--use-json-log --log-level DEBUG --stats 0 --ask-password=false".split(" "),
    ...(config === undefined ? [] : ["--config", config]),
    "--",
    remote,
  ];
}
