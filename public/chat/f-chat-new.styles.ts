import { css } from 'lit'

export const newChatStyles = css`
  .head {
    gap: 6px;
    padding: 10px 6px 6px;
  }
  h2 {
    font-size: 15px;
    font-weight: 620;
  }
  .field {
    margin: 0 16px 8px;
    flex: none;
  }
  .chips {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    max-height: 96px;
    overflow-y: auto;
    padding: 0 16px 8px;
    flex: none;
  }
  .chip {
    display: flex;
    align-items: center;
    gap: 2px;
    max-width: 100%;
    height: 26px;
    padding-inline: 10px 3px;
    border-radius: var(--fc-radius-full);
    background: var(--fc-accent-soft);
    color: var(--fc-accent-text);
    font-size: var(--fc-text-sm);
    font-weight: 550;
  }
  .chip button {
    width: 20px;
    height: 20px;
    flex: none;
    display: grid;
    place-items: center;
    border-radius: 50%;
  }
  .chip button:hover {
    background: color-mix(in srgb, currentColor 14%, transparent);
  }
  .scroll {
    display: flex;
    flex-direction: column;
  }
  .scroll > .blank {
    flex: 1;
  }
  .row {
    padding: 7px 16px;
  }
  .main {
    display: grid;
    min-width: 0;
  }
  .name {
    font-weight: 550;
    font-size: 13.5px;
  }
  .line {
    color: var(--fc-text-muted);
    font-size: var(--fc-text-sm);
  }
  .tick {
    width: 18px;
    height: 18px;
    border-radius: 50%;
    display: grid;
    place-items: center;
    box-shadow: inset 0 0 0 1.5px var(--fc-line);
  }
  .tick.on {
    background: var(--fc-accent);
    color: var(--fc-on-accent);
    box-shadow: none;
  }
  .skeleton i {
    height: 9px;
    width: 42%;
    margin-block: 4px;
  }
  .skeleton i + i {
    width: 66%;
  }
  form {
    flex: none;
    padding: 12px 16px calc(12px + env(safe-area-inset-bottom));
    border-block-start: 1px solid var(--fc-line);
    display: grid;
    gap: 8px;
  }
  form .field {
    margin: 0;
  }
  .actions {
    display: flex;
    gap: 8px;
  }
  .actions .button {
    flex: none;
  }
  .actions .primary {
    flex: 1;
    min-width: 0;
  }
  .error {
    color: var(--fc-danger-text);
    overflow-wrap: anywhere;
  }
  .blank small {
    color: var(--fc-text-faint);
  }
  @media (width < 600px) {
    .row {
      padding-block: 10px;
    }
    .chip {
      height: 44px;
      padding-inline-end: 0;
    }
    .chip button {
      width: 44px;
      height: 44px;
    }
  }
`
