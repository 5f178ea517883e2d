// SPDX-License-Identifier: Apache-2.0
import type { SettingKind } from "../api/settings";
import { Icon } from "../components/icon";
import { PageHead } from "../components/layout";
import { SettingsTable } from "../components/settings-table";

const TEXTS = {
  configs: { title: "Configs", noun: "config", about: "Values that every device of the account can read." },
  secrets: {
    title: "Secrets",
    noun: "secret",
    about:
      "Values that every device of the account can read and nobody else. They are kept encrypted and never shown.",
  },
};

export default function SettingsPage({ kind }: { kind: SettingKind }) {
  const { title, noun, about } = TEXTS[kind];
  return (
    <SettingsTable
      key={kind}
      place={{ kind }}
      head={(add) => (
        <>
          <PageHead crumbs={[{ text: "Settings" }, { text: title }]} title={title}>
            {add && (
              <button type="button" className="button primary" onClick={add}>
                <Icon name="plus" /> Add a {noun}
              </button>
            )}
          </PageHead>
          <p className="about">{about}</p>
        </>
      )}
    />
  );
}
