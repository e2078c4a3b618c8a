/** Frappe's scrub: `Chat Room` → `chat_room`, the name of folders, files and modules. */
export function scrub(name: string): string {
  return name.trim().replaceAll(/[ -]/g, '_').toLowerCase()
}

/** A DocType in a route: `Chat Room` → `chat-room`. */
export function slug(name: string): string {
  return name.trim().toLowerCase().replaceAll(' ', '-')
}

/** A DocType as a TypeScript identifier: `Chat Room` → `ChatRoom`. */
export function pascal(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
}
