/** How rclone's log names what a request is about: without slashes around, packs in their folder. */
export function loggedPath(below: string): string {
  const { pathname } = new URL(`/${below}`, "http://rclone");
  const path = decodeURIComponent(pathname).replace(/^\/+|\/+$/g, "");
  return path.replace(/^data\/(([^/]{2})[^/]*)$/, "data/$2/$1");
}
