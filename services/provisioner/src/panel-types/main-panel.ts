/** The panel of the environment: sellers with one panel never name it. */
export const mainPanel = 'main'

export const panelKinds = ['pterodactyl', 'pelican'] as const
export type PanelKind = (typeof panelKinds)[number]

/** The panel of the environment, as it says. */
export type MainPanel = { url: string; kind: PanelKind; token: string | undefined }

/** The panel field of an event: `main` is left out, as in events from before there were others. */
export function naming(panelId: string): { panel?: string } {
  return panelId === mainPanel ? {} : { panel: panelId }
}

/** Where a seller sets the address of a panel. */
export function addressSetting(panelId: string): string {
  return panelId === mainPanel ? 'PANEL_URL' : `the url of /admin/panels/${panelId}`
}

/** Where a seller sets of which kind a panel is. */
export function kindSetting(panelId: string): string {
  return panelId === mainPanel ? 'PANEL_KIND' : `the kind of /admin/panels/${panelId}`
}

/** Where a seller sets the key for a panel. */
export function keySetting(panelId: string): string {
  return panelId === mainPanel ? 'PANEL_TOKEN' : `the token of /admin/panels/${panelId}`
}

/** The request that replaces the key for a panel. */
export function keyRequest(panelId: string): string {
  return `PUT ${panelId === mainPanel ? '/admin/secrets/panel_token' : `/admin/panels/${panelId}`}`
}

/** The name of the secret that holds the key for a panel. */
export function keySecret(panelId: string): string {
  return panelId === mainPanel ? 'panel_token' : `panel_token/${panelId}`
}

/** The panel whose key a secret of this name is. */
export function panelOfSecret(name: string): string {
  return name.split('/')[1] ?? mainPanel
}
