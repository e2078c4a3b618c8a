/** Whether one version, such as `1.4.0`, is newer than another; what stands after a hyphen comes before the release. */
export function newerThan(a: string, b: string): boolean {
  const [first, second] = [a, b].map((text) => {
    const [numbers = '', before] = text.split('+')[0]?.split(/-(.*)/s) ?? []
    return { numbers: numbers.split('.').map(Number), before: before ?? '' }
  })
  if (!first || !second) return false
  for (let at = 0; at < 3; at += 1) {
    const difference = (first.numbers[at] ?? 0) - (second.numbers[at] ?? 0)
    if (difference !== 0) return difference > 0
  }
  if (first.before === '' || second.before === '') return first.before === '' && second.before !== ''
  return first.before.localeCompare(second.before, 'en', { numeric: true }) > 0
}
