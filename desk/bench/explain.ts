/** What went wrong, in one line that says what to do. */
export function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return (fileProblem(error) ?? message).replaceAll(/\s*\n\s*/g, ' ').trim()
}

/** Files and folders that the system refuses. */
function fileProblem(error: unknown): string | undefined {
  const { code, path } = error as NodeJS.ErrnoException
  // A write that fails does not know its file's name.
  if (code === 'ENOSPC') return `The disk is full${path ? ` at ${path}` : ''}. Make room and try again.`
  if (!path) return undefined
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `${path} cannot be written by this user. Choose another folder, or give it to this user.`
    case 'ENOTDIR':
    case 'EEXIST':
      return `${path} cannot be made: a file is in the way. Move it, or choose another folder.`
    case 'ENOENT':
      return `${path} cannot be made or read: its folder is missing or takes no files. Choose another folder.`
    default:
      return undefined
  }
}
