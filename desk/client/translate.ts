/** A text of the interface, with `{0}`, `{1}` … replaced; the signature is Frappe's. */
export function __(text: string, replace: readonly (string | number)[] = []): string {
  return text.replace(/\{(\d+)\}/g, (placeholder, index: string) =>
    String(replace[Number(index)] ?? placeholder),
  )
}
