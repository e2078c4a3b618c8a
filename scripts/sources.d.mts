export const FOLDERS: readonly string[]
export function newestSource(root: string): { files: number; newest: number }
