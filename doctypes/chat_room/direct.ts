/** The key of the one Direct Message of two users, whoever opens it; user ids hold no line breaks. */
export function directKey(users: readonly string[]): string {
  return users
    .map((user) => user.toLowerCase())
    .sort()
    .join('\n')
}
