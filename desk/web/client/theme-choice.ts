const key = 'desk-theme'

/** Binds the theme radios of the user menu: the choice stays in this browser, `theme.js` applies it. */
export function bindThemeChoice(): void {
  const radios = document.querySelectorAll<HTMLInputElement>('input[name="desk-theme"]')
  const chosen = readChoice()
  for (const radio of radios) {
    radio.checked = radio.value === chosen
    radio.addEventListener('change', () => {
      keepChoice(radio.value)
      dispatchEvent(new Event(key))
    })
  }
}

function readChoice(): string {
  try {
    return localStorage.getItem(key) ?? 'system'
  } catch {
    return 'system'
  }
}

function keepChoice(theme: string): void {
  try {
    if (theme === 'system') localStorage.removeItem(key)
    else localStorage.setItem(key, theme)
  } catch {
    document.documentElement.dataset.theme = theme
  }
}
