/**
 * An option's value as it was typed: the command line's parser makes numbers of digits, and a password `0123` is
 * not 123. @param flag such as `--password`
 */
export function textOption(flag: string, argv: readonly string[] = process.argv): string | undefined {
  const at = argv.findLastIndex((word) => word === flag || word.startsWith(`${flag}=`))
  const word = argv[at]
  if (word === undefined) return undefined
  return word === flag ? argv[at + 1] : word.slice(flag.length + 1)
}
