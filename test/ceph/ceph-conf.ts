/** The configuration of one Ceph node that needs no more than a folder and three ports. */
export function cephConf(node: {
  readonly folder: string;
  readonly fsid: string;
  /** Of the S3 gateway. */
  readonly port: number;
  /** Of the monitor, for both versions of its protocol. */
  readonly mon: number;
  readonly monOld: number;
}): string {
  const { folder, fsid, port, mon, monOld } = node;
  const sections = {
    global: {
      fsid,
      "mon host": `[v2:127.0.0.1:${mon}/0,v1:127.0.0.1:${monOld}/0]`,
      "public network": "127.0.0.0/8",
      keyring: `${folder}/keyring`,
      "auth allow insecure global id reclaim": "false",
      "run dir": `${folder}/run`,
      "admin socket": `${folder}/run/$name.asok`,
      "pid file": `${folder}/run/$name.pid`,
      "log file": `${folder}/$name.log`,
      // One disk holds the only replica; four placement groups a pool are enough for it.
      "osd pool default size": 1,
      "osd pool default min size": 1,
      "osd pool default pg num": 4,
      "osd crush chooseleaf type": 0,
      "mon allow pool size one": "true",
      "mon max pg per osd": 1000,
      // A test machine's disk may be nearly full: nothing of ours lies there.
      "mon data avail warn": 1,
      "mon data avail crit": 1,
    },
    "mon.a": { "mon data": `${folder}/mon`, "mon initial members": "a" },
    osd: {
      "osd data": `${folder}/osd`,
      "osd objectstore": "memstore",
      "memstore device bytes": 4 * 1024 ** 3,
    },
    "client.rgw": {
      "rgw data": `${folder}/rgw`,
      "rgw frontends": `beast endpoint=127.0.0.1:${port}`,
    },
  };
  return Object.entries(sections)
    .map(([name, keys]) => `[${name}]\n${lines(keys)}`)
    .join("\n");
}

function lines(keys: Readonly<Record<string, string | number>>): string {
  return Object.entries(keys)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join("");
}
